#include "protocol/redis/instance/instance.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engines/base/random.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/access.h"
#include "protocol/redis/instance/eviction.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

// What an expiry round of run_cron() removes at most, and how many such rounds it makes while there
// is more: a bound on how long a tick may take.
constexpr std::size_t kExpireBudget = 1000;
constexpr int kExpireRounds = 20;
constexpr std::size_t kTidyBudget = 10000;
constexpr std::int64_t kTidyUs = 5000;

constexpr std::int64_t kSampleEveryMs = 100;

std::string in_octal(unsigned value) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), value, 8).ptr;
  return {digits.begin(), end};
}

}  // namespace

// Hears of the engine's changes. Engine calls come from inside a change, so nothing here calls it
// back.
class Instance::Observer : public keyspace::Observer {
 public:
  explicit Observer(Instance& instance) : instance_(instance) {}

  void key_touched(unsigned db, std::string_view key) override {
    instance_.watches_.changed(db, key);
    instance_.tracking_.key_changed(instance_, key);
    instance_.blocking_.key_changed(db, key);
  }

  void key_created(unsigned db, std::string_view key, keyspace::Type) override {
    instance_.blocking_.key_ready(db, key);
    instance_.notify(db, kNotifyNew, "new", key);
  }

  void key_expired(unsigned db, std::string_view key) override {
    ++instance_.statistics_.expired_keys;
    instance_.replicas_.removed(db, key);
    instance_.notify(db, kNotifyExpired, "expired", key);
  }

  void fields_expired(unsigned db, std::string_view key, std::span<const std::string> fields,
                      keyspace::Closed closed) override {
    instance_.statistics_.expired_fields += fields.size();
    instance_.replicas_.fields_removed(db, key, fields);
    instance_.notify(db, kNotifyHash, "hexpired", key);
    if (closed == keyspace::Closed::kRemoved) instance_.notify(db, kNotifyGeneric, "del", key);
  }

  void database_flushed(unsigned db) override { instance_.blocking_.all_changed(db); }
  void databases_swapped(unsigned a, unsigned b) override {
    instance_.blocking_.all_ready(a);
    instance_.blocking_.all_ready(b);
  }

  // Who read what is lost must read again, and who waits for the key may find it there again.
  void key_restored(unsigned db, std::string_view key) override {
    key_touched(db, key);
    instance_.blocking_.key_ready(db, key);
  }

  void all_restored() override {
    for (unsigned db = 0; db < instance_.engine_.database_count(); ++db) {
      instance_.watches_.changed_all(db, [](std::string_view) { return true; });
      instance_.blocking_.all_ready(db);
    }
    instance_.tracking_.flushed(instance_);
    if (instance_.script_host != nullptr) instance_.script_host->libraries_changed();
  }

 private:
  Instance& instance_;
};

Instance::Instance(keyspace::Engine& engine, const base::Clock& clock, InstanceOptions options)
    : engine_(engine),
      clock_(clock),
      options_(std::move(options)),
      observer_(std::make_unique<Observer>(*this)),
      started_ms_(clock.now_ms()),
      run_id_(base::random_string(40, "0123456789abcdef")),
      sample_ms_(clock.now_ms()) {
  parameters_.preset("port", std::to_string(options_.port));
  parameters_.preset("bind", options_.bind);
  parameters_.preset("databases", std::to_string(engine.database_count()));
  if (!options_.data_directory.empty()) parameters_.preset("dir", options_.data_directory);
  parameters_.preset("dbfilename", options_.snapshot_file);
  parameters_.preset("appendonly", options_.persistent ? "yes" : "no");
  parameters_.preset("requirepass", options_.password);
  parameters_.preset("aclfile", options_.acl_file);
  parameters_.preset("unixsocket", options_.unix_path);
  parameters_.preset("unixsocketperm", in_octal(options_.unix_mode));
  for (const auto& [name, value] : options_.parameters) {
    parameters_.set(std::vector<std::string_view>{name, value});
  }
  apply_parameters();
  users_.set_default_password(options_.password);
  if (!options_.acl_file.empty()) {
    users_.replace(users_.from_lines(options_.acl_lines, options_.acl_file));
  }
  snapshots.last_save_s = started_ms_ / 1000;
  snapshots.saved_changes = engine.change_count();
  engine_.set_now(started_ms_);
  engine_.set_observer(observer_.get());
  tick_changes_ = engine_.change_count();
  if (options_.cluster.shards > 0) {
    preset_cluster();
    cluster_ = std::make_unique<Cluster>(*this, options_.cluster, options_.cluster_ports);
  }
}

