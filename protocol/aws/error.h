// What an AWS service answers when it refuses: rows of a catalogue, one catalogue per service. The
// name of a row is what clients switch on, and by it a gate can ask for any of them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bodega::aws {

// About so much of a request is repeated in a message at most; an ellipsis stands for the rest.
inline constexpr std::size_t kMaxEchoBytes = 64 * 1024;

struct ErrorRow {
  std::string_view name;  // "NotFoundException"
  int status = 400;
  std::string_view prefix = {};              // json: the namespace in front of '#' in __type
  std::string_view message_key = "message";  // json: or "Message" where the service spells it so
};

// A row with the code that the service's own sources know it by.
template <class Code>
struct CodeRow {
  Code code;
  ErrorRow row;
};

// The rows of a catalogue. Does not compile unless the table has one row for each code, in the
// order of the codes.
template <class Code, std::size_t kCount>
consteval std::array<ErrorRow, kCount> in_order_of_codes(const CodeRow<Code> (&table)[kCount]) {
  static_assert(kCount == static_cast<std::size_t>(Code::kCount));
  std::array<ErrorRow, kCount> rows;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (static_cast<std::size_t>(table[i].code) != i) throw "a row is out of order";
    rows[i] = table[i].row;
  }
  return rows;
}

// What handlers of the buffered services throw. A service gives it a constructor that takes its own
// Code, so that a name that is in no catalogue does not compile.
struct Error {
  const ErrorRow* row;
  std::string message = {};  // empty: the reply has none
  std::string members = {};  // json: further members of the body as JSON text, e.g. `"Item":{…}`
};

// All errors of one service.
class Catalogue {
 public:
  constexpr explicit Catalogue(std::span<const ErrorRow> rows) : rows_(rows) {}

  // Null for a name that the service does not answer with.
  const ErrorRow* find(std::string_view name) const;
  // REQUIRES: the service has it.
  const ErrorRow& at(std::string_view name) const;

 private:
  std::span<const ErrorRow> rows_;
};

// "The operation X is not implemented": the one wording for what is known and not there.
std::string not_implemented_message(std::string_view operation);

// What observers are told is missing: "CreateBucket", where the message is the one above, or else
// what of it the message names: "CreateBucket: Directory buckets".
std::string missing_part(std::string_view operation, std::string_view message);

}  // namespace bodega::aws
