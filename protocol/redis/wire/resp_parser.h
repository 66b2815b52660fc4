// RespParser: requests out of bytes, without copying. It reads the two request forms of RESP,
// arrays of bulk strings and inline lines, and can stop and go on at any byte.
//
// Usage: call parse() with all bytes since the end of the last command, until it says kNeedMore.
// The buffer may move between calls. Arguments are views into it, except those of inline commands,
// whose quoting is undone in storage of the parser; both are valid until the next parse().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

class RespParser {
 public:
  static constexpr std::size_t kMaxInlineBytes = 64 * 1024;
  static constexpr std::int64_t kMaxArguments = 2147483647;
  static constexpr std::int64_t kMaxUnauthenticatedArguments = 10;
  static constexpr std::int64_t kMaxUnauthenticatedBulk = 16384;

  struct Limits {
    std::int64_t max_bulk_bytes = 512ll * 1024 * 1024;  // proto-max-bulk-len
    bool authenticated = true;
  };

  enum class State : std::uint8_t {
    kNeedMore,  // no whole request yet
    kCommand,   // args() has one; consumed() bytes are used up
    kEmpty,     // consumed() bytes held nothing to answer (an empty line, *0)
    kError,     // error() says why; the stream cannot be read further
  };

  State parse(std::string_view input, const Limits& limits);

  Args args() const { return args_; }
  std::size_t consumed() const { return consumed_; }
  const std::string& error() const { return error_; }

  // After kNeedMore: how many bytes the input must have before parsing can go on; 0 when unknown.
  std::size_t wanted_bytes() const { return wanted_; }

 private:
  State parse_inline(std::string_view input);
  State parse_array(std::string_view input, const Limits& limits);
  State fail(std::string text);
  void rebase(const char* base);

  std::vector<std::string_view> args_;
  std::vector<std::string> unquoted_;  // what args_ of an inline command point into
  std::string error_;
  const char* base_ = nullptr;  // input.data() of the last call
  std::size_t position_ = 0;    // parsed so far of the current command
  std::size_t consumed_ = 0;
  std::size_t wanted_ = 0;
  std::int64_t missing_args_ = 0;  // bulk strings still to come; 0: between commands
  std::int64_t bulk_length_ = -1;  // of the bulk string whose header was read
};

// Splits a line as a shell would ("a b" 'c\'d' \x41): the inline form of requests. False when
// quotes are not balanced.
bool split_arguments(std::string_view line, std::vector<std::string>& out);

}  // namespace bodega::redis
