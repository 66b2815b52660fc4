// CLIENT: what is connected, and what one connection may ask of itself or do to others.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/client_description.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

void client_id(Call& call) { call.reply.integer(static_cast<std::int64_t>(call.session.id)); }

void client_getname(Call& call) {
  if (call.session.name.empty()) return call.reply.null();
  call.reply.bulk(call.session.name);
}

void client_setname(Call& call) {
  check_client_name(call.arg(2));
  call.session.name = call.arg(2);
  call.reply.ok();
}

constexpr Choice<std::string Session::*> kInformation[] = {{"lib-name", &Session::library_name},
                                                           {"lib-ver", &Session::library_version}};

void client_setinfo(Call& call) {
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  const std::string_view value = call.arg(3);
  const auto field = find_choice(call.arg(2), kInformation);
  if (!field) {
    throw Error("ERR Unrecognized option '" + std::string(call.arg(2)) + "'");
  }
  if (!std::all_of(value.begin(), value.end(), printable)) {
    throw Error("ERR " + std::string(call.arg(2)) +
                " cannot contain spaces, newlines or special characters.");
  }
  call.session.** field = value;
  call.reply.ok();
}

void client_info(Call& call) { call.reply.verbatim(describe_client(call.session) + "\n"); }

// "normal", "master", "replica", "pubsub"; here no client is a master.
std::string_view type_of(const Session& session) {
  if (session.replica != nullptr && session.replica->following) return "replica";
  return session.subscriptions.any() ? "pubsub" : "normal";
}

constexpr Choice<std::string_view> kTypes[] = {{"normal", "normal"},
                                               {"pubsub", "pubsub"},
                                               {"master", "master"},
                                               {"replica", "replica"},
                                               {"slave", "replica"}};

std::string_view to_type(std::string_view text) {
  const auto type = find_choice(text, kTypes);
  if (!type) throw Error("ERR Unknown client type '" + std::string(text) + "'");
  return *type;
}

// A session that was dropped is as good as gone, though its socket may not be closed yet.
void list_client(std::string& text, Session& session) {
  if (!session.dropped()) text += describe_client(session) + "\n";
}

void client_list(Call& call) {
  std::string text;
  ArgumentCursor args(call.args, 2);
  if (args.left() == 2 && args.take("TYPE")) {
    const std::string_view type = to_type(args.next());
    for (const auto& [id, session] : call.instance.sessions()) {
      if (type_of(*session) == type) list_client(text, *session);
    }
  } else if (args.take("ID", 1)) {
    while (args.more()) {
      const auto id = to_integer(args.next(), "ERR Invalid client ID");
      Session* session =
          id > 0 ? call.instance.session_by_id(static_cast<std::uint64_t>(id)) : nullptr;
      if (session != nullptr) list_client(text, *session);
    }
  } else {
    args.finish();
    for (const auto& [id, session] : call.instance.sessions()) list_client(text, *session);
  }
  call.reply.verbatim(text);
}

// ---- CLIENT KILL ----

struct KillFilter {
  std::optional<std::uint64_t> id;
  std::optional<std::string_view> address;
  std::optional<std::string_view> local_address;
  std::optional<std::string_view> type;
  std::optional<std::string_view> user;
  std::optional<std::int64_t> least_age_s;
  bool skip_me = true;
};

constexpr Choice<bool> kYesNo[] = {{"yes", true}, {"no", false}};

KillFilter parse_kill(Call& call) {
  KillFilter out;
  ArgumentCursor args(call.args, 2);
  while (args.more()) {
    if (args.take("ID")) {
      out.id = static_cast<std::uint64_t>(
          to_integer_in(args.next(), 1, kMaxInteger, "ERR client-id should be greater than 0"));
    } else if (args.take("TYPE")) {
      out.type = to_type(args.next());
    } else if (args.take("ADDR")) {
      out.address = args.next();
    } else if (args.take("LADDR")) {
      out.local_address = args.next();
    } else if (args.take("USER")) {
      out.user = args.next();
      if (call.instance.users().find(*out.user) == nullptr) {
        throw Error("ERR No such user '" + std::string(*out.user) + "'");
      }
    } else if (args.take("MAXAGE")) {
      out.least_age_s = to_integer(args.next(), "ERR maxage is not an integer or out of range");
      if (*out.least_age_s <= 0) throw Error("ERR maxage should be greater than 0");
    } else if (args.take("SKIPME")) {
      out.skip_me = to_choice(args.next(), kYesNo);
    } else {
      throw Error(errors::kSyntax);
    }
  }
  return out;
}

