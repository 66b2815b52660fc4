// What SCAN, HSCAN, SSCAN and ZSCAN share: their options.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

struct ScanOptions {
  std::uint64_t cursor = 0;
  std::int64_t count = 10;
  std::optional<std::string_view> match;  // absent also for "*"
  std::optional<std::string_view> type;   // SCAN only
  bool no_values = false;                 // HSCAN NOVALUES, ZSCAN NOSCORES

  bool matches(std::string_view text) const;
};

enum class ScanKind : std::uint8_t { kKeys, kHash, kSet, kSortedSet };

// Parses the cursor at args[cursor_at] and the options behind it; throws Redis's own errors.
ScanOptions parse_scan(Args args, std::size_t cursor_at, ScanKind kind);

}  // namespace bodega::redis
