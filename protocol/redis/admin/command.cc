// COMMAND: the table of commands, as clients read it to find keys.
#include <string>
#include <utility>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/glob.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

template <class Enum>
struct BitName {
  Enum bit;
  std::string_view name;
};

constexpr BitName<Flag> kFlagNames[] = {
    {kWrite, "write"},
    {kReadonly, "readonly"},
    {kDenyOom, "denyoom"},
    {kAdmin, "admin"},
    {kPubsub, "pubsub"},
    {kNoscript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kSkipMonitor, "skip_monitor"},
    {kSkipSlowlog, "skip_slowlog"},
    {kAsking, "asking"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kNoMulti, "no_multi"},
    {kMovableKeys, "movablekeys"},
    {kAllowBusy, "allow_busy"},
    {kNoAsyncLoading, "no_async_loading"},
    {kNoMandatoryKeys, "no_mandatory_keys"},
};

constexpr BitName<Category> kCategoryNames[] = {
    {kCatKeyspace, "@keyspace"},
    {kCatRead, "@read"},
    {kCatWrite, "@write"},
    {kCatSet, "@set"},
    {kCatSortedSet, "@sortedset"},
    {kCatList, "@list"},
    {kCatHash, "@hash"},
    {kCatString, "@string"},
    {kCatBitmap, "@bitmap"},
    {kCatHyperloglog, "@hyperloglog"},
    {kCatGeo, "@geo"},
    {kCatStream, "@stream"},
    {kCatPubsub, "@pubsub"},
    {kCatAdmin, "@admin"},
    {kCatFast, "@fast"},
    {kCatSlow, "@slow"},
    {kCatBlocking, "@blocking"},
    {kCatDangerous, "@dangerous"},
    {kCatConnection, "@connection"},
    {kCatTransaction, "@transaction"},
    {kCatScripting, "@scripting"},
};

constexpr BitName<KeyUse> kUseNames[] = {
    {kKeyRO, "RO"},
    {kKeyRW, "RW"},
    {kKeyOW, "OW"},
    {kKeyRM, "RM"},
    {kKeyAccess, "access"},
    {kKeyUpdate, "update"},
    {kKeyInsert, "insert"},
    {kKeyDelete, "delete"},
    {kKeyNotKey, "not_key"},
    {kKeyIncomplete, "incomplete"},
    {kKeyVariable, "variable_flags"},
};

template <class Enum, std::size_t kCount>
void reply_bits(Call& call, const BitName<Enum> (&names)[kCount], base::Flags<Enum> bits) {
  std::vector<std::string_view> set;
  for (const auto& name : names) {
    if (bits.has(name.bit)) set.push_back(name.name);
  }
  call.reply.set(set.size());
  for (const auto name : set) call.reply.simple(name);
}

void reply_range(Call& call, const KeySpec& spec) {
  call.reply.map(3);
  call.reply.bulk("flags");
  reply_bits(call, kUseNames, spec.use);
  call.reply.bulk("begin_search");
  call.reply.map(2);
  call.reply.bulk("type");
  call.reply.bulk("index");
  call.reply.bulk("spec");
  call.reply.map(1);
  call.reply.bulk("index");
  call.reply.integer(spec.numkeys_at > 0 ? spec.numkeys_at : spec.first);
  call.reply.bulk("find_keys");
  call.reply.map(2);
  call.reply.bulk("type");
  call.reply.bulk(spec.numkeys_at > 0 ? "keynum" : "range");
  call.reply.bulk("spec");
  call.reply.map(3);
  if (spec.numkeys_at > 0) {
    call.reply.bulk("keynumidx");
    call.reply.integer(0);
    call.reply.bulk("firstkey");
    call.reply.integer(1);
    call.reply.bulk("keystep");
    call.reply.integer(spec.step > 0 ? spec.step : 1);
  } else {
    call.reply.bulk("lastkey");
    call.reply.integer(spec.last < 0 ? spec.last : spec.last - spec.first);
    call.reply.bulk("keystep");
    call.reply.integer(spec.step);
    call.reply.bulk("limit");
    call.reply.integer(0);
  }
}

bool has_keys(const KeySpec& spec) { return spec.first > 0 || spec.numkeys_at > 0; }

// What COMMAND shows of first, last and step: the union of both ranges. Where a count tells the
// keys, there is no such range.
KeySpec shown_range(const Command& command) {
  KeySpec out = command.keys;
  if (out.numkeys_at > 0) out = {};
  if (has_keys(command.more_keys) && command.more_keys.numkeys_at == 0) {
    if (out.first == 0) return command.more_keys;
    out.last = command.more_keys.last;
  }
  return out;
}