bool fits(Call& call, const KillFilter& filter, Session& session) {
  if (filter.skip_me && &session == &call.session) return false;
  if (filter.id && session.id != *filter.id) return false;
  if (filter.address && session.peer().address() != *filter.address) return false;
  if (filter.local_address && session.peer().local_address() != *filter.local_address) return false;
  if (filter.type && type_of(session) != *filter.type) return false;
  if (filter.user && (session.user == nullptr || session.user->name() != *filter.user))
    return false;
  if (filter.least_age_s && (call.now_ms - session.created_ms) / 1000 < *filter.least_age_s) {
    return false;
  }
  return true;
}

void kill(Call& call, Session& session) {
  if (&session == &call.session) {
    session.close_after_output();
  } else {
    session.drop();
  }
}

void client_kill(Call& call) {
  KillFilter filter;
  const bool by_address = call.size() == 3;
  if (by_address) {
    filter.address = call.arg(2);
    filter.skip_me = false;
  } else {
    filter = parse_kill(call);
  }
  std::int64_t killed = 0;
  for (const auto& [id, session] : call.instance.sessions()) {
    if (session->closing() || !fits(call, filter, *session)) continue;
    kill(call, *session);
    ++killed;
  }
  if (!by_address) return call.reply.integer(killed);
  if (killed == 0) throw Error("ERR No such client");
  call.reply.ok();
}

// ---- Replies, pauses, parked commands ----

constexpr Choice<ReplyMode> kReplyModes[] = {
    {"ON", ReplyMode::kOn}, {"OFF", ReplyMode::kOff}, {"SKIP", ReplyMode::kSkipNext}};

void client_reply(Call& call) {
  const ReplyMode mode = to_choice(call.arg(2), kReplyModes);
  ReplyMode& current = call.session.delivery.mode;
  if (mode == ReplyMode::kSkipNext && current == ReplyMode::kOff) return;
  current = mode;
  call.execution.outermost().silent = mode != ReplyMode::kOn;
  if (mode == ReplyMode::kOn) call.reply.ok();
}

constexpr Choice<Instance::PauseKind> kPauseKinds[] = {{"WRITE", Instance::PauseKind::kWrite},
                                                       {"ALL", Instance::PauseKind::kAll}};

void client_pause(Call& call) {
  auto kind = Instance::PauseKind::kAll;
  if (call.size() == 4) {
    kind = to_choice(call.arg(3), kPauseKinds, "ERR CLIENT PAUSE mode must be WRITE or ALL");
  }
  if (call.size() > 4) throw errors::wrong_subcommand("CLIENT", call.arg(1));
  const std::int64_t duration =
      to_integer(call.arg(2), "ERR timeout is not an integer or out of range");
  if (duration < 0) throw Error("ERR timeout is negative");
  std::int64_t until = 0;
  if (__builtin_add_overflow(call.now_ms, duration, &until)) {
    throw Error("ERR timeout is out of range");
  }
  call.instance.pause(kind, until);
  call.reply.ok();
}

void client_unpause(Call& call) {
  call.instance.unpause();
  call.reply.ok();
}

enum class Reason : std::uint8_t { kTimeout, kError };
constexpr Choice<Reason> kReasons[] = {{"TIMEOUT", Reason::kTimeout}, {"ERROR", Reason::kError}};

void client_unblock(Call& call) {
  auto reason = Reason::kTimeout;
  if (call.size() == 4) {
    reason =
        to_choice(call.arg(3), kReasons, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  } else if (call.size() > 4) {
    throw errors::wrong_subcommand("CLIENT", call.arg(1));
  }
  const std::int64_t id = to_integer(call.arg(2));
  Session* session = id > 0 ? call.instance.session_by_id(static_cast<std::uint64_t>(id)) : nullptr;
  if (session == nullptr || session->waiting.call == nullptr) return call.reply.integer(0);
  if (reason == Reason::kError) {
    call.instance.unblock(*session, [&](Reply& reply) {
      constexpr std::string_view kText = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
      call.instance.count_error(kText);
      reply.error(kText);
    });
  } else {
    call.instance.time_out(*session);
  }
  call.reply.integer(1);
}

constexpr Choice<bool> kSwitch[] = {{"ON", true}, {"OFF", false}};

void client_no_evict(Call& call) {
  call.session.no_evict = to_choice(call.arg(2), kSwitch);
  call.reply.ok();
}

void client_no_touch(Call& call) {
  call.session.no_touch = to_choice(call.arg(2), kSwitch);
  call.reply.ok();
}

// ---- CLIENT TRACKING ----

bool overlap(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  return a.substr(0, common) == b.substr(0, common);
}

void check_prefixes(const Session& session, const std::vector<std::string>& prefixes) {
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    for (const auto& known : session.tracking.prefixes) {
      if (!overlap(known, prefixes[i])) continue;
      throw Error("ERR Prefix '" + prefixes[i] + "' overlaps with an existing prefix '" + known +
                  "'. Prefixes for a single client must not overlap.");
    }
    for (std::size_t j = i + 1; j < prefixes.size(); ++j) {
      if (!overlap(prefixes[i], prefixes[j])) continue;
      throw Error("ERR Prefix '" + prefixes[i] + "' overlaps with another provided prefix '" +
                  prefixes[j] + "'. Prefixes for a single client must not overlap.");
    }
  }
}

