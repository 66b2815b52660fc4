// Reads a write-ahead log as RocksDB frames it and says how far it is whole, and what stands behind
// the first place that is not. RocksDB itself stops at the first such place or passes over it; it
// does not tell a torn tail from a hole with good records behind it.
//
// A log is a row of blocks of 32 KiB. A record stands in a block as
//   crc32c u32, masked | length u16 | type u8 | payload        (little-endian; crc of type +
//   payload)
// with type 1 for a whole record and 2, 3, 4 for the first, middle and last part of one that spans
// blocks. Fewer than 7 bytes at the end of a block are zeros. The payload is a write batch:
//   sequence number u64 | number of changes u32 | changes
// Source: RocksDB's db/log_format.h, db/log_reader.cc and db/write_batch.cc (7.8).
#pragma once

#include <cstdint>
#include <filesystem>

namespace bodega::kv {

struct LogScan {
  enum class Ending : std::uint8_t {
    kWhole,   // every byte belongs to a whole record
    kCut,     // the file ends inside a record, all of which so far is good
    kBroken,  // there is something at `valid_bytes` that is not a record
  };

  // Whole records, and the puts and removals in them.
  struct Count {
    std::uint64_t records = 0;
    std::uint64_t changes = 0;
  };

  Ending ending = Ending::kWhole;
  std::uint64_t size_bytes = 0;
  std::uint64_t valid_bytes = 0;         // up to the end of the last record before anything wrong
  std::uint64_t valid_bytes_marked = 0;  // the same, of the records that end within the mark
  Count before;                          // within valid_bytes
  Count behind;                          // behind whatever is wrong
};

// `mark_bytes`: see valid_bytes_marked. Throws StorageFault when the file cannot be read.
LogScan scan_log(const std::filesystem::path& log, std::uint64_t mark_bytes);

}  // namespace bodega::kv