void Instance::preset_cluster() {
  parameters_.preset("cluster-enabled", "yes");
  const std::string& host = options_.cluster_announce;
  if (host == "unknown") {
    parameters_.preset("cluster-preferred-endpoint-type", "unknown-endpoint");
  } else if (host.find_first_not_of("0123456789.") == std::string::npos ||
             host.find(':') != std::string::npos) {
    parameters_.preset("cluster-announce-ip", host);
  } else {
    parameters_.preset("cluster-announce-hostname", host);
    parameters_.preset("cluster-preferred-endpoint-type", "hostname");
  }
}

Instance::~Instance() { engine_.set_observer(nullptr); }

void Instance::observe(Heard heard) {
  engine_.set_observer(heard == Heard::kYes ? observer_.get() : nullptr);
}

void Instance::apply_parameters() {
  keyspace::Limits& limits = engine_.limits();
  const auto size = [&](std::string_view name) {
    return static_cast<std::size_t>(parameters_.number(name));
  };
  limits.hash_max_listpack_entries = size("hash-max-listpack-entries");
  limits.hash_max_listpack_value = size("hash-max-listpack-value");
  limits.set_max_intset_entries = size("set-max-intset-entries");
  limits.set_max_listpack_entries = size("set-max-listpack-entries");
  limits.set_max_listpack_value = size("set-max-listpack-value");
  limits.list_reports_listpack = true;
  if (parameters_.text("compatibility") == "7.0") {
    limits.set_max_listpack_entries = 0;
    limits.list_reports_listpack = false;
  }
  limits.zset_max_listpack_entries = size("zset-max-listpack-entries");
  limits.zset_max_listpack_value = size("zset-max-listpack-value");
  limits.list_max_listpack_size = parameters_.number("list-max-listpack-size");
  limits.stream_node_max_bytes = size("stream-node-max-bytes");
  limits.stream_node_max_entries = size("stream-node-max-entries");
  engine_.set_access_policy(parameters_.live().lfu ? keyspace::AccessPolicy::kLfu
                                                   : keyspace::AccessPolicy::kLru);
  slow_commands_.trim(parameters_.live().slowlog_max_len);
  users_.set_default_channels(parameters_.text("acl-pubsub-default") == "allchannels"
                                  ? AclSelector::Channels::kAll
                                  : AclSelector::Channels::kNone);
  tracking_.limit(*this, parameters_.live().tracking_table_max_keys);
}

// ---- Sessions ----

void Instance::register_session(Session& session) {
  session.id = next_session_id_++;
  log_out(session);
  session.created_ms = session.last_active_ms = clock_.now_ms();
  sessions_.emplace(session.id, &session);
  ++statistics_.connections_received;
}

void Instance::unregister_session(Session& session) {
  if (session.waiting.call != nullptr) blocking_.unpark(session);
  watches_.unwatch_all(session);
  channels_.unsubscribe_all(session);
  tracking_.disable(*this, session);
  stop_monitor(session);
  replicas_.forget(session);
  sessions_.erase(session.id);
  std::erase(answered_, &session);
  std::erase(held_, &session);
  if (session.delivery.is_touched) std::erase(touched_, &session);
  if (session.waiting.is_resumed) std::erase(resumed_, &session);
}

Session* Instance::session_by_id(std::uint64_t id) const {
  const auto place = sessions_.find(id);
  return place == sessions_.end() ? nullptr : place->second;
}

void Instance::start_monitor(Session& session) {
  if (!session.monitor) ++monitors_;
  session.monitor = true;
}

void Instance::stop_monitor(Session& session) {
  if (session.monitor) --monitors_;
  session.monitor = false;
}

void Instance::touch(Session& session) {
  if (session.delivery.is_touched) return;
  session.delivery.is_touched = true;
  touched_.push_back(&session);
}

void Instance::resume(Session& session) {
  if (session.waiting.is_resumed) return;
  session.waiting.is_resumed = true;
  resumed_.push_back(&session);
}

