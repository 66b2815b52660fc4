#include "protocol/redis/acl/selector.h"

#include <algorithm>
#include <cctype>

#include "engines/base/text.h"
#include "protocol/redis/acl/categories.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/glob.h"

namespace bodega::redis {
namespace {

// Which arguments of a command name channels, and how.
struct ChannelUse {
  std::string_view command;
  AclSelector::ChannelForm form;
  bool all_arguments;  // else the first alone
};

constexpr ChannelUse kChannelUses[] = {
    {"publish", AclSelector::ChannelForm::kName, false},
    {"spublish", AclSelector::ChannelForm::kName, false},
    {"subscribe", AclSelector::ChannelForm::kName, true},
    {"ssubscribe", AclSelector::ChannelForm::kName, true},
    {"psubscribe", AclSelector::ChannelForm::kPattern, true},
};

const ChannelUse* channel_use_of(const Command& command) {
  if (!command.flags.has(kPubsub)) return nullptr;
  const auto* use =
      std::find_if(std::begin(kChannelUses), std::end(kChannelUses),
                   [&](const ChannelUse& one) { return one.command == command.name; });
  return use == std::end(kChannelUses) ? nullptr : use;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

}  // namespace

std::string_view text_of(RuleFault fault) {
  switch (fault) {
    case RuleFault::kNone: return "";
    case RuleFault::kSyntax: return "Syntax error";
    case RuleFault::kUnknownCommand: return "Unknown command or category name in ACL";
    case RuleFault::kAfterAllKeys:
      return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does "
             "not have any effect. Try 'resetkeys' to start with an empty list of patterns";
    case RuleFault::kAfterAllChannels:
      return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and "
             "does not have any effect. Try 'resetchannels' to start with an empty list of "
             "channels";
    case RuleFault::kFirstArgumentOfSubcommand:
      return "Allowing first-arg of a subcommand is not supported";
    case RuleFault::kNoSuchPassword:
      return "The password you are trying to remove from the user does not exist";
    case RuleFault::kMalformedHash:
      return "The password hash must be exactly 64 characters and contain only lowercase "
             "hexadecimal characters";
  }
  return "";
}

bool has_spaces(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return c == '\0' || std::isspace(static_cast<unsigned char>(c)) != 0;
  });
}

// ---- A request ----

AclRequest::AclRequest(CommandTable& table, const Command& command, Args args)
    : command_(command), index_(table.index_of(table.slot_of(command))), args_(args) {}

const std::vector<AclRequest::Key>& AclRequest::keys() {
  if (keys_) return *keys_;
  keys_.emplace();
  for (const KeyReference& reference : keys_of(command_, args_)) {
    if (reference.use.has(kKeyNotKey)) continue;
    const auto argument = std::find_if(args_.begin(), args_.end(), [&](std::string_view one) {
      return one.data() == reference.key.data();
    });
    keys_->push_back(
        {reference.key, reference.use, static_cast<std::size_t>(argument - args_.begin())});
  }
  return *keys_;
}

// ---- Rules ----

AclSelector::AclSelector(Channels channels) : all_channels_(channels == Channels::kAll) {}

RuleFault AclSelector::apply(std::string_view rule, CommandTable& table) {
  if (is_word(rule, "allkeys") || rule == "~*" || is_word(rule, "resetkeys")) {
    all_keys_ = !is_word(rule, "resetkeys");
    keys_.clear();
    return RuleFault::kNone;
  }
  if (is_word(rule, "allchannels") || rule == "&*" || is_word(rule, "resetchannels")) {
    all_channels_ = !is_word(rule, "resetchannels");
    channels_.clear();
    return RuleFault::kNone;
  }
  if (is_word(rule, "allcommands") || is_word(rule, "+@all")) {
    change_all_commands(Change::kAllow);
    return RuleFault::kNone;
  }
  if (is_word(rule, "nocommands") || is_word(rule, "-@all")) {
    change_all_commands(Change::kDeny);
    return RuleFault::kNone;
  }
  if (rule.starts_with('~') || rule.starts_with('%')) return add_key_pattern(rule);
  if (rule.starts_with('&')) return add_channel(rule.substr(1));
  if (rule.starts_with("+@") || rule.starts_with("-@")) return change_category(rule, table);
  if (rule.starts_with('-')) return remove_command(rule.substr(1), table);
  if (!rule.starts_with('+')) return RuleFault::kSyntax;
  const std::size_t bar = rule.rfind('|');
  if (bar == std::string_view::npos) return add_command(rule.substr(1), table);
  return add_part_of_command(rule.substr(1, bar - 1), rule.substr(bar + 1), table);
}