void check_modes(const TrackingState& now, const TrackingState& wish) {
  if (now.on && now.broadcast != wish.broadcast) {
    throw Error(
        "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and "
        "then re-enabling it with a different mode.");
  }
  if (wish.broadcast && (wish.opt_in || wish.opt_out)) {
    throw Error("ERR OPTIN and OPTOUT are not compatible with BCAST");
  }
  if (wish.opt_in && wish.opt_out) {
    throw Error("ERR You can't specify both OPTIN mode and OPTOUT mode");
  }
  if ((wish.opt_in && now.opt_out) || (wish.opt_out && now.opt_in)) {
    throw Error(
        "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and "
        "then re-enabling it with a different mode.");
  }
}

void client_tracking(Call& call) {
  TrackingState wish;
  std::vector<std::string> prefixes;
  ArgumentCursor args(call.args, 3);
  while (args.more()) {
    if (args.take("REDIRECT", 1)) {
      if (wish.redirect != 0) {
        throw Error("ERR A client can only redirect to a single other client");
      }
      const std::int64_t id = to_integer(args.next());
      wish.redirect = static_cast<std::uint64_t>(id);
      if (call.instance.session_by_id(wish.redirect) == nullptr) {
        throw Error("ERR The client ID you want redirect to does not exist");
      }
    } else if (args.take("BCAST")) {
      wish.broadcast = true;
    } else if (args.take("OPTIN")) {
      wish.opt_in = true;
    } else if (args.take("OPTOUT")) {
      wish.opt_out = true;
    } else if (args.take("NOLOOP")) {
      wish.no_loop = true;
    } else if (args.take("PREFIX")) {
      prefixes.emplace_back(args.next());
    } else {
      throw Error(errors::kSyntax);
    }
  }
  Session& session = call.session;
  if (!to_choice(call.arg(2), kSwitch)) {
    call.instance.tracking().disable(call.instance, session);
    return call.reply.ok();
  }
  if (!wish.broadcast && !prefixes.empty()) {
    throw Error("ERR PREFIX option requires BCAST mode to be enabled");
  }
  check_modes(session.tracking, wish);
  if (wish.broadcast) check_prefixes(session, prefixes);
  wish.on = session.tracking.on;
  wish.prefixes = session.tracking.prefixes;
  session.tracking = wish;
  call.instance.tracking().enable(session, prefixes);
  call.reply.ok();
}

void client_caching(Call& call) {
  TrackingState& tracking = call.session.tracking;
  if (!tracking.on) {
    throw Error(
        "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or "
        "OPTOUT mode enabled");
  }
  const bool yes = to_choice(call.arg(2), kYesNo);
  if (yes && !tracking.opt_in) {
    throw Error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
  }
  if (!yes && !tracking.opt_out) {
    throw Error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
  }
  tracking.caching_given = true;
  call.reply.ok();
}

void client_getredir(Call& call) {
  const TrackingState& tracking = call.session.tracking;
  call.reply.integer(tracking.on ? static_cast<std::int64_t>(tracking.redirect) : -1);
}

void client_trackinginfo(Call& call) {
  const TrackingState& tracking = call.session.tracking;
  call.reply.map(3);
  call.reply.bulk("flags");
  std::vector<std::string_view> flags{tracking.on ? "on" : "off"};
  if (tracking.broadcast) flags.push_back("bcast");
  if (tracking.opt_in) flags.push_back("optin");
  if (tracking.opt_in && tracking.caching_given) flags.push_back("caching-yes");
  if (tracking.opt_out) flags.push_back("optout");
  if (tracking.opt_out && tracking.caching_given) flags.push_back("caching-no");
  if (tracking.no_loop) flags.push_back("noloop");
  if (tracking.broken_redirect) flags.push_back("broken_redirect");
  call.reply.set(flags.size());
  for (const auto flag : flags) call.reply.bulk(flag);
  call.reply.bulk("redirect");
  call.reply.integer(tracking.on ? static_cast<std::int64_t>(tracking.redirect) : -1);
  call.reply.bulk("prefixes");
  call.reply.array(tracking.prefixes.size());
  for (const auto& prefix : tracking.prefixes) call.reply.bulk(prefix);
}

