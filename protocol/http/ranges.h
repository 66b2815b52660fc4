// The Range header, read as S3 reads it (recorded on the real service): one range of bytes, and
// whatever is not a well-formed single range is as if the header were not there.
#pragma once

#include <cstdint>
#include <string_view>

namespace bodega::http {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
  std::uint64_t length() const { return last - first + 1; }
};

struct RangeAnswer {
  enum class Kind {
    kWhole,          // no range, or one to be ignored: 200
    kPart,           // 206
    kUnsatisfiable,  // 416
  };
  Kind kind = Kind::kWhole;
  ByteRange range;  // of kPart, clamped to the size
};

// What `header` (e.g. "bytes=0-8") asks of `size_bytes` bytes. "1-0", "-1-", "0--1", "-", several
// ranges, another unit and garbage are kWhole; "-0" and a first byte past the end are
// kUnsatisfiable; a suffix longer than the object is all of it, and any suffix of an empty object
// is kWhole.
RangeAnswer read_range(std::string_view header, std::uint64_t size_bytes);

}  // namespace bodega::http
