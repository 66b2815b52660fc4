#include "server/redis/listener.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engines/base/log.h"
#include "engines/keyspace/engine.h"
#include "server/control/key_counts.h"
#include "server/net/listen.h"
#include "server/redis/loop.h"

namespace bodega::server {

RedisListener::RedisListener(RedisLoop& loop, asio::io_context& context, RedisEndpoint endpoint,
                             Metrics::Shard& metrics)
    : loop_(loop),
      keyspace_(std::move(endpoint.keyspace)),
      clock_(*endpoint.clock),
      tls_(endpoint.tls),
      metrics_(metrics),
      label_(std::move(endpoint.label)),
      key_counts_(endpoint.key_counts),
      options_(std::move(endpoint.options)),
      ended_(std::move(endpoint.ended)) {
  listen(context, endpoint.address);
  if (!endpoint.unix_place.path.empty()) {
    unix_door_.emplace(context, endpoint.unix_place);
    options_.unix_path = endpoint.unix_place.path;
    options_.unix_mode = endpoint.unix_place.mode;
  }
  options_.port = address().port;
  options_.bind = address().host;
  options_.pump = [this] { return pump(); };
  if (!options_.shutdown) options_.shutdown = [this] { end(); };
}

RedisListener::~RedisListener() {
  connections_.clear();
  instance_.reset();
  if (ended_) ended_();
}

// The nodes of a cluster have ports one after the other, unless the system chooses them.
void RedisListener::listen(asio::io_context& context, const Address& first) {
  const unsigned nodes = std::max(1U, options_.cluster.nodes());
  for (unsigned node = 0; node < nodes; ++node) {
    Address address = first;
    if (first.port != 0) address.port = static_cast<std::uint16_t>(first.port + node);
    Acceptor acceptor = listen_on(context, address, "--redis");
    address = address_of(acceptor);
    options_.cluster_ports.push_back(address.port);
    doors_.push_back({std::move(acceptor), std::move(address), static_cast<int>(node)});
  }
}

std::vector<Address> RedisListener::addresses() const {
  std::vector<Address> out;
  for (const Door& door : doors_) out.push_back(door.address);
  return out;
}

void RedisListener::start() {
  instance_.emplace(*keyspace_, clock_, std::move(options_));
  report_keys();
  for (Door& door : doors_) accept(door);
  accept_in_files();
}

void RedisListener::activate() { loop_.activate(*this); }

// ---- Connections ----

void RedisListener::accept(Door& door) {
  door.acceptor.async_accept([this, &door](const boost::system::error_code& error, Socket socket) {
    door.accepting = false;
    if (error == asio::error::operation_aborted || closed_) return;
    activate();
    if (error) {
      // Out of descriptors, say: tried at once again the loop would spin, so the timer tries again.
      log::warn("redis: cannot accept a connection: " + error.message());
      return;
    }
    adopt(door, std::move(socket));
    accept(door);
  });
  door.accepting = true;
}

void RedisListener::accept_in_files() {
  if (!unix_door_ || unix_door_->accepting()) return;
  unix_door_->accept([this](StreamSocket socket) {
    if (closed_) return;
    activate();
    adopt(doors_.front(), std::move(socket));
  });
}

void RedisListener::adopt(const Door& door, StreamSocket socket) {
  if (connections_.size() >= instance_->parameters().live().maxclients) {
    constexpr std::string_view kText = "-ERR max number of clients reached\r\n";
    boost::system::error_code error;
    socket.non_blocking(true, error);
    socket.write_some(asio::buffer(kText.data(), kText.size()), error);
    ++instance_->statistics().connections_rejected;
    return;
  }
  auto owner = std::make_unique<RedisConnection>(*this, std::move(socket));
  RedisConnection& connection = *owner;
  connection.session().cluster.node = door.node;
  connections_.emplace(&connection, std::move(owner));
  metrics_.connection_opened();
  connection.start();
}

void RedisListener::run_again(RedisConnection& connection) {
  if (std::exchange(connection.queued_again, true)) return;
  again_.push_back(&connection);
}

void RedisListener::closed(RedisConnection& connection) {
  dead_.push_back(&connection);
  metrics_.connection_closed();
}

void RedisListener::bury() {
  if (dead_.empty()) return;
  std::erase_if(dead_, [this](RedisConnection* connection) {
    if (!connection->finished()) return false;
    std::erase(again_, connection);
    connections_.erase(connection);
    return true;
  });
}

// ---- A tick ----

// Those that had more commands than the last tick's share. They come first, because a large request
// waits for a tick in which nothing was changed before it.
bool RedisListener::run_queued() {
  if (again_.empty()) return false;
  for (RedisConnection* connection : std::exchange(again_, {})) {
    if (instance_->tick_is_full()) {
      again_.push_back(connection);
      continue;
    }
    connection->queued_again = false;
    connection->process();
  }
  return true;
}

void RedisListener::run_resumed() {
  instance_->settle();
  for (auto resumed = instance_->take_resumed(); !resumed.empty();
       resumed = instance_->take_resumed()) {
    for (redis::Session* session : resumed) {
      static_cast<RedisConnection&>(session->peer()).process();
    }
  }
}

void RedisListener::finish_tick() {
  try {
    instance_->finish_tick();
    write_replies();
    read_again();
    instance_->stage_some();
    bury();
  } catch (const std::bad_alloc&) {
    log::error("redis: out of memory at the end of a tick");
  }
}

bool RedisListener::pump() { return loop_.pump(*this); }

void RedisListener::answer_meanwhile() {
  try {
    for (RedisConnection* connection : std::exchange(again_, {})) {
      connection->queued_again = false;
      connection->process();
    }
    for (redis::Session* session : instance_->take_touched()) {
      if (session->delivery.unsettled.empty() && session != instance_->current()) {
        static_cast<RedisConnection&>(session->peer()).flush();
      } else {
        later_.push_back(session);
      }
    }
    for (redis::Session* session : std::exchange(later_, {})) instance_->touch(*session);
    read_again();
  } catch (const std::bad_alloc&) {
    log::error("redis: out of memory while a script runs");
  }
}

void RedisListener::write_replies() {
  for (redis::Session* session : instance_->take_touched()) {
    static_cast<RedisConnection&>(session->peer()).flush();
  }
}

// After the replies of the whole tick, because a fast client's next command is there by then: a
// read that finds nothing costs a system call for each command.
void RedisListener::read_again() {
  for (RedisConnection* connection : idle_) connection->read();
  idle_.clear();
}

std::optional<std::int64_t> RedisListener::next_deadline_ms() const {
  const auto deadline = instance_->next_deadline_ms();
  if (!deadline) return std::nullopt;
  return std::max<std::int64_t>(*deadline - clock_.now_ms(), 0);
}

void RedisListener::run_cron() {
  for (Door& door : doors_) {
    if (!door.accepting) accept(door);
  }
  accept_in_files();
  instance_->run_cron();
}

// Whether CONFIG RESETSTAT came in between, as far as the counters show it: one of them went down.
bool RedisListener::is_reset(const Reported& before, const redis::CommandStatistics& now) {
  return now.calls < before.calls || now.failed < before.failed ||
         now.duration_us < before.duration_us;
}

// The counters of commands are the instance's; the difference since the last time is handed on.
void RedisListener::report_metrics() {
  const auto& slots = instance_->commands().slots();
  reported_.resize(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const redis::CommandStatistics& now = slots[i].statistics;
    Reported& before = reported_[i];
    if (is_reset(before, now)) before = {};
    if (now.calls > before.calls) {
      const observe::Batch batch{"redis", slots[i].row->name, now.calls - before.calls,
                                 now.failed - before.failed, now.duration_us - before.duration_us};
      metrics_.after(batch);
      for (observe::Observer* observer : instance_->options().observers) observer->after(batch);
    }
    before = {now.calls, now.failed, now.duration_us};
  }
  const redis::Statistics& statistics = instance_->statistics();
  if (statistics.bytes_in < reported_in_) reported_in_ = reported_out_ = 0;
  metrics_.add_received(statistics.bytes_in - reported_in_);
  metrics_.add_sent(statistics.bytes_out - std::min(reported_out_, statistics.bytes_out));
  reported_in_ = statistics.bytes_in;
  reported_out_ = statistics.bytes_out;
  report_keys();
}

void RedisListener::report_keys() {
  if (key_counts_ == nullptr) return;
  std::vector<KeyCounts::Database> databases;
  for (unsigned number = 0; number < keyspace_->database_count(); ++number) {
    const std::size_t keys = keyspace_->size(number);
    if (keys > 0) databases.push_back({number, keys, keyspace_->expiring_count(number)});
  }
  key_counts_->set(label_, std::move(databases));
}

// ---- The end ----

bool RedisListener::finished() const {
  return closed_ && connections_.empty() && !(unix_door_ && unix_door_->accepting()) &&
         std::none_of(doors_.begin(), doors_.end(),
                      [](const Door& door) { return door.accepting; });
}

// What was acknowledged or queued for sending goes out; then everyone is told by the close.
void RedisListener::close() {
  while (instance_->is_staging()) instance_->stage_some();
  finish_tick();
  report_metrics();
  ending_ = closed_ = true;
  boost::system::error_code error;
  for (Door& door : doors_) door.acceptor.close(error);
  if (unix_door_) unix_door_->close();
  std::vector<RedisConnection*> open;
  for (const auto& [connection, owner] : connections_) open.push_back(connection);
  for (RedisConnection* connection : open) connection->close();
  again_.clear();
  bury();
}

}  // namespace bodega::server
