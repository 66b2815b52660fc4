// What a command answers when it refuses: Error{text} is thrown by handlers and rendered in one
// place, the dispatcher. The first word of the text is the code that clients map to exception
// classes, so texts are Redis's own to the letter. Errors that several families share stand here.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace bodega::redis {

// `text` without the leading '-' and the trailing CRLF, e.g. "ERR syntax error".
class Error : public std::exception {
 public:
  explicit Error(std::string text) : text_(std::move(text)) {}
  explicit Error(std::string_view text) : text_(text) {}
  explicit Error(const char* text) : text_(text) {}

  const std::string& text() const { return text_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

namespace errors {

inline constexpr std::string_view kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view kSyntax = "ERR syntax error";
inline constexpr std::string_view kNoSuchKey = "ERR no such key";
inline constexpr std::string_view kNotAnInteger = "ERR value is not an integer or out of range";
inline constexpr std::string_view kNotAFloat = "ERR value is not a valid float";
inline constexpr std::string_view kOutOfRange = "ERR value is out of range";
inline constexpr std::string_view kMustBePositive = "ERR value is out of range, must be positive";
inline constexpr std::string_view kIndexOutOfRange = "ERR index out of range";
inline constexpr std::string_view kInvalidCursor = "ERR invalid cursor";
inline constexpr std::string_view kSameObject = "ERR source and destination objects are the same";
inline constexpr std::string_view kDbIndexOutOfRange = "ERR DB index is out of range";
inline constexpr std::string_view kStringTooLong =
    "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
inline constexpr std::string_view kNaNOrInfinity = "ERR increment would produce NaN or Infinity";
inline constexpr std::string_view kOverflow = "ERR increment or decrement would overflow";
inline constexpr std::string_view kOutOfMemory = "OOM out of memory";
inline constexpr std::string_view kInternal = "ERR internal error";  // ours; the log says more
inline constexpr std::string_view kOverMaxmemory =
    "OOM command not allowed when used memory > 'maxmemory'.";
inline constexpr std::string_view kNoReplicas = "NOREPLICAS Not enough good replicas to write.";
inline constexpr std::string_view kBusyWithScript =
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
inline constexpr std::string_view kBusyWithFunction =
    "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";
inline constexpr std::string_view kNumkeys = "ERR numkeys should be greater than 0";

// "ERR wrong number of arguments for 'client|kill' command"
Error wrong_arity(std::string_view full_name);
// A sub-command that was given more than it takes:
// "ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP."
Error wrong_subcommand(std::string_view container, std::string_view given);
// "ERR invalid expire time in 'set' command"
Error invalid_expire(std::string_view full_name);

}  // namespace errors
}  // namespace bodega::redis
