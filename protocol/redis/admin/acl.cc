// ACL: users and what they may do.
#include <algorithm>
#include <string>
#include <vector>

#include "engines/base/random.h"
#include "protocol/redis/acl/categories.h"
#include "protocol/redis/acl/file.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/access.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

constexpr std::int64_t kMaxPasswordBits = 4096;
constexpr std::int64_t kPasswordBits = 256;
constexpr std::int64_t kLogEntries = 10;  // what ACL LOG shows unless asked for more
constexpr std::size_t kEchoedBytes = 128;

// ---- Users ----

void acl_setuser(Call& call) {
  const std::string_view name = call.arg(2);
  if (has_spaces(name)) throw Error("ERR Usernames can't contain spaces or null characters");
  change_user(call, call.instance.users().changed(name, call.args.subspan(3)));
  call.reply.ok();
}

void hide_user(Args args, std::vector<std::string_view>& shown) {
  for (std::size_t i = 2; i < args.size(); ++i) shown[i] = kRedacted;
}

void acl_deluser(Call& call) {
  const auto names = call.args.subspan(2);
  if (std::find(names.begin(), names.end(), AclUsers::kDefaultName) != names.end()) {
    throw Error("ERR The 'default' user cannot be removed");
  }
  const auto removed = std::count_if(
      names.begin(), names.end(), [&](std::string_view name) { return remove_user(call, name); });
  call.reply.integer(removed);
}

// Three pairs of a map.
void reply_selector(Call& call, const AclSelector& selector) {
  call.reply.bulk("commands");
  call.reply.bulk(selector.describe_commands());
  call.reply.bulk("keys");
  call.reply.bulk(selector.describe_keys());
  call.reply.bulk("channels");
  call.reply.bulk(selector.describe_channels());
}

void acl_getuser(Call& call) {
  const AclUser* user = call.instance.users().find(call.arg(2));
  if (user == nullptr) return call.reply.null();
  call.reply.map(6);
  call.reply.bulk("flags");
  const auto flags = user->flags();
  call.reply.set(flags.size());
  for (const auto flag : flags) call.reply.bulk(flag);
  call.reply.bulk("passwords");
  call.reply.array(user->passwords().size());
  for (const std::string& password : user->passwords()) call.reply.bulk(password);
  const auto& selectors = user->selectors();
  reply_selector(call, selectors.front());
  call.reply.bulk("selectors");
  call.reply.array(selectors.size() - 1);
  for (std::size_t i = 1; i < selectors.size(); ++i) {
    call.reply.map(3);
    reply_selector(call, selectors[i]);
  }
}

void acl_list(Call& call) {
  const AclUsers::Map& users = call.instance.users().all();
  call.reply.array(users.size());
  for (const auto& [name, user] : users) {
    call.reply.bulk("user " + name + " " + user->describe());
  }
}

void acl_users(Call& call) {
  const AclUsers::Map& users = call.instance.users().all();
  call.reply.array(users.size());
  for (const auto& [name, user] : users) call.reply.bulk(name);
}

void acl_whoami(Call& call) {
  if (call.session.user == nullptr) return call.reply.null();
  call.reply.bulk(call.session.user->name());
}

// ---- The ACL file ----

const std::string& acl_file(Call& call) {
  const std::string& path = call.instance.options().acl_file;
  if (!path.empty()) return path;
  throw Error(
      "ERR This Redis instance is not configured to use an ACL file. You may want to specify users "
      "via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis "
      "configuration file set) in order to store users in the Redis configuration.");
}

void acl_load(Call& call) {
  const std::string& path = acl_file(call);
  replace_users(call, call.instance.users().from_lines(read_acl_file(path), path));
  call.reply.ok();
}

void acl_save(Call& call) {
  write_acl_file(acl_file(call), call.instance.users().to_lines());
  call.reply.ok();
}

// ---- What is asked ----

