// AclSelector: one set of permissions: which commands may run, on which keys and channels. A user
// has a root selector and any number of others; what one of them allows as a whole is allowed.
//
// Rules and their texts are those of Redis 7.2: https://redis.io/docs/management/security/acl
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/command_table.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// What is wrong with a rule.
enum class RuleFault : std::uint8_t {
  kNone,
  kSyntax,
  kUnknownCommand,  // or category
  kAfterAllKeys,
  kAfterAllChannels,
  kFirstArgumentOfSubcommand,
  kNoSuchPassword,
  kMalformedHash,
};
std::string_view text_of(RuleFault fault);

// Why a command is denied. A larger value says more about the cause.
enum class Denial : std::uint8_t { kNone, kCommand, kKey, kChannel };

struct Verdict {
  Denial denial = Denial::kNone;
  std::size_t argument = 0;  // the index of the key or channel that was denied

  bool allowed() const { return denial == Denial::kNone; }
};

// One request, as selectors look at it: its keys are found once, when the first of them asks.
class AclRequest {
 public:
  // All must outlive it. REQUIRES: the arguments fit the command's arity.
  AclRequest(CommandTable& table, const Command& command, Args args);

  const Command& command() const { return command_; }
  std::size_t index() const { return index_; }  // of the command's slot
  Args args() const { return args_; }

  struct Key {
    std::string_view key;
    KeyUses use;
    std::size_t argument;  // its index
  };
  const std::vector<Key>& keys();

 private:
  const Command& command_;
  std::size_t index_;
  Args args_;
  std::optional<std::vector<Key>> keys_;
};

// Whether a text has spaces or zero bytes, which names and patterns must not have.
bool has_spaces(std::string_view text);

class AclSelector {
 public:
  // Allows no command and no key; all channels if so wished, else none.
  enum class Channels : std::uint8_t { kNone, kAll };
  explicit AclSelector(Channels channels);

  // One rule about commands, keys or channels: "+get", "-@write", "~cache:*", "allchannels". When
  // it has a fault nothing is changed.
  RuleFault apply(std::string_view rule, CommandTable& table);

  Verdict check(AclRequest& request) const;
  // Whether every key, whatever its name, may be used in this way.
  bool allows_all_keys(KeyUses use) const;
  enum class ChannelForm : std::uint8_t { kName, kPattern };
  bool allows_channel(std::string_view channel, ChannelForm form) const;
  bool allows_everything() const { return all_commands_ && all_keys_ && all_channels_; }
  bool allows_all_channels() const { return all_channels_; }
  const std::vector<std::string>& channels() const { return channels_; }

  // The rules that make this selector, in the words of ACL LIST.
  std::string describe() const;
  std::string describe_commands() const;  // "+@all -@dangerous"
  std::string describe_keys() const;      // "~cache:* %R~config"
  std::string describe_channels() const;  // "&news.*"

 private:
  static constexpr unsigned kReads = 1u << 0;
  static constexpr unsigned kWrites = 1u << 1;
  static constexpr unsigned kBoth = kReads | kWrites;
  struct KeyPattern {
    std::string pattern;
    unsigned access;  // kReads, kWrites
  };
  static unsigned access_of(KeyUses use);

  RuleFault add_key_pattern(std::string_view rule);
  RuleFault add_channel(std::string_view pattern);
  RuleFault add_command(std::string_view name, CommandTable& table);
  RuleFault add_part_of_command(std::string_view name, std::string_view part, CommandTable& table);
  RuleFault remove_command(std::string_view name, CommandTable& table);
  RuleFault change_category(std::string_view rule, CommandTable& table);
  enum class Change : std::uint8_t { kAllow, kDeny };
  void change_all_commands(Change change);
  void change_command(const CommandTable::Slot& slot, Change change, CommandTable& table);
  void change_bit(std::size_t index, Change change, const CommandTable& table);
  void note_rule(std::string_view rule, char sign);
  bool allows_command(const AclRequest& request) const;
  bool allows_key(std::string_view key, unsigned access) const;

  bool all_keys_ = false;
  bool all_channels_ = false;
  bool all_commands_ = false;     // none was taken away
  bool starts_with_all_ = false;  // the first rule is +@all
  std::vector<KeyPattern> keys_;
  std::vector<std::string> channels_;
  std::vector<bool> allowed_;  // by the index of a command's slot; what is beyond: starts_with_all_
  // Commands of which only some first arguments are allowed.
  std::map<std::size_t, std::vector<std::string>> first_arguments_;
  std::vector<std::string> rules_;  // about commands, after the first: "+get", "-@write"
};

}  // namespace bodega::redis
