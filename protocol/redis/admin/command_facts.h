// What COMMAND tells of commands besides what their rows say: tips for clients of clusters, notes
// on keys, and how keys are found that no range tells. Facts of Redis 7.2 and 7.4.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// "request_policy:all_shards" and the like; none for most commands.
std::vector<std::string_view> tips_of(std::string_view command);

// What is remarkable about the first range of keys; empty for most commands.
std::string_view note_on_keys(std::string_view command);

// A command that others have taken the place of.
struct Deprecation {
  std::string_view command;
  std::string_view since;
  std::string_view replaced_by;
};

// Null when it is not deprecated.
const Deprecation* deprecation_of(std::string_view command);

// Keys that stand behind a keyword, or that only the data tells.
struct LooseKeys {
  std::string_view command;
  KeyUses use;
  std::string_view note = {};
  std::string_view keyword = {};  // empty: where they stand is unknown
  int start_from = 0;             // where the keyword is looked for; negative: from the end
  int last = 0;                   // of the range behind it, counted from its first
  int limit = 0;                  // 2: the first half of what is left
};

// Those of one command.
std::span<const LooseKeys> loose_keys_of(std::string_view command);

}  // namespace bodega::redis
