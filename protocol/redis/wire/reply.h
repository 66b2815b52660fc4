// Reply: writes RESP into a session's output buffer, in the protocol version that the session
// speaks. Handlers say what they mean (a map, a set, a double, a null); RESP2 clients get the older
// shapes.
//
// Aggregates are a header followed by that many elements: map(2) is followed by 4 writes. When the
// count is known only at the end, open one with defer() and close it with the count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bodega::redis {

// How doubles are written: as Redis 7.2 does, the shortest text that reads back as the same double,
// whole numbers up to 2^62 as integers ("0.1", "1e+20", "inf", "-inf", "nan", "3"); or as 7.0 does,
// with 17 digits ("0.10000000000000001").
enum class DoubleForm : std::uint8_t { kShortest, kDigits17 };

std::string format_double(double value, DoubleForm form = DoubleForm::kShortest);

// Fixed notation with trailing zeros removed, as INCRBYFLOAT and HINCRBYFLOAT store and answer.
std::string format_long_double(long double value);

class Reply {
 public:
  // Appends to `out`, which must outlive this. `protocol` is 2 or 3.
  Reply(std::string& out, int protocol, DoubleForm form = DoubleForm::kShortest)
      : out_(&out), protocol_(protocol), double_form_(form) {}

  int protocol() const { return protocol_; }
  bool resp3() const { return protocol_ == 3; }
  void set_protocol(int protocol) { protocol_ = protocol; }

  void ok() { out_->append("+OK\r\n", 5); }
  void simple(std::string_view text);      // +text
  void error(std::string_view text);       // -text; line ends inside become spaces
  void integer(std::int64_t value);        // :value
  void boolean(bool value);                // #t / #f; RESP2: :1 / :0
  void bulk(std::string_view value);       // $length value
  void bulk_integer(std::int64_t value);   // an integer as a bulk string
  void number(double value);               // ,value; RESP2: a bulk string
  void bulk_double(double value);          // a double as a bulk string
  void big_number(std::string_view text);  // (text; RESP2: a bulk string
  // =length txt:text; RESP2: a bulk string. `format` has three letters.
  void verbatim(std::string_view text, std::string_view format = "txt");

  void null();        // _; RESP2: $-1
  void null_array();  // _; RESP2: *-1

  void array(std::size_t count);      // *count
  void map(std::size_t pairs);        // %pairs; RESP2: *2*pairs
  void set(std::size_t count);        // ~count; RESP2: *count
  void push(std::size_t count);       // >count; RESP2: *count
  void attribute(std::size_t pairs);  // |pairs. REQUIRES: resp3()

  // The shape of a deferred aggregate.
  enum class Shape { kArray, kMap, kSet };
  // Where a header will stand. Valid until something before it changes size.
  struct Deferred {
    std::size_t position;
    Shape shape;
  };
  Deferred defer(Shape shape = Shape::kArray) { return {out_->size(), shape}; }
  // Writes the header in front of everything written since defer(). `count` as for the direct form.
  // Close inner ones before outer ones.
  void close(Deferred deferred, std::size_t count);

  // Already encoded RESP, as it is.
  void raw(std::string_view encoded) { out_->append(encoded); }

  // For the dispatcher: where the reply stands, and cutting back to there when a handler throws.
  std::size_t size() const { return out_->size(); }
  // What was written from there on.
  std::string_view text(std::size_t from) const { return std::string_view(*out_).substr(from); }
  void truncate(std::size_t size) { out_->resize(size); }

 private:
  void header(char type, std::int64_t count);

  std::string* out_;
  int protocol_;
  DoubleForm double_form_;
};

}  // namespace bodega::redis