// "~pattern", "%R~pattern", "%W~pattern", "%RW~pattern".
RuleFault AclSelector::add_key_pattern(std::string_view rule) {
  if (all_keys_) return RuleFault::kAfterAllKeys;
  unsigned access = kBoth;
  std::size_t at = 1;
  if (rule.front() == '%') {
    access = 0;
    for (; at < rule.size() && rule[at] != '~'; ++at) {
      const std::string_view letter = rule.substr(at, 1);
      const unsigned bit = is_word(letter, "R") ? kReads : is_word(letter, "W") ? kWrites : 0u;
      if (bit == 0 || (access & bit) != 0) return RuleFault::kSyntax;
      access |= bit;
    }
    if (access == 0 || at == rule.size()) return RuleFault::kSyntax;
    ++at;
  }
  const std::string_view pattern = rule.substr(at);
  if (has_spaces(pattern)) return RuleFault::kSyntax;
  const auto known = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const KeyPattern& one) { return one.pattern == pattern; });
  if (known != keys_.end()) {
    known->access |= access;
  } else {
    keys_.push_back({std::string(pattern), access});
  }
  return RuleFault::kNone;
}

RuleFault AclSelector::add_channel(std::string_view pattern) {
  if (all_channels_) return RuleFault::kAfterAllChannels;
  if (has_spaces(pattern)) return RuleFault::kSyntax;
  if (std::find(channels_.begin(), channels_.end(), pattern) == channels_.end()) {
    channels_.emplace_back(pattern);
  }
  return RuleFault::kNone;
}

RuleFault AclSelector::add_command(std::string_view name, CommandTable& table) {
  const CommandTable::Slot* slot = table.find_name(name);
  if (slot == nullptr) return RuleFault::kUnknownCommand;
  change_command(*slot, Change::kAllow, table);
  note_rule(slot->row->name, '+');
  return RuleFault::kNone;
}

// "+config|get" is a sub-command; "+select|0" a first argument of a command that has none.
RuleFault AclSelector::add_part_of_command(std::string_view name, std::string_view part,
                                           CommandTable& table) {
  const CommandTable::Slot* slot = table.find_name(name);
  if (slot == nullptr) return RuleFault::kUnknownCommand;
  if (slot->container != nullptr) return RuleFault::kFirstArgumentOfSubcommand;
  if (part.empty()) return RuleFault::kSyntax;
  const std::string whole = std::string(name) + "|" + std::string(part);
  if (!slot->row->subcommands.empty()) {
    const CommandTable::Slot* child = table.find_name(whole);
    if (child == nullptr) return RuleFault::kUnknownCommand;
    change_command(*child, Change::kAllow, table);
  } else {
    std::vector<std::string>& known = first_arguments_[table.index_of(*slot)];
    const bool is_known = std::any_of(known.begin(), known.end(),
                                      [&](const std::string& one) { return is_word(part, one); });
    if (!is_known) known.emplace_back(part);
  }
  note_rule(whole, '+');
  return RuleFault::kNone;
}

RuleFault AclSelector::remove_command(std::string_view name, CommandTable& table) {
  const CommandTable::Slot* slot = table.find_name(name);
  if (slot == nullptr) return RuleFault::kUnknownCommand;
  change_command(*slot, Change::kDeny, table);
  note_rule(slot->row->name, '-');
  return RuleFault::kNone;
}

RuleFault AclSelector::change_category(std::string_view rule, CommandTable& table) {
  const auto category = find_category(rule.substr(2));
  if (!category) return RuleFault::kUnknownCommand;
  note_rule(rule.substr(1), rule.front());
  const Change change = rule.starts_with('+') ? Change::kAllow : Change::kDeny;
  for (const CommandTable::Slot& slot : table.slots()) {
    if (categories_of(*slot.row).has(*category)) change_command(slot, change, table);
  }
  return RuleFault::kNone;
}

void AclSelector::change_all_commands(Change change) {
  all_commands_ = starts_with_all_ = change == Change::kAllow;
  allowed_.clear();
  first_arguments_.clear();
  rules_.clear();
}