void acl_cat(Call& call) {
  if (call.size() > 3) throw errors::wrong_subcommand("ACL", call.arg(1));
  if (call.size() == 2) {
    call.reply.array(category_names().size());
    for (const CategoryName& row : category_names()) call.reply.bulk(row.plain());
    return;
  }
  const auto category = find_category(call.arg(2));
  if (!category) {
    throw Error("ERR Unknown category '" + std::string(call.arg(2).substr(0, kEchoedBytes)) + "'");
  }
  const auto header = call.reply.defer();
  std::size_t count = 0;
  for (const CommandTable::Slot& slot : call.instance.commands().slots()) {
    if (!categories_of(*slot.row).has(*category)) continue;
    call.reply.bulk(slot.row->name);
    ++count;
  }
  call.reply.close(header, count);
}

void acl_genpass(Call& call) {
  if (call.size() > 3) throw errors::wrong_subcommand("ACL", call.arg(1));
  const std::int64_t bits = call.size() == 3 ? to_integer(call.arg(2)) : kPasswordBits;
  if (bits <= 0 || bits > kMaxPasswordBits) {
    throw Error(
        "ERR ACL GENPASS argument must be the number of bits for the output password, a positive "
        "number up to " +
        std::to_string(kMaxPasswordBits));
  }
  call.reply.bulk(base::secret_text(static_cast<std::size_t>(bits + 3) / 4, "0123456789abcdef"));
}

void reply_entry(Call& call, const AclLog::Entry& entry) {
  call.reply.map(10);
  call.reply.bulk("count");
  call.reply.integer(static_cast<std::int64_t>(entry.count));
  call.reply.bulk("reason");
  call.reply.bulk(name_of(entry.reason));
  call.reply.bulk("context");
  call.reply.bulk(name_of(entry.context));
  call.reply.bulk("object");
  call.reply.bulk(entry.object);
  call.reply.bulk("username");
  call.reply.bulk(entry.user);
  call.reply.bulk("age-seconds");
  call.reply.number(static_cast<double>(call.now_ms - entry.updated_ms) / 1000);
  call.reply.bulk("client-info");
  call.reply.bulk(entry.client);
  call.reply.bulk("entry-id");
  call.reply.integer(static_cast<std::int64_t>(entry.id));
  call.reply.bulk("timestamp-created");
  call.reply.integer(entry.created_ms);
  call.reply.bulk("timestamp-last-updated");
  call.reply.integer(entry.updated_ms);
}

void acl_log(Call& call) {
  if (call.size() > 3) throw errors::wrong_subcommand("ACL", call.arg(1));
  AclLog& log = call.instance.acl_log();
  if (call.size() == 3 && is_word(call.arg(2), "RESET")) {
    log.clear();
    return call.reply.ok();
  }
  const std::int64_t wanted = call.size() == 3 ? to_integer(call.arg(2)) : kLogEntries;
  const auto count =
      std::min(static_cast<std::size_t>(std::max<std::int64_t>(wanted, 0)), log.entries().size());
  call.reply.array(count);
  auto entry = log.entries().begin();
  for (std::size_t i = 0; i < count; ++i) reply_entry(call, *entry++);
}

void acl_dryrun(Call& call) {
  const AclUser* user = call.instance.users().find(call.arg(2));
  if (user == nullptr) throw Error("ERR User '" + std::string(call.arg(2)) + "' not found");
  const Args request = call.args.subspan(3);
  CommandTable& table = call.instance.commands();
  const CommandTable::Slot* slot = table.find(request);
  const bool unknown_child =
      slot != nullptr && !slot->row->subcommands.empty() && request.size() > 1;
  if (slot == nullptr || unknown_child) {
    throw Error("ERR Command '" + std::string(request[0]) + "' not found");
  }
  const Command& command = *slot->row;
  if (!arity_fits(command, request.size())) throw errors::wrong_arity(command.name);
  AclRequest asked(table, command, request);
  const Verdict verdict = user->check(asked);
  if (verdict.allowed()) return call.reply.ok();
  call.reply.bulk(text_of(verdict, user->name(), command, request, DenialForm::kNamesArgument));
}