void client_help(Call& call) {
  reply_help(call, {"CACHING (YES|NO)",
                    "    Whether the next command's keys are tracked.",
                    "GETNAME",
                    "    The name of this connection.",
                    "GETREDIR",
                    "    Where tracking messages of this connection go.",
                    "ID",
                    "    The id of this connection.",
                    "INFO",
                    "    This connection's line of LIST.",
                    "KILL <ip:port>",
                    "KILL <option> <value> [<option> <value> ...]",
                    "    Close connections. Options: ADDR, LADDR, TYPE, USER, ID, MAXAGE, SKIPME.",
                    "LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)] [ID <id> ...]",
                    "    One line per connection.",
                    "NO-EVICT (ON|OFF)",
                    "    Keep this connection when memory is short.",
                    "NO-TOUCH (ON|OFF)",
                    "    Do not count this connection's looks at keys as uses.",
                    "PAUSE <timeout> [WRITE|ALL]",
                    "    Hold commands for so many milliseconds.",
                    "REPLY (ON|OFF|SKIP)",
                    "    Whether commands are answered.",
                    "SETINFO <option> <value>",
                    "    Name the library: LIB-NAME, LIB-VER.",
                    "SETNAME <name>",
                    "    Name this connection.",
                    "TRACKING (ON|OFF) [options ...]",
                    "    Be told when keys that were read change.",
                    "TRACKINGINFO",
                    "    How this connection tracks.",
                    "UNBLOCK <id> [TIMEOUT|ERROR]",
                    "    End another connection's wait.",
                    "UNPAUSE",
                    "    End PAUSE."});
}

constexpr CommandFlags kPlain = kNoscript | kLoading | kStale;
constexpr CommandFlags kRule = kAdmin | kNoscript | kLoading | kStale;

constexpr Command row(std::string_view name, int arity, CommandFlags flags, std::string_view since,
                      std::string_view summary, Handler run, CommandTraits traits = {}) {
  return {.name = name,
          .arity = arity,
          .flags = flags,
          .group = Group::kConnection,
          .since = since,
          .summary = summary,
          .run = run,
          .traits = traits};
}

// clang-format off
constexpr Command kClientCommands[] = {
    row("client|caching", 3, kPlain, "6.0.0", "Tracks or skips the next command.",
        client_caching, kArmsNext),
    row("client|getname", 2, kPlain, "2.6.9", "Returns the connection's name.",
        client_getname),
    row("client|getredir", 2, kPlain, "6.0.0", "Returns where tracking messages go.",
        client_getredir),
    row("client|help", 2, kLoading | kStale, "5.0.0", "Lists the sub-commands.",
        client_help),
    row("client|id", 2, kPlain, "5.0.0", "Returns the connection's id.", client_id),
    row("client|info", 2, kPlain, "6.2.0", "Describes the connection.", client_info),
    row("client|kill", -3, kRule, "2.4.0", "Closes connections.", client_kill),
    row("client|list", -2, kRule, "2.4.0", "Describes all connections.", client_list),
    row("client|no-evict", 3, kRule, "7.0.0", "Keeps the connection when memory is short.",
        client_no_evict),
    row("client|no-touch", 3, kPlain, "7.2.0", "Looks at keys without using them.",
        client_no_touch),
    row("client|pause", -3, kRule, "3.0.0", "Holds commands for a while.", client_pause),
    row("client|reply", 3, kPlain, "3.2.0", "Turns replies on and off.", client_reply),
    row("client|setinfo", 4, kPlain, "7.2.0", "Names the client library.",
        client_setinfo),
    row("client|setname", 3, kPlain, "2.6.9", "Names the connection.", client_setname),
    row("client|tracking", -3, kPlain, "6.0.0", "Tells of changes of keys that were read.",
        client_tracking),
    row("client|trackinginfo", 2, kPlain, "6.2.0", "Describes the tracking.",
        client_trackinginfo),
    row("client|unblock", -3, kRule, "5.0.0", "Ends another connection's wait.",
        client_unblock),
    row("client|unpause", 2, kRule, "6.2.0", "Ends CLIENT PAUSE.", client_unpause),
};

constexpr Command kCommands[] = {
    {.name = "client", .arity = -2, .group = Group::kConnection, .since = "2.4.0",
     .summary = "Looks at connections and rules them.", .subcommands = kClientCommands},
};
// clang-format on

}  // namespace

std::span<const Command> client_commands() { return kCommands; }

}  // namespace bodega::redis