// With a container its sub-commands are changed too.
void AclSelector::change_command(const CommandTable::Slot& slot, Change change,
                                 CommandTable& table) {
  const std::size_t index = table.index_of(slot);
  change_bit(index, change, table);
  first_arguments_.erase(index);
  if (slot.container != nullptr) return;
  const auto first = static_cast<std::size_t>(slot.first_child);
  for (std::size_t i = 0; i < slot.row->subcommands.size(); ++i) {
    change_bit(first + i, change, table);
  }
}

void AclSelector::change_bit(std::size_t index, Change change, const CommandTable& table) {
  if (allowed_.empty()) allowed_.assign(table.size(), starts_with_all_);
  allowed_[index] = change == Change::kAllow;
  if (change == Change::kDeny) all_commands_ = false;
}

// A later rule of the same command takes the place of earlier ones, and of those of its parts.
void AclSelector::note_rule(std::string_view rule, char sign) {
  const std::string lower = base::to_lower(rule);
  std::erase_if(rules_, [&](const std::string& known) {
    const std::string_view name = std::string_view(known).substr(1);
    return name.starts_with(lower) && (name.size() == lower.size() || name[lower.size()] == '|');
  });
  rules_.push_back(sign + lower);
}

// ---- Checks ----

bool AclSelector::allows_command(const AclRequest& request) const {
  if (all_commands_ || request.command().flags.has(kNoAuth)) return true;
  if (allowed_.empty() ? starts_with_all_ : allowed_[request.index()]) return true;
  const auto known = first_arguments_.find(request.index());
  if (known == first_arguments_.end() || request.args().size() < 2) return false;
  return std::any_of(known->second.begin(), known->second.end(),
                     [&](const std::string& one) { return is_word(request.args()[1], one); });
}

unsigned AclSelector::access_of(KeyUses use) {
  unsigned access = 0;
  if (use.has(kKeyAccess)) access |= kReads;
  if (use.has_any(kKeyInsert | kKeyDelete | kKeyUpdate)) access |= kWrites;
  return access;
}

bool AclSelector::allows_key(std::string_view key, unsigned access) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const KeyPattern& one) {
    return (one.access & access) == access && glob_match(one.pattern, key);
  });
}

bool AclSelector::allows_all_keys(KeyUses use) const {
  if (all_keys_) return true;
  const unsigned access = access_of(use);
  return std::any_of(keys_.begin(), keys_.end(), [&](const KeyPattern& one) {
    return (one.access & access) == access && one.pattern == "*";
  });
}

// A pattern is allowed where the very same pattern is.
bool AclSelector::allows_channel(std::string_view channel, ChannelForm form) const {
  if (all_channels_) return true;
  return std::any_of(channels_.begin(), channels_.end(), [&](const std::string& pattern) {
    return form == ChannelForm::kPattern ? pattern == channel : glob_match(pattern, channel);
  });
}

Verdict AclSelector::check(AclRequest& request) const {
  if (!allows_command(request)) return {Denial::kCommand, 0};
  if (!all_keys_) {
    for (const AclRequest::Key& key : request.keys()) {
      if (!allows_key(key.key, access_of(key.use))) return {Denial::kKey, key.argument};
    }
  }
  const ChannelUse* use = all_channels_ ? nullptr : channel_use_of(request.command());
  if (use == nullptr) return {};
  const std::size_t end = use->all_arguments ? request.args().size() : 2;
  for (std::size_t i = 1; i < end; ++i) {
    if (!allows_channel(request.args()[i], use->form)) return {Denial::kChannel, i};
  }
  return {};
}

// ---- In words ----

std::string AclSelector::describe_commands() const {
  std::string out = starts_with_all_ ? "+@all" : "-@all";
  if (!rules_.empty()) out += ' ' + joined(rules_);
  return out;
}

std::string AclSelector::describe_keys() const {
  if (all_keys_) return "~*";
  std::vector<std::string> words;
  for (const KeyPattern& one : keys_) {
    const std::string prefix = one.access == kBoth ? "" : one.access == kReads ? "%R" : "%W";
    words.push_back(prefix + "~" + one.pattern);
  }
  return joined(words);
}

std::string AclSelector::describe_channels() const {
  if (all_channels_) return "&*";
  std::vector<std::string> words;
  for (const std::string& channel : channels_) words.push_back("&" + channel);
  return joined(words);
}

std::string AclSelector::describe() const {
  std::string out = describe_keys();
  if (!out.empty()) out += ' ';
  if (!all_channels_) out += "resetchannels ";
  const std::string channels = describe_channels();
  if (!channels.empty()) out += channels + ' ';
  return out + describe_commands();
}

}  // namespace bodega::redis
