// The packed forms of small collections, which stand in RDB files as one string each: listpack,
// ziplist (before 7.0), intset, zipmap (before 2.6). The readers check every length, count and
// back-reference and answer false when anything is off; what `out` then holds is of no use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/rdb/strings.h"

namespace bodega::redis {

bool read_listpack(std::string_view bytes, RdbStrings& out);
bool read_ziplist(std::string_view bytes, RdbStrings& out);
bool read_intset(std::string_view bytes, RdbStrings& out);
bool read_zipmap(std::string_view bytes, RdbStrings& out);  // field, value, field, value …

// Writes a listpack:
//
//   bytes of all, 4 bytes | count, 2 bytes (0xFFFF: unknown) | entries | 0xFF
//   entry: encoding, bytes | the length of both, readable from behind
class ListpackWriter {
 public:
  void add(std::string_view text);
  std::size_t count() const { return count_; }
  // What finish() would answer now has so many bytes.
  std::size_t size_bytes() const { return bytes_.size() + 1; }
  // The listpack; empty and to be filled again afterwards.
  std::string finish();

 private:
  static constexpr std::size_t kHeaderBytes = 6;

  std::string bytes_ = std::string(kHeaderBytes, '\0');
  std::size_t count_ = 0;
};

// Integers that stand in ascending order.
class IntsetWriter {
 public:
  void add(std::int64_t integer);
  std::string finish() const;

 private:
  std::size_t width_ = 2;  // bytes that the widest takes
  std::vector<std::int64_t> integers_;
};

}  // namespace bodega::redis