std::vector<Session*> Instance::take_touched() {
  for (Session* session : touched_) session->delivery.is_touched = false;
  return std::exchange(touched_, {});
}

std::vector<Session*> Instance::take_resumed() {
  for (Session* session : resumed_) session->waiting.is_resumed = false;
  return std::exchange(resumed_, {});
}

void Instance::enforce_output_limit(Session& session) {
  const LiveParameters& live = parameters_.live();
  const bool follows = session.replica != nullptr && session.replica->following;
  const OutputLimit& limit = follows                       ? live.replica_output
                             : session.subscriptions.any() ? live.pubsub_output
                                                           : live.normal_output;
  std::size_t bytes = session.output().size() + session.delivery.unsent_bytes;
  if (follows) bytes -= std::min(bytes, session.replica->snapshot_bytes);
  bool beyond = limit.hard_bytes > 0 && bytes > limit.hard_bytes;
  if (limit.soft_bytes > 0 && bytes > limit.soft_bytes) {
    const std::int64_t now = engine_.now_ms();
    if (session.delivery.soft_limit_since_ms == 0) session.delivery.soft_limit_since_ms = now;
    beyond |= now - session.delivery.soft_limit_since_ms > limit.soft_seconds * 1000;
  } else {
    session.delivery.soft_limit_since_ms = 0;
  }
  if (!beyond || session.closing()) return;
  ++statistics_.client_output_limit_disconnections;
  session.drop();
}

// ---- Time ----

std::optional<std::int64_t> Instance::next_deadline_ms() const {
  auto next = blocking_.next_deadline_ms();
  if (pause_kind_ != PauseKind::kNone && (!next || pause_until_ms_ < *next)) {
    next = pause_until_ms_;
  }
  return next;
}

void Instance::run_deadlines() {
  const std::int64_t now = clock_.now_ms();
  engine_.set_now(now);
  paused_now();
  for (Session* session : blocking_.due(now)) {
    time_out(*session);
  }
}

void Instance::time_out(Session& parked) {
  const Call::OnTimeout kind = parked.waiting.call->on_timeout;
  const std::int64_t replicas = replicas_.count_at(parked.written_offset);
  unblock(parked, [kind, replicas](Reply& reply) {
    switch (kind) {
      case Call::OnTimeout::kNull: return reply.null();
      case Call::OnTimeout::kNullArray: return reply.null_array();
      case Call::OnTimeout::kReplicaCount: return reply.integer(replicas);
    }
  });
}

void Instance::serve_waits() {
  if (blocking_.session_count() == 0) return;
  for (const auto& [id, session] : sessions_) {
    const BlockedCall* const call = session->waiting.call.get();
    if (call == nullptr || call->kind != BlockOn::kReplicas) continue;
    const std::int64_t there = replicas_.count_at(session->written_offset);
    if (there < to_integer(call->args[1])) continue;
    unblock(*session, [there](Reply& reply) { reply.integer(there); });
  }
}

void Instance::run_cron() {
  const std::int64_t now = clock_.now_ms();
  engine_.set_now(now);
  if (!fault_.empty() || engine_.in_doubt()) try_to_recover();
  const bool writable = fault_.empty() && !engine_.in_doubt();
  if (writable && paused_now() == PauseKind::kNone && active_expiry) {
    const std::int64_t started = clock_.now_us();
    for (int i = 0; i < kExpireRounds && engine_.expire_some(kExpireBudget) == kExpireBudget; ++i) {
    }
    statistics_.expire_cycle_us += static_cast<std::uint64_t>(clock_.now_us() - started);
  }
  // What tidying finds to be removed from the store is a write.
  if (writable || engine_.store_out_of_room()) tidy();
  if (writable && paused_now() == PauseKind::kNone) evict_if_needed(*this);
  settle();
  peak_memory();
  replicas_.run_cron(*this, now);
  if (now - sample_ms_ >= kSampleEveryMs) {
    const auto commands = static_cast<double>(statistics_.commands_processed - sample_commands_);
    samples_[sample_index_++ % samples_.size()] =
        commands * 1000.0 / static_cast<double>(now - sample_ms_);
    sample_ms_ = now;
    sample_commands_ = statistics_.commands_processed;
  }
  const std::int64_t idle_ms = parameters_.live().timeout_s * 1000;
  client_bytes_ = 0;
  for (const auto& [id, session] : sessions_) {
    client_bytes_ += session->memory();
    if (session->delivery.unsent_bytes > 0) enforce_output_limit(*session);
    if (idle_ms > 0 && now - session->last_active_ms > idle_ms &&
        session->waiting.call == nullptr && !session->subscriptions.any() && !session->monitor &&
        session->replica == nullptr) {
      session->drop();
    }
  }
}

