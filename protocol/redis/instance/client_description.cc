#include "protocol/redis/instance/client_description.h"

#include <algorithm>

#include "engines/base/clock.h"
#include "protocol/redis/instance/instance.h"

namespace bodega::redis {
namespace {

std::string flags_of(const Session& session) {
  std::string flags;
  if (session.replica != nullptr && session.replica->following) flags += 'S';
  if (session.monitor) flags += 'O';
  if (session.subscriptions.any()) flags += 'P';
  if (session.transaction.open) flags += 'x';
  if (session.waiting.call != nullptr || session.waiting.for_pause || session.waiting.for_staging)
    flags += 'b';
  if (session.tracking.on) flags += 't';
  if (session.tracking.broken_redirect) flags += 'R';
  if (session.tracking.broadcast) flags += 'B';
  if (session.transaction.broken) flags += 'd';
  if (session.cluster.read_only) flags += 'r';
  if (session.dropped()) flags += 'A';
  if (session.closing() && !session.dropped()) flags += 'c';
  if (session.no_evict) flags += 'e';
  if (session.no_touch) flags += 'T';
  return flags.empty() ? "N" : flags;
}

std::int64_t redirect_of(const Session& session) {
  if (!session.tracking.on) return -1;
  return static_cast<std::int64_t>(session.tracking.redirect);
}

}  // namespace

void check_client_name(std::string_view name) {
  const bool fine =
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!fine) {
    throw Error("ERR Client names cannot contain spaces, newlines or special characters.");
  }
}

std::string describe_client(Session& session) {
  const std::int64_t now = session.instance().clock().now_ms();
  std::string line;
  const auto add = [&line](std::string_view name, const std::string& value) {
    if (!line.empty()) line += ' ';
    line.append(name).append("=").append(value);
  };
  add("id", std::to_string(session.id));
  add("addr", session.peer().address());
  add("laddr", session.peer().local_address());
  add("fd", std::to_string(session.peer().descriptor()));
  add("name", session.name);
  add("age", std::to_string((now - session.created_ms) / 1000));
  add("idle", std::to_string(std::max<std::int64_t>(now - session.last_active_ms, 0) / 1000));
  add("flags", flags_of(session));
  add("db", std::to_string(session.db));
  add("sub", std::to_string(session.subscriptions.channels.size()));
  add("psub", std::to_string(session.subscriptions.patterns.size()));
  add("ssub", std::to_string(session.subscriptions.shard_channels.size()));
  add("multi", session.transaction.open ? std::to_string(session.transaction.queue.size()) : "-1");
  add("qbuf", std::to_string(session.input_bytes()));
  add("qbuf-free", std::to_string(session.input_capacity() - session.input_bytes()));
  add("argv-mem", std::to_string(session.execution != nullptr ? session.input_bytes() : 0));
  add("multi-mem", std::to_string(session.transaction.queue_bytes));
  add("rbs", std::to_string(session.output().capacity()));
  add("rbp", "0");
  add("obl", "0");
  add("oll", session.delivery.unsent_bytes > 0 ? "1" : "0");
  add("omem", std::to_string(session.delivery.unsent_bytes));
  add("tot-mem", std::to_string(session.memory()));
  add("events", "r");
  add("cmd", session.last_command == nullptr ? "NULL" : std::string(session.last_command->name));
  add("user", session.user == nullptr ? "(superuser)" : session.user->name());
  add("redir", std::to_string(redirect_of(session)));
  add("resp", std::to_string(session.protocol));
  add("lib-name", session.library_name);
  add("lib-ver", session.library_version);
  return line;
}

}  // namespace bodega::redis
