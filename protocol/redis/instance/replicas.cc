#include "protocol/redis/instance/replicas.h"

#include <algorithm>

#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/snapshots.h"

namespace bodega::redis {

// The oldest version that any replica of Redis 7 may read.
constexpr RdbForm kSnapshotForm{.version = kRdbVersion70};

std::string address_of_replica(const Session& session) {
  if (!session.replica->address.empty()) return session.replica->address;
  const std::string address = session.peer().address();
  return address.substr(0, address.rfind(':'));
}

std::string port_of_replica(const Session& session) {
  return session.replica->port.empty() ? "0" : session.replica->port;
}

void Replicas::begin(Instance& instance, Session& session, std::string& out) {
  send(instance);
  stream_.limit_backlog(
      static_cast<std::size_t>(instance.parameters().number("repl-backlog-size")));
  stream_.listen();
  std::string snapshot;
  put_snapshot(instance, kSnapshotForm, [&](std::string_view piece) { snapshot += piece; });
  out += '$' + std::to_string(snapshot.size()) + "\r\n";
  out += snapshot;
  session.replica->snapshot_bytes = snapshot.size();
  ++full_;
  follow(instance, session);
}

bool Replicas::resume(Instance& instance, Session& session, std::string_view id,
                      std::int64_t offset, std::string& out) {
  send(instance);
  const bool is_ours = id == stream_.id() && offset >= 1;
  const auto kept = is_ours ? stream_.since(static_cast<std::uint64_t>(offset) - 1) : std::nullopt;
  if (!kept) {
    if (id != "?") ++refused_;
    return false;
  }
  ++resumed_;
  out += "+CONTINUE " + stream_.id() + "\r\n";
  out += *kept;
  follow(instance, session);
  return true;
}

void Replicas::follow(Instance& instance, Session& session) {
  ReplicaState& state = *session.replica;
  state.confirmed_ms = last_seen_ms_ = instance.keyspace().now_ms();
  state.confirmed = 0;
  if (state.following || state.snapshot_only) return;
  if (sessions_.empty()) pinged_ms_ = last_seen_ms_;
  state.following = true;
  stream_.name_database();
  sessions_.push_back(&session);
}

void Replicas::forget(Session& session) { std::erase(sessions_, &session); }

std::uint64_t Replicas::changes(const keyspace::Engine& keyspace) const {
  return keyspace.change_count() - expired_;
}

void Replicas::ran(const Call& call, std::uint64_t changes_before, std::size_t answer_at) {
  if (!stream_.listened() || call.execution.ran_others || call.execution.parked) return;
  const bool by_script = call.execution.origin == Execution::Origin::kScript;
  if (by_script && !call.execution.outer->script->replicated) return;
  const bool changed = changes(call.keyspace) != changes_before;
  if (changed || is_always_replicated(call.command)) stream_.ran(call, call.reply.text(answer_at));
}

void Replicas::removed(unsigned db, std::string_view key) {
  ++expired_;
  if (stream_.listened()) stream_.removed(db, key);
}

void Replicas::fields_removed(unsigned db, std::string_view key,
                              std::span<const std::string> fields) {
  ++expired_;
  if (stream_.listened()) stream_.fields_removed(db, key, fields);
}

void Replicas::send_for(Instance& instance, Session& session) {
  const std::uint64_t before = stream_.offset();
  send(instance);
  if (stream_.offset() != before) session.written_offset = stream_.offset();
}

void Replicas::send(Instance&) {
  if (!stream_.listened()) return;
  const std::string bytes = stream_.take();
  if (bytes.empty()) return;
  for (Session* session : sessions_) session->push(bytes);
}

void Replicas::confirmed(Instance& instance, Session& session, std::uint64_t offset) {
  ReplicaState& state = *session.replica;
  state.confirms = true;
  state.confirmed = std::max(state.confirmed, offset);
  state.confirmed_ms = instance.keyspace().now_ms();
  instance.serve_waits();
}

std::int64_t Replicas::count_at(std::uint64_t offset) const {
  return std::count_if(sessions_.begin(), sessions_.end(), [offset](const Session* session) {
    return session->replica->confirms && session->replica->confirmed >= offset;
  });
}

bool Replicas::are_too_few(Instance& instance) const {
  const std::int64_t wanted = instance.parameters().live().min_replicas_to_write;
  if (wanted == 0) return false;
  const std::int64_t since_ms =
      instance.keyspace().now_ms() - instance.parameters().number("min-replicas-max-lag") * 1000;
  return wanted > std::count_if(sessions_.begin(), sessions_.end(), [=](const Session* session) {
           return session->replica->confirms && session->replica->confirmed_ms >= since_ms;
         });
}

void Replicas::ask(Instance& instance) {
  if (!stream_.listened()) return;
  stream_.say({"REPLCONF", "GETACK", "*"});
  send(instance);
}

void Replicas::run_cron(Instance& instance, std::int64_t now_ms) {
  if (!stream_.listened()) return;
  const Parameters& parameters = instance.parameters();
  if (!sessions_.empty()) {
    last_seen_ms_ = now_ms;
    if (now_ms - pinged_ms_ >= parameters.number("repl-ping-replica-period") * 1000) {
      pinged_ms_ = now_ms;
      stream_.say({"PING"});
    }
  } else if (now_ms - last_seen_ms_ > parameters.number("repl-backlog-ttl") * 1000) {
    stream_.stop();
  }
  send(instance);
  const std::int64_t most_ms = parameters.number("repl-timeout") * 1000;
  for (Session* session : sessions_) {
    const ReplicaState& state = *session->replica;
    if (state.confirms && now_ms - state.confirmed_ms > most_ms) session->drop();
  }
}

void Replicas::drop_all() {
  for (Session* session : sessions_) session->drop();
  stream_.stop();
}

}  // namespace bodega::redis
