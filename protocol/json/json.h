// JSON as the DynamoDB front door needs it: a request is read into a flat tape of eight bytes per
// value that points into the text (one allocation, no recursion), a reply is written straight into
// a string. A document object model with a node per value would cost more than the engine's work.
//
// Strictness is the service's: UTF-8 is checked, numbers keep their text, a deep nest is refused by
// counting. Of several members with one name the last counts.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::json {

// Arrays and objects inside each other; an attribute value costs two levels per document level.
inline constexpr std::size_t kMaxDepth = 1024;

// A tape entry has 28 bits for a place in the text. Bodies are smaller by far.
inline constexpr std::size_t kMaxTextBytes = (std::size_t{1} << 28) - 1;

enum class Kind : std::uint8_t {
  kNull,
  kFalse,
  kTrue,
  kInteger,  // a number without fraction and exponent
  kDecimal,  // any other number
  kString,
  kArray,
  kObject,
};

class Document;

// A value inside a document: a light handle, valid as long as the document lives (and its text
// does).
class Node {
 public:
  Node() = default;

  // False for the handle that find() gives when there is no such member.
  bool exists() const { return document_ != nullptr; }
  // Neither absent nor null: what the service calls present.
  bool present() const;

  // What is not there reads as null, empty and without elements.
  Kind kind() const;
  bool is_string() const { return kind() == Kind::kString; }
  bool is_array() const { return kind() == Kind::kArray; }
  bool is_object() const { return kind() == Kind::kObject; }
  bool is_number() const { return kind() == Kind::kInteger || kind() == Kind::kDecimal; }
  // A string's characters (unescaped), or a number as it was written.
  std::string_view text() const;
  // Elements of an array, members of an object (a name given twice counts twice).
  std::size_t size() const;

  // How many values and member names it is made of, all the way down and with itself.
  std::size_t weight() const;

  // Walking: the first element or member name, then next() of each. For an object, names and values
  // alternate. Not there (exists() is false) at the end.
  Node first() const;
  Node next() const;

  // The member's value; not there when there is none. The last of several wins.
  Node find(std::string_view name) const;

 private:
  friend class Document;
  Node(const Document* document, std::uint32_t index, std::uint32_t end)
      : document_(document), index_(index), end_(end) {}

  const Document* document_ = nullptr;
  std::uint32_t index_ = 0;
  std::uint32_t end_ = 0;  // one past the last entry of the enclosing array or object
};

class Document {
 public:
  // Returns nullopt when `text` is not one JSON value (with blanks around it) in valid UTF-8, or
  // longer than kMaxTextBytes. Handles view into `text`, which must outlive the document; the
  // document must not move while handles live.
  static std::optional<Document> parse(std::string_view text);

  // The most values and member names that a document of so many bytes can have: each but the first
  // needs a byte of its own and a comma, colon or bracket. So a tape takes at most four bytes for
  // each byte of text.
  static constexpr std::size_t max_entries(std::size_t text_bytes) { return (text_bytes + 1) / 2; }

  Node root() const { return Node(this, 0, count_); }

 private:
  friend class Node;
  friend class Parser;

  // One value or member name. A body of 16 MiB can have eight million of them, hence so small.
  //
  //   head  | place: 28 bits | escaped: 1 bit | kind: 3 bits |
  //
  // Of a string or number: `place` and `extent` are offset and length of its text, in the unescaped
  // strings when it is `escaped`. Of an array or object: `place` counts the elements or members,
  // and `extent` is the entry behind it (while it is being read: the one around it).
  struct Entry {
    static constexpr std::uint32_t kKindMask = 7;
    static constexpr std::uint32_t kEscaped = 8;
    static constexpr std::uint32_t kPlaceShift = 4;
    static constexpr std::uint32_t kPlaceUnit = 1U << kPlaceShift;

    Kind kind() const { return static_cast<Kind>(head & kKindMask); }
    bool is_container() const { return kind() >= Kind::kArray; }
    bool is_escaped() const { return (head & kEscaped) != 0; }
    std::uint32_t place() const { return head >> kPlaceShift; }

    std::uint32_t head;
    std::uint32_t extent;
  };
  static_assert(sizeof(Entry) == 8);

  std::string_view text_of(const Entry& entry) const {
    const char* base = entry.is_escaped() ? unescaped_.data() : text_;
    return {base + entry.place(), entry.extent};
  }
  // The entry behind a value and all that is inside it.
  std::uint32_t behind(std::uint32_t index) const {
    const Entry& entry = entries_[index];
    return entry.is_container() ? entry.extent : index + 1;
  }

  std::unique_ptr<Entry[]> entries_;
  std::uint32_t count_ = 0;
  const char* text_ = nullptr;
  std::string unescaped_;  // all strings that had escapes, one behind the other
};

// Append to `out`. write_string escapes what JSON demands and leaves UTF-8 as it is; bytes that are
// not UTF-8 become U+FFFD (they can only come from a corrupt store).
void write_string(std::string& out, std::string_view value);
void write_int(std::string& out, std::int64_t value);
// Takes nothing that merely converts to a truth value, such as a pointer.
void write_bool(std::string& out, std::same_as<bool> auto value) {
  out.append(value ? "true" : "false");
}
// Shortest form, an integer without fraction where it is one: 0.5, 1, 127.5.
void write_double(std::string& out, double value);

// Writes members and elements with their commas: `Object object(out); object.string("a", "b");`.
// The closing brace is written by close() or the destructor.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_.push_back('{'); }
  ~Object() { close(); }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // Writes the name and returns the string to append the value to.
  std::string& name(std::string_view name);
  void string(std::string_view name, std::string_view value) {
    write_string(this->name(name), value);
  }
  void integer(std::string_view name, std::int64_t value) { write_int(this->name(name), value); }
  void boolean(std::string_view name, std::same_as<bool> auto value) {
    write_bool(this->name(name), value);
  }
  void number(std::string_view name, double value) { write_double(this->name(name), value); }
  void close();

 private:
  std::string& out_;
  bool first_ = true;
  bool open_ = true;
};

class Array {
 public:
  explicit Array(std::string& out) : out_(out) { out_.push_back('['); }
  ~Array() { close(); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  // Returns the string to append the next element to.
  std::string& next();
  void close();

 private:
  std::string& out_;
  bool first_ = true;
  bool open_ = true;
};

}  // namespace bodega::json
