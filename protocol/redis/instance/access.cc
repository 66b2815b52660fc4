#include "protocol/redis/instance/access.h"

#include <algorithm>
#include <utility>

#include "protocol/redis/instance/client_description.h"
#include "protocol/redis/instance/instance.h"

namespace bodega::redis {
namespace {

AclLog::Reason reason_of(Denial denial) {
  switch (denial) {
    case Denial::kNone:
    case Denial::kCommand: return AclLog::Reason::kCommand;
    case Denial::kKey: return AclLog::Reason::kKey;
    case Denial::kChannel: return AclLog::Reason::kChannel;
  }
  return AclLog::Reason::kCommand;
}

void count(Statistics& statistics, AclLog::Reason reason) {
  switch (reason) {
    case AclLog::Reason::kCommand: ++statistics.denied_commands; break;
    case AclLog::Reason::kKey: ++statistics.denied_keys; break;
    case AclLog::Reason::kChannel: ++statistics.denied_channels; break;
    case AclLog::Reason::kAuthentication: ++statistics.denied_logins; break;
  }
}

void note_denial(Session& session, AclLog::Reason reason, AclLog::Context context,
                 std::string_view user, std::string_view object) {
  Instance& instance = session.instance();
  count(instance.statistics(), reason);
  instance.acl_log().add({.reason = reason,
                          .context = context,
                          .object = std::string(object),
                          .user = std::string(user),
                          .client = describe_client(session)},
                         instance.clock().now_ms(), instance.parameters().live().acllog_max_len);
}

// The reason that EXEC gives for a command that was allowed when it was queued.
std::string_view reason_in_exec(Denial denial) {
  switch (denial) {
    case Denial::kNone:
    case Denial::kCommand: return "no permission to execute the command or subcommand";
    case Denial::kKey: return "no permission to touch the specified keys";
    case Denial::kChannel:
      return "no permission to access one of the channels used as arguments to the command";
  }
  return "";
}

bool allows_subscriptions(const AclUser& user, const Subscriptions& subscriptions) {
  using Form = AclSelector::ChannelForm;
  const auto allowed = [&user](std::string_view channel, Form form) {
    return std::any_of(
        user.selectors().begin(), user.selectors().end(),
        [&](const AclSelector& selector) { return selector.allows_channel(channel, form); });
  };
  const auto all = [&allowed](const auto& channels, Form form) {
    return std::all_of(channels.begin(), channels.end(),
                       [&](const std::string& channel) { return allowed(channel, form); });
  };
  return all(subscriptions.patterns, Form::kPattern) && all(subscriptions.channels, Form::kName) &&
         all(subscriptions.shard_channels, Form::kName);
}

// The session whose command does it gets its reply first.
void disconnect(const Call& call, Session& session) {
  if (&session == &call.session) return session.close_after_output();
  session.drop();
}

void disconnect_revoked(const Call& call, const AclUser& before, const AclUser& after) {
  for (const auto& [id, session] : call.instance.sessions()) {
    if (session->user == &before && !allows_subscriptions(after, session->subscriptions)) {
      disconnect(call, *session);
    }
  }
}

// Its user is gone: until it is closed it is nobody in particular, who may do nothing.
void abandon(const Call& call, Session& session) {
  disconnect(call, session);
  session.user = &call.instance.users().default_user();
  session.authenticated = false;
}

}  // namespace

bool must_log_in(Session& session) {
  return !session.authenticated && !session.instance().users().default_user().is_open();
}

void log_out(Session& session) {
  const AclUser& user = session.instance().users().default_user();
  session.user = &user;
  session.authenticated = user.is_open();
}

void log_in(Call& call, std::string_view user, std::string_view password) {
  const AclUser* known = call.instance.users().find(user);
  if (known == nullptr || !known->accepts(password)) {
    const auto context =
        call.session.transaction.open ? AclLog::Context::kTransaction : AclLog::Context::kTopLevel;
    note_denial(call.session, AclLog::Reason::kAuthentication, context, user, call.arg(0));
    throw Error("WRONGPASS invalid username-password pair or user is disabled.");
  }
  call.session.user = known;
  call.session.authenticated = true;
}

bool may_everything(const Session& session) {
  return session.user == nullptr || session.user->may_everything();
}

Verdict check_access(Session& session, const Command& command, Args args) {
  if (may_everything(session)) return {};
  AclRequest request(session.instance().commands(), command, args);
  return session.user->check(request);
}

std::string refusal_for_user(Session& session, const Command& command, Args args,
                             AclLog::Context context) {
  const Verdict verdict = check_access(session, command, args);
  if (verdict.allowed()) return {};
  const std::string& user = session.user->name();
  // The log shows the client with what it asked for, as if it had run.
  if (context == AclLog::Context::kTopLevel) session.last_command = &command;
  note_denial(session, reason_of(verdict.denial), context, user,
              verdict.denial == Denial::kCommand ? command.name : args[verdict.argument]);
  if (context == AclLog::Context::kTransaction && !session.transaction.open) {
    return "NOPERM ACLs rules changed between the moment the transaction was accumulated and the "
           "EXEC call. This command is no longer allowed for the following reason: " +
           std::string(reason_in_exec(verdict.denial));
  }
  const std::string text = text_of(verdict, user, command, args, DenialForm::kPlain);
  if (context == AclLog::Context::kScript) return "ERR ACL failure in script: " + text;
  return "NOPERM " + text;
}

bool may_read_all_keys(Call& call) {
  if (may_everything(call.session)) return true;
  AclRequest request(call.instance.commands(), call.command, call.args);
  return call.session.user->allows_with_all_keys(request, kKeyAccess);
}

std::string text_of(const Verdict& verdict, std::string_view user, const Command& command,
                    Args args, DenialForm form) {
  const std::string who = "User " + std::string(user);
  if (verdict.denial == Denial::kCommand) {
    return who + " has no permissions to run the '" + std::string(command.name) + "' command";
  }
  const std::string what = verdict.denial == Denial::kKey ? "key" : "channel";
  if (form == DenialForm::kPlain) return "No permissions to access a " + what;
  return who + " has no permissions to access the '" + std::string(args[verdict.argument]) + "' " +
         what;
}

void change_user(Call& call, AclUser changed) {
  AclUsers& users = call.instance.users();
  if (const AclUser* known = users.find(changed.name())) {
    disconnect_revoked(call, *known, changed);
  }
  users.put(std::move(changed));
}

bool remove_user(Call& call, std::string_view name) {
  const std::unique_ptr<AclUser> user = call.instance.users().remove(name);
  if (user == nullptr) return false;
  for (const auto& [id, session] : call.instance.sessions()) {
    if (session->user == user.get()) abandon(call, *session);
  }
  return true;
}

void replace_users(Call& call, AclUsers::Map users) {
  const AclUsers::Map before = call.instance.users().replace(std::move(users));
  for (const auto& [id, session] : call.instance.sessions()) {
    if (session->user == nullptr) continue;
    const AclUser* same = call.instance.users().find(session->user->name());
    if (same == nullptr) {
      abandon(call, *session);
      continue;
    }
    if (!allows_subscriptions(*same, session->subscriptions)) disconnect(call, *session);
    session->user = same;
  }
}

}  // namespace bodega::redis
