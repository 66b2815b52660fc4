// RdbInput: bytes of a DUMP payload or an RDB file, read from front to back. It never throws on
// what it reads and never goes past the end: the first read that does not fit makes it fail, and
// every later one returns nothing. No memory is taken for a length that is not there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bodega::redis {

class RdbInput {
 public:
  // Views the bytes, which must outlive it.
  explicit RdbInput(std::string_view whole) : rest_(whole) {}

  // Reads `size_bytes` piece by piece: `read` fills what it is given with at most so many bytes and
  // says how many there were, 0 at the end. What it throws passes through.
  using Read = std::function<std::size_t(char* into, std::size_t most)>;
  RdbInput(std::uint64_t size_bytes, Read read) : read_(std::move(read)), unread_(size_bytes) {}
  RdbInput(const RdbInput&) = delete;
  RdbInput& operator=(const RdbInput&) = delete;

  // Exactly so many bytes. The view is valid until the next read.
  std::string_view take(std::uint64_t count);
  std::uint8_t u8();
  std::uint64_t little_endian(std::size_t bytes) { return read_little(take(bytes)); }

  // See primitives.h. length() fails on a string of a special kind.
  std::uint64_t length();
  // A length of things that take at least `least_bytes` each, so that it cannot be of more of them
  // than there may be.
  std::uint64_t count(std::uint64_t least_bytes);
  std::string text();
  double binary_double();
  double text_double();  // of RDB versions before 8

  bool ok() const { return failure_.empty(); }
  // Makes it fail, for one who reads and finds no sense in it. The first reason stays.
  void fail(std::string_view why);
  const std::string& failure() const { return failure_; }

  bool at_end() const { return left() == 0; }
  std::uint64_t left() const { return rest_.size() + unread_; }
  // CRC-64/REDIS of all that was read so far.
  std::uint64_t checksum();

 private:
  static std::uint64_t read_little(std::string_view bytes);
  void refill(std::size_t wanted);
  void sum_up();
  std::string special_text(unsigned special);

  std::string buffer_;     // what read_ brought last …
  std::string_view rest_;  // … and how much of it, or of the whole, is yet to be read
  Read read_;
  std::uint64_t unread_ = 0;
  std::uint64_t checksum_ = 0;  // of what stood in front of …
  const char* summed_to_ = nullptr;
  std::string failure_;
};

}  // namespace bodega::redis
