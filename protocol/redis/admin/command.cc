// COMMAND: the table of commands, as clients read it to find keys.
#include <string>
#include <utility>
#include <vector>

#include "protocol/redis/acl/categories.h"
#include "protocol/redis/admin/command_docs.h"
#include "protocol/redis/admin/command_facts.h"
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

void reply_categories(Call& call, Categories categories) {
  const auto header = call.reply.defer(Reply::Shape::kSet);
  std::size_t count = 0;
  for (const CategoryName& row : category_names()) {
    if (!categories.has(row.bit)) continue;
    call.reply.simple(row.name);
    ++count;
  }
  call.reply.close(header, count);
}

// {"type": type, "spec": {…}}, of which `fields` fields follow.
void reply_way(Call& call, std::string_view name, std::string_view type, std::size_t fields) {
  call.reply.bulk(name);
  call.reply.map(2);
  call.reply.bulk("type");
  call.reply.bulk(type);
  call.reply.bulk("spec");
  call.reply.map(fields);
}

void reply_field(Call& call, std::string_view name, int value) {
  call.reply.bulk(name);
  call.reply.integer(value);
}

// What each specification of keys begins with.
void reply_uses(Call& call, std::string_view note, KeyUses use) {
  call.reply.map(note.empty() ? 3 : 4);
  if (!note.empty()) {
    call.reply.bulk("notes");
    call.reply.bulk(note);
  }
  call.reply.bulk("flags");
  reply_bits(call, kUseNames, use);
}

void reply_span(Call& call, int last, int step, int limit) {
  reply_way(call, "find_keys", "range", 3);
  reply_field(call, "lastkey", last);
  reply_field(call, "keystep", step);
  reply_field(call, "limit", limit);
}

void reply_range(Call& call, const KeySpec& spec, std::string_view note) {
  reply_uses(call, note, spec.use);
  reply_way(call, "begin_search", "index", 1);
  reply_field(call, "index", spec.numkeys_at > 0 ? spec.numkeys_at : spec.first);
  if (spec.numkeys_at == 0) {
    return reply_span(call, spec.last < 0 ? spec.last : spec.last - spec.first, spec.step, 0);
  }
  reply_way(call, "find_keys", "keynum", 3);
  reply_field(call, "keynumidx", 0);
  reply_field(call, "firstkey", 1);
  reply_field(call, "keystep", spec.step > 0 ? spec.step : 1);
}

void reply_loose_keys(Call& call, const LooseKeys& keys) {
  reply_uses(call, keys.note, keys.use);
  if (keys.keyword.empty()) {
    reply_way(call, "begin_search", "unknown", 0);
    return reply_way(call, "find_keys", "unknown", 0);
  }
  reply_way(call, "begin_search", "keyword", 2);
  call.reply.bulk("keyword");
  call.reply.bulk(keys.keyword);
  reply_field(call, "startfrom", keys.start_from);
  reply_span(call, keys.last, 1, keys.limit);
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

void reply_key_specs(Call& call, const Command& command) {
  const auto loose = loose_keys_of(command.name);
  call.reply.set(loose.size() + (has_keys(command.keys) ? 1u : 0u) +
                 (has_keys(command.more_keys) ? 1u : 0u));
  if (has_keys(command.keys)) reply_range(call, command.keys, note_on_keys(command.name));
  if (has_keys(command.more_keys)) reply_range(call, command.more_keys, {});
  for (const LooseKeys& keys : loose) reply_loose_keys(call, keys);
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
  reply_categories(call, categories_of(command));
  const auto tips = tips_of(command.name);
  call.reply.set(tips.size());
  for (const auto tip : tips) call.reply.bulk(tip);
  reply_key_specs(call, command);
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

void command_list(Call& call) {
  std::optional<Category> category;
  std::string_view pattern = "*";
  bool none = false;
  ArgumentCursor args(call.args, 2);
  if (args.more()) {
    if (args.left() != 3 || !args.take("FILTERBY")) throw Error(errors::kSyntax);
    if (args.take("ACLCAT")) {
      category = find_category(args.next());
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
  if (row.find_keys == nullptr && !has_keys(row.more_keys) &&
      (!has_keys(row.keys) || row.keys.use.has(kKeyNotKey))) {
    throw Error("ERR The command has no key arguments");
  }
  if (!arity_fits(row, request.size())) {
    throw Error("ERR Invalid number of arguments specified for command");
  }
  const auto keys = keys_of(row, request);
  if (keys.empty() && !row.flags.has(kNoMandatoryKeys)) {
    throw Error("ERR Invalid arguments specified for command");
  }
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
