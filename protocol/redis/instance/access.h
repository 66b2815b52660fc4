// What the user of a session may do, and what becomes of sessions when users change. The users
// themselves: acl/.
#pragma once

#include <string>
#include <string_view>

#include "protocol/redis/acl/log.h"
#include "protocol/redis/acl/users.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

class Instance;
class Session;

// Whether the session must log in before it may do anything.
bool must_log_in(Session& session);

// Makes the session the default user's, as every new one is.
void log_out(Session& session);

// Throws Error, which ACL LOG tells of, when the password is wrong or the user disabled.
void log_in(Call& call, std::string_view user, std::string_view password);

// Whether everything is allowed, so that nothing needs to be looked at.
bool may_everything(const Session& session);

// Whether the session's user may run the request: for redis.acl_check_cmd. REQUIRES: there is such
// a command and the arguments fit its arity.
Verdict check_access(Session& session, const Command& command, Args args);

// The same, told to ACL LOG and counted when it is denied, with what the client is told:
// "NOPERM …"; empty when it is allowed.
std::string refusal_for_user(Session& session, const Command& command, Args args,
                             AclLog::Context context);

// For SORT BY and GET, which use keys that no argument names.
bool may_read_all_keys(Call& call);

// "User alice has no permissions to run the 'get' command". ACL DRYRUN names key and channel too.
enum class DenialForm : std::uint8_t { kPlain, kNamesArgument };
std::string text_of(const Verdict& verdict, std::string_view user, const Command& command,
                    Args args, DenialForm form);

// ACL SETUSER: disconnects the user's subscribers whose channels are no longer allowed.
void change_user(Call& call, AclUser changed);
// ACL DELUSER: disconnects the user's sessions. False when there is no such user.
bool remove_user(Call& call, std::string_view name);
// ACL LOAD: both.
void replace_users(Call& call, AclUsers::Map users);

}  // namespace bodega::redis