void reply_info(Call& call, const Command& command) {
  CommandFlags flags = command.flags;
  if (command.keys.numkeys_at > 0 || command.more_keys.numkeys_at > 0) flags |= kMovableKeys;
  const KeySpec range = shown_range(command);
  call.reply.array(10);
  call.reply.bulk(command.name);
  call.reply.integer(command.arity);
  reply_bits(call, kFlagNames, flags);
  call.reply.integer(range.first);
  call.reply.integer(range.last);
  call.reply.integer(range.step);
  reply_bits(call, kCategoryNames, categories_of(command));
  call.reply.set(0);
  call.reply.set((has_keys(command.keys) ? 1u : 0u) + (has_keys(command.more_keys) ? 1u : 0u));
  if (has_keys(command.keys)) reply_range(call, command.keys);
  if (has_keys(command.more_keys)) reply_range(call, command.more_keys);
  call.reply.set(command.subcommands.size());
  for (const Command& child : command.subcommands) reply_info(call, child);
}

std::span<CommandTable::Slot> all_commands(Call& call) {
  CommandTable& table = call.instance.commands();
  return std::span(table.slots()).first(table.command_count());
}

void command(Call& call) {
  const auto slots = all_commands(call);
  call.reply.array(slots.size());
  for (const auto& slot : slots) reply_info(call, *slot.row);
}

void command_count(Call& call) {
  call.reply.integer(static_cast<std::int64_t>(call.instance.commands().command_count()));
}

void command_info(Call& call) {
  if (call.size() == 2) return command(call);
  call.reply.array(call.size() - 2);
  for (const auto name : call.args.subspan(2)) {
    const CommandTable::Slot* slot = call.instance.commands().find_name(name);
    if (slot != nullptr) {
      reply_info(call, *slot->row);
    } else {
      call.reply.null();
    }
  }
}

std::string_view name_of(Group group) {
  switch (group) {
    case Group::kString: return "string";
    case Group::kHash: return "hash";
    case Group::kList: return "list";
    case Group::kSet: return "set";
    case Group::kSortedSet: return "sorted-set";
    case Group::kStream: return "stream";
    case Group::kBitmap: return "bitmap";
    case Group::kHyperloglog: return "hyperloglog";
    case Group::kGeo: return "geo";
    case Group::kGeneric: return "generic";
    case Group::kPubsub: return "pubsub";
    case Group::kTransactions: return "transactions";
    case Group::kScripting: return "scripting";
    case Group::kConnection: return "connection";
    case Group::kServer: return "server";
    case Group::kCluster: return "cluster";
  }
  return "";
}

void reply_docs(Call& call, const Command& row) {
  call.reply.map(row.subcommands.empty() ? 3 : 4);
  call.reply.bulk("summary");
  call.reply.bulk(row.summary);
  call.reply.bulk("since");
  call.reply.bulk(row.since);
  call.reply.bulk("group");
  call.reply.bulk(name_of(row.group));
  if (row.subcommands.empty()) return;
  call.reply.bulk("subcommands");
  call.reply.map(row.subcommands.size());
  for (const Command& child : row.subcommands) {
    call.reply.bulk(child.name);
    reply_docs(call, child);
  }
}

void command_docs(Call& call) {
  std::vector<const Command*> shown;
  if (call.size() == 2) {
    for (const auto& slot : all_commands(call)) shown.push_back(slot.row);
  }
  for (const auto name : call.args.subspan(2)) {
    const CommandTable::Slot* slot = call.instance.commands().find_name(name);
    if (slot != nullptr) shown.push_back(slot->row);
  }
  call.reply.map(shown.size());
  for (const Command* row : shown) {
    call.reply.bulk(row->name);
    reply_docs(call, *row);
  }
}

std::optional<Category> to_category(std::string_view text) {
  for (const auto& known : kCategoryNames) {
    if (is_word(text, known.name.substr(1))) return known.bit;
  }
  return std::nullopt;
}