void acl_help(Call& call) {
  reply_help(call, {"CAT [<category>]",
                    "    The categories of commands, or the commands of one of them.",
                    "DELUSER <username> [<username> ...]",
                    "    Remove users, and close their connections.",
                    "DRYRUN <username> <command> [<arg> ...]",
                    "    Whether the user may run the command, which is not run.",
                    "GETUSER <username>",
                    "    What the user may do.",
                    "GENPASS [<bits>]",
                    "    A password that cannot be guessed, of 256 bits or so many.",
                    "LIST",
                    "    All users, as the ACL file has them.",
                    "LOAD",
                    "    Take the users of the ACL file.",
                    "LOG [<count> | RESET]",
                    "    What was denied to users lately.",
                    "SAVE",
                    "    Write the users to the ACL file.",
                    "SETUSER <username> <attribute> [<attribute> ...]",
                    "    Make or change a user.",
                    "USERS",
                    "    The names of all users.",
                    "WHOAMI",
                    "    The user of this connection."});
}

constexpr CommandFlags kAsk = kNoscript | kLoading | kStale;
constexpr CommandFlags kRule = kAsk | kAdmin;

// clang-format off
constexpr Command kAclCommands[] = {
    {.name = "acl|cat", .arity = -2, .flags = kAsk, .since = "6.0.0",
     .summary = "Lists the ACL categories, or the commands of one.", .run = acl_cat},
    {.name = "acl|deluser", .arity = -3, .flags = kRule, .since = "6.0.0",
     .summary = "Deletes users and closes their connections.", .run = acl_deluser,
     .redact = hide_user},
    {.name = "acl|dryrun", .arity = -4, .flags = kRule, .since = "7.0.0",
     .summary = "Tells whether a user may run a command.",
     .run = acl_dryrun},
    {.name = "acl|genpass", .arity = -2, .flags = kAsk, .since = "6.0.0",
     .summary = "Generates a password.",
     .run = acl_genpass},
    {.name = "acl|getuser", .arity = 3, .flags = kRule, .since = "6.0.0",
     .summary = "Returns the ACL rules of a user.", .run = acl_getuser, .redact = hide_user},
    {.name = "acl|help", .arity = 2, .flags = kLoading | kStale, .since = "6.0.0",
     .summary = "Lists the sub-commands.", .run = acl_help},
    {.name = "acl|list", .arity = 2, .flags = kRule, .since = "6.0.0",
     .summary = "Lists all users in the format of the ACL file.", .run = acl_list},
    {.name = "acl|load", .arity = 2, .flags = kRule, .since = "6.0.0",
     .summary = "Reads the users from the ACL file.", .run = acl_load},
    {.name = "acl|log", .arity = -2, .flags = kRule, .since = "6.0.0",
     .summary = "Lists what ACL rules denied lately.", .run = acl_log},
    {.name = "acl|save", .arity = 2, .flags = kRule, .since = "6.0.0",
     .summary = "Writes the users to the ACL file.", .run = acl_save},
    {.name = "acl|setuser", .arity = -3, .flags = kRule, .since = "6.0.0",
     .summary = "Creates a user, or changes its rules.", .run = acl_setuser,
     .redact = hide_user},
    {.name = "acl|users", .arity = 2, .flags = kRule, .since = "6.0.0",
     .summary = "Lists the names of all users.", .run = acl_users},
    {.name = "acl|whoami", .arity = 2, .flags = kAsk, .since = "6.0.0",
     .summary = "Returns the user of the connection.",
     .run = acl_whoami},
};

constexpr Command kCommands[] = {
    {.name = "acl", .arity = -2, .since = "6.0.0",
     .summary = "Manages users and what they may do.", .subcommands = kAclCommands},
};
// clang-format on

}  // namespace

std::span<const Command> acl_commands() { return kCommands; }

}  // namespace bodega::redis