// Several times while there is much, so that a million keys that were flushed are gone in seconds.
void Instance::tidy() {
  const std::int64_t until_us = clock_.now_us() + kTidyUs;
  while (engine_.tidy_some(kTidyBudget) && clock_.now_us() < until_us) {
  }
}

std::uint64_t Instance::used_memory() const {
  return kStartupBytes + engine_.used_memory() + client_bytes_;
}

std::uint64_t Instance::peak_memory() {
  peak_bytes_ = std::max(peak_bytes_, used_memory());
  return peak_bytes_;
}

double Instance::operations_per_second() const {
  double sum = 0;
  for (const double sample : samples_) sum += sample;
  return sum / static_cast<double>(samples_.size());
}

// ---- CLIENT PAUSE ----

void Instance::pause(PauseKind kind, std::int64_t until_ms) {
  // The stricter kind and the later end win over what is in force.
  if (paused_now() != PauseKind::kNone) {
    if (pause_kind_ == PauseKind::kAll) kind = PauseKind::kAll;
    until_ms = std::max(until_ms, pause_until_ms_);
  }
  pause_kind_ = kind;
  pause_until_ms_ = until_ms;
  hold_expiry();
}

void Instance::unpause() {
  pause_kind_ = PauseKind::kNone;
  pause_until_ms_ = 0;
  hold_expiry();
  for (const auto& [id, session] : sessions_) {
    if (!session->waiting.for_pause) continue;
    session->waiting.for_pause = false;
    resume(*session);
  }
}

Instance::PauseKind Instance::paused_now() {
  if (pause_kind_ != PauseKind::kNone && engine_.now_ms() >= pause_until_ms_) unpause();
  return pause_kind_;
}

std::size_t Instance::paused_count() const {
  return static_cast<std::size_t>(
      std::count_if(sessions_.begin(), sessions_.end(),
                    [](const auto& entry) { return entry.second->waiting.for_pause; }));
}

// ---- Changes ----

void Instance::notify(unsigned db, NotifyClass event_class, std::string_view event,
                      std::string_view key) {
  const NotifyClasses wanted = parameters_.live().notify;
  if (!wanted.has(event_class)) return;
  const std::string database = std::to_string(db);
  // Of a cluster, the nodes that have the key tell of it, and no others.
  const auto hears = [&](const Session& session) {
    return cluster_ == nullptr || cluster_->has_existing_key(session.cluster.node, key);
  };
  if (wanted.has(kNotifyKeyspace)) {
    channels_.publish_to("__keyspace@" + database + "__:" + std::string(key), event, hears);
  }
  if (wanted.has(kNotifyKeyevent)) {
    channels_.publish_to("__keyevent@" + database + "__:" + std::string(event), key, hears);
  }
}

void Instance::flush(unsigned db) {
  break_watches(db);
  engine_.flush(db);
  tracking_.flushed(*this);
}

void Instance::flush_all() {
  for (unsigned db = 0; db < engine_.database_count(); ++db) break_watches(db);
  engine_.flush_all();
  tracking_.flushed(*this);
}

void Instance::break_watches(unsigned db) {
  watches_.changed_all(db, [&](std::string_view key) { return engine_.exists(db, key); });
}

void Instance::swap_databases(unsigned first, unsigned second) {
  const auto in_either = [&](std::string_view key) {
    return engine_.exists(first, key) || engine_.exists(second, key);
  };
  watches_.changed_all(first, in_either);
  watches_.changed_all(second, in_either);
  engine_.swap(first, second);
}

void Instance::count_error(std::string_view text) {
  ++statistics_.error_replies;
  const std::string_view code = text.substr(0, text.find(' '));
  const auto place = statistics_.errors.find(code);
  if (place != statistics_.errors.end()) {
    ++place->second;
  } else if (statistics_.errors.size() < kMaxErrorCodes) {
    statistics_.errors.emplace(code, 1);
  }
}

}  // namespace bodega::redis
