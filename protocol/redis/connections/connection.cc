// The connection itself: HELLO, AUTH, SELECT, PING, QUIT, RESET.
#include <optional>
#include <string>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/access.h"
#include "protocol/redis/instance/client_description.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

void auth(Call& call) {
  if (call.size() > 3) throw Error(errors::kSyntax);
  if (call.size() == 2 && call.instance.users().default_user().no_password()) {
    throw Error(
        "ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your configuration is correct?");
  }
  log_in(call, call.size() == 3 ? call.arg(1) : AclUsers::kDefaultName, call.args.back());
  call.reply.ok();
}

void hide_auth(Args args, std::vector<std::string_view>& shown) {
  for (std::size_t i = 1; i < args.size(); ++i) shown[i] = kRedacted;
}

void hello(Call& call) {
  Session& session = call.session;
  int protocol = session.protocol;
  ArgumentCursor args(call.args, 1);
  if (args.more()) {
    const auto version =
        to_integer(args.next(), "ERR Protocol version is not an integer or out of range");
    if (version < 2 || version > 3) throw Error("NOPROTO unsupported protocol version");
    protocol = static_cast<int>(version);
  }
  std::optional<std::string_view> name;
  std::optional<std::string_view> user;
  std::string_view password;
  while (args.more()) {
    if (args.take("AUTH", 2)) {
      user = args.next();
      password = args.next();
    } else if (args.take("SETNAME", 1)) {
      name = args.next();
      check_client_name(*name);
    } else {
      throw Error("ERR Syntax error in HELLO option '" + std::string(args.next()) + "'");
    }
  }
  if (user) log_in(call, *user, password);
  if (must_log_in(session)) {
    throw Error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
        "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the "
        "RESP protocol version at the same time");
  }
  if (name) session.name = *name;
  session.protocol = protocol;
  call.reply.set_protocol(protocol);
  call.reply.map(7);
  call.reply.bulk("server");
  call.reply.bulk("redis");
  call.reply.bulk("version");
  call.reply.bulk(Instance::kVersion);
  call.reply.bulk("proto");
  call.reply.integer(protocol);
  call.reply.bulk("id");
  call.reply.integer(static_cast<std::int64_t>(session.id));
  call.reply.bulk("mode");
  const Cluster* const cluster = call.instance.cluster();
  const bool replica = cluster != nullptr && cluster->is_replica(session.cluster.node);
  call.reply.bulk(cluster == nullptr ? "standalone" : "cluster");
  call.reply.bulk("role");
  call.reply.bulk(replica ? "replica" : "master");
  call.reply.bulk("modules");
  call.reply.array(0);
}

// Also where the user name was forgotten and the password stands in its place.
void hide_hello_auth(Args args, std::vector<std::string_view>& shown) {
  for (std::size_t i = 1; i < args.size(); ++i) {
    if (!is_word(args[i], "AUTH")) continue;
    for (std::size_t j = i + 1; j < args.size() && j <= i + 2; ++j) shown[j] = kRedacted;
    return;
  }
}

void ping(Call& call) {
  if (call.size() > 2) throw errors::wrong_arity("ping");
  const std::string_view text = call.size() == 2 ? call.arg(1) : std::string_view{};
  if (call.session.protocol == 2 && call.session.subscriptions.any()) {
    call.reply.array(2);
    call.reply.bulk("pong");
    return call.reply.bulk(text);
  }
  if (call.size() == 1) return call.reply.simple("PONG");
  call.reply.bulk(text);
}

void echo(Call& call) { call.reply.bulk(call.arg(1)); }

void select(Call& call) {
  const std::int64_t db = to_int(call.arg(1));
  if (db != 0 && call.instance.cluster() != nullptr) {
    throw Error("ERR SELECT is not allowed in cluster mode");
  }
  if (db < 0 || db >= static_cast<std::int64_t>(call.keyspace.database_count())) {
    throw Error(errors::kDbIndexOutOfRange);
  }
  call.session.db = static_cast<unsigned>(db);
  call.reply.ok();
}

void quit(Call& call) {
  call.reply.ok();
  call.session.close_after_output();
}

void reset(Call& call) {
  Session& session = call.session;
  call.instance.leave_transaction(session);
  call.instance.channels().unsubscribe_all(session);
  call.instance.tracking().disable(call.instance, session);
  call.instance.stop_monitor(session);
  session.delivery.mode = ReplyMode::kOn;
  call.execution.silent = false;
  session.name.clear();
  session.no_evict = session.no_touch = false;
  session.db = 0;
  session.cluster = {.node = session.cluster.node};
  session.protocol = 2;
  log_out(session);
  call.reply.set_protocol(2);
  call.reply.simple("RESET");
}

constexpr CommandFlags kOpen = kNoAuth | kNoscript | kLoading | kStale | kFast | kAllowBusy;

// clang-format off
constexpr Command kCommands[] = {
    {.name = "auth", .arity = -2, .flags = kOpen, .group = Group::kConnection,
     .since = "1.0.0", .summary = "Logs a connection in.", .run = auth, .redact = hide_auth},
    {.name = "hello", .arity = -1, .flags = kOpen, .group = Group::kConnection,
     .since = "6.0.0", .summary = "Chooses the protocol and introduces both sides.",
     .run = hello, .redact = hide_hello_auth},
    {.name = "ping", .arity = -1, .flags = kFast, .group = Group::kConnection, .since = "1.0.0",
     .summary = "Answers PONG, or its argument.", .run = ping,
     .traits = kWhileSubscribed | kShowsFault},
    {.name = "echo", .arity = 2, .flags = kFast | kLoading | kStale, .group = Group::kConnection,
     .since = "1.0.0", .summary = "Answers its argument.", .run = echo},
    {.name = "select", .arity = 2, .flags = kLoading | kStale | kFast,
     .group = Group::kConnection, .since = "1.0.0", .summary = "Chooses the database.",
     .run = select},
    {.name = "quit", .arity = -1, .flags = kOpen, .group = Group::kConnection,
     .since = "1.0.0", .summary = "Ends the connection.", .run = quit,
     .traits = kAtOnceInMulti | kWhileSubscribed},
    {.name = "reset", .arity = 1, .flags = kOpen, .group = Group::kConnection,
     .since = "6.2.0", .summary = "Makes the connection as if it were new.", .run = reset,
     .traits = kAtOnceInMulti | kWhileSubscribed},
};
// clang-format on

}  // namespace

std::span<const Command> connection_commands() { return kCommands; }

}  // namespace bodega::redis