void command_list(Call& call) {
  std::optional<Category> category;
  std::string_view pattern = "*";
  bool none = false;
  ArgumentCursor args(call.args, 2);
  if (args.more()) {
    if (args.left() != 3 || !args.take("FILTERBY")) throw Error(errors::kSyntax);
    if (args.take("ACLCAT")) {
      category = to_category(args.next());
      none = !category;
    } else if (args.take("PATTERN")) {
      pattern = args.next();
    } else if (args.take("MODULE")) {
      none = true;
    } else {
      throw Error(errors::kSyntax);
    }
  }
  std::vector<std::string_view> names;
  for (const auto& slot : call.instance.commands().slots()) {
    if (none) continue;
    if (category && !categories_of(*slot.row).has(*category)) continue;
    if (!glob_match(pattern, slot.row->name, Case::kInsensitive)) continue;
    names.push_back(slot.row->name);
  }
  call.reply.array(names.size());
  for (const auto name : names) call.reply.bulk(name);
}

enum class Show : std::uint8_t { kKeys, kKeysAndFlags };

void reply_keys(Call& call, Show show) {
  const Args request = call.args.subspan(2);
  const CommandTable::Slot* slot = call.instance.commands().find(request);
  if (slot == nullptr || (slot->row->run == nullptr && slot->container == nullptr)) {
    throw Error("ERR Invalid command specified");
  }
  const Command& row = *slot->row;
  const auto given = static_cast<int>(request.size());
  if (row.find_keys == nullptr && !has_keys(row.more_keys) &&
      (!has_keys(row.keys) || row.keys.use.has(kKeyNotKey))) {
    throw Error("ERR The command has no key arguments");
  }
  if (row.arity >= 0 ? given != row.arity : given < -row.arity) {
    throw Error("ERR Invalid number of arguments specified for command");
  }
  const auto keys = keys_of(row, request);
  if (keys.empty()) throw Error("ERR Invalid arguments specified for command");
  call.reply.array(keys.size());
  for (const auto& reference : keys) {
    if (show == Show::kKeysAndFlags) call.reply.array(2);
    call.reply.bulk(reference.key);
    if (show == Show::kKeysAndFlags) reply_bits(call, kUseNames, reference.use);
  }
}

void command_getkeys(Call& call) { reply_keys(call, Show::kKeys); }
void command_getkeysandflags(Call& call) { reply_keys(call, Show::kKeysAndFlags); }

void command_help(Call& call) {
  reply_help(call,
             {"(no subcommand)", "    All commands in detail.", "COUNT",
              "    How many commands there are.",
              "LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <pattern>)]",
              "    Names of commands.", "INFO [<command-name> ...]", "    Details of commands.",
              "DOCS [<command-name> ...]", "    What commands do.", "GETKEYS <full-command>",
              "    The keys that a request names.", "GETKEYSANDFLAGS <full-command>",
              "    The keys that a request names, and how it uses them."});
}

constexpr CommandFlags kLook = kLoading | kStale;

// clang-format off
constexpr Command kSubcommands[] = {
    {.name = "command|count", .arity = 2, .flags = kLook, .since = "2.8.13",
     .summary = "Counts the commands.", .run = command_count, .categories = kCatConnection},
    {.name = "command|docs", .arity = -2, .flags = kLook, .since = "7.0.0",
     .summary = "Tells what commands do.", .run = command_docs, .categories = kCatConnection},
    {.name = "command|getkeys", .arity = -3, .flags = kLook, .since = "2.8.13",
     .summary = "Returns the keys that a request names.", .run = command_getkeys,
     .categories = kCatConnection},
    {.name = "command|getkeysandflags", .arity = -3, .flags = kLook, .since = "7.0.0",
     .summary = "Returns the keys that a request names and how it uses them.",
     .run = command_getkeysandflags, .categories = kCatConnection},
    {.name = "command|help", .arity = 2, .flags = kLook, .since = "5.0.0",
     .summary = "Lists the sub-commands.", .run = command_help, .categories = kCatConnection},
    {.name = "command|info", .arity = -2, .flags = kLook, .since = "2.8.13",
     .summary = "Describes commands.", .run = command_info, .categories = kCatConnection},
    {.name = "command|list", .arity = -2, .flags = kLook, .since = "7.0.0",
     .summary = "Lists the commands.", .run = command_list, .categories = kCatConnection},
};

constexpr Command kCommands[] = {
    {.name = "command", .arity = -1, .flags = kLook, .since = "2.8.13",
     .summary = "Describes all commands.", .run = command, .subcommands = kSubcommands,
     .categories = kCatConnection},
};
// clang-format on

}  // namespace

std::span<const Command> command_commands() { return kCommands; }

}  // namespace bodega::redis
