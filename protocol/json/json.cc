#include "protocol/json/json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "engines/base/check.h"

namespace bodega::json {

namespace {

// The length of the UTF-8 sequence at `at`, or 0 when it is not a valid one (overlong forms,
// surrogates and what lies beyond U+10FFFF are not).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

void put_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

// True for the bytes that end a run inside a string: the quote, the backslash, control characters
// and everything outside ASCII.
constexpr std::array<bool, 256> kStops = [] {
  std::array<bool, 256> stops{};
  for (std::size_t i = 0; i < 256; ++i) stops[i] = i < 0x20 || i == '"' || i == '\\' || i >= 0x80;
  return stops;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

class Parser {
 public:
  explicit Parser(std::string_view text)
      : text_(text), max_entries_(static_cast<std::uint32_t>(Document::max_entries(text.size()))) {
    // The most that it can take, at once: pages that are not written to cost nothing, and nothing
    // is ever copied to a larger place.
    document.entries_ = std::make_unique_for_overwrite<Document::Entry[]>(max_entries_);
    document.text_ = text.data();
  }

  bool run() {
    enum class Want { kValue, kFirstElement, kFirstMember, kMember, kAfterValue };
    Want want = Want::kValue;
    for (;;) {
      skip_blanks();
      if (want == Want::kAfterValue) {
        if (depth_ == 0) return at_ == text_.size();
        if (at_ == text_.size()) return false;
        const bool object = top().kind() == Kind::kObject;
        const char c = text_[at_++];
        if (c == ',') {
          want = object ? Want::kMember : Want::kValue;
        } else if (c == (object ? '}' : ']')) {
          close();
        } else {
          return false;
        }
        continue;
      }
      if (at_ == text_.size()) return false;
      const char c = text_[at_];
      if ((want == Want::kFirstElement && c == ']') || (want == Want::kFirstMember && c == '}')) {
        ++at_;
        close();
        want = Want::kAfterValue;
        continue;
      }
      if (want == Want::kFirstMember || want == Want::kMember) {
        if (c != '"' || !string()) return false;
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != ':') return false;
        ++at_;
        want = Want::kValue;
        count_one();
        value_of_member_ = true;
        continue;
      }
      if (depth_ != 0 && !value_of_member_) count_one();
      value_of_member_ = false;
      if (c == '{' || c == '[') {
        if (!open(c == '{' ? Kind::kObject : Kind::kArray)) return false;
        want = c == '{' ? Want::kFirstMember : Want::kFirstElement;
        continue;
      }
      if (!scalar(c)) return false;
      want = Want::kAfterValue;
    }
  }

  Document document;

 private:
  using Entry = Document::Entry;

  Entry& top() { return document.entries_[top_]; }
  void count_one() { top().head += Entry::kPlaceUnit; }

  // More entries than the text has room for: its closing brackets must be missing.
  bool put(Kind kind, std::size_t place, std::size_t extent, std::uint32_t flags = 0) {
    if (document.count_ == max_entries_) return false;
    document.entries_[document.count_++] = {
        static_cast<std::uint32_t>(place) << Entry::kPlaceShift | flags |
            static_cast<std::uint32_t>(kind),
        static_cast<std::uint32_t>(extent)};
    return true;
  }

  bool open(Kind kind) {
    ++at_;
    const std::uint32_t around = top_;
    top_ = document.count_;
    return ++depth_ <= kMaxDepth && put(kind, 0, around);
  }

  void close() {
    const std::uint32_t around = top().extent;
    top().extent = document.count_;
    top_ = around;
    --depth_;
  }

  bool scalar(char first) {
    switch (first) {
      case '"': return string();
      case 't': return word("true", Kind::kTrue);
      case 'f': return word("false", Kind::kFalse);
      case 'n': return word("null", Kind::kNull);
      default: return number();
    }
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  bool word(std::string_view expected, Kind kind) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return put(kind, 0, 0);
  }

  bool number() {
    const std::size_t start = at_;
    const auto digits = [&] {
      const std::size_t from = at_;
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
      return at_ > from;
    };
    Kind kind = Kind::kInteger;
    if (text_[at_] == '-') ++at_;
    if (at_ < text_.size() && text_[at_] == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      kind = Kind::kDecimal;
      if (!digits()) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      kind = Kind::kDecimal;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) return false;
    }
    return put(kind, start, at_ - start);
  }

  // Four hex digits behind a \u.
  bool hex4(std::uint32_t& code) {
    if (at_ + 4 > text_.size()) return false;
    const char* start = text_.data() + at_;
    const auto [end, error] = std::from_chars(start, start + 4, code, 16);
    if (error != std::errc{} || end != start + 4) return false;
    at_ += 4;
    return true;
  }

  bool escape(std::string& out) {
    if (at_ == text_.size()) return false;
    switch (text_[at_++]) {
      case '"': out.push_back('"'); return true;
      case '\\': out.push_back('\\'); return true;
      case '/': out.push_back('/'); return true;
      case 'b': out.push_back('\b'); return true;
      case 'f': out.push_back('\f'); return true;
      case 'n': out.push_back('\n'); return true;
      case 'r': out.push_back('\r'); return true;
      case 't': out.push_back('\t'); return true;
      case 'u': break;
      default: return false;
    }
    std::uint32_t code = 0;
    if (!hex4(code)) return false;
    if (code >= 0xD800 && code <= 0xDBFF && text_.substr(at_, 2) == "\\u") {
      const std::size_t before = at_;
      at_ += 2;
      std::uint32_t low = 0;
      if (!hex4(low)) return false;
      if (low >= 0xDC00 && low <= 0xDFFF) {
        put_utf8(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
        return true;
      }
      at_ = before;
    }
    // The service encodes half a surrogate pair as a question mark, as its language does.
    if (code >= 0xD800 && code <= 0xDFFF) {
      out.push_back('?');
    } else {
      put_utf8(out, code);
    }
    return true;
  }

  bool string() {
    const std::size_t start = ++at_;
    if (!plain_run()) return false;
    if (text_[at_] == '"') return put(Kind::kString, start, at_++ - start);
    // From here on it has escapes, and is put together in its own place.
    std::string& out = document.unescaped_;
    if (out.empty()) out.reserve(text_.size() - start);  // it never takes more
    const std::size_t from = out.size();
    std::size_t run = start;
    while (text_[at_] == '\\') {
      out.append(text_.substr(run, at_ - run));
      ++at_;
      if (!escape(out)) return false;
      run = at_;
      if (!plain_run()) return false;
    }
    out.append(text_.substr(run, at_ - run));
    ++at_;
    return put(Kind::kString, from, out.size() - from, Entry::kEscaped);
  }

  // Goes on to the next quote or backslash. False when there is none, or something on the way that
  // a string cannot have.
  bool plain_run() {
    for (;;) {
      while (at_ < text_.size() && !kStops[static_cast<unsigned char>(text_[at_])]) ++at_;
      if (at_ == text_.size()) return false;
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"' || c == '\\') return true;
      if (c < 0x20) return false;
      const std::size_t length = utf8_length(text_, at_);
      if (length == 0) return false;
      at_ += length;
    }
  }

  std::string_view text_;
  std::uint32_t max_entries_;
  std::size_t at_ = 0;
  std::uint32_t top_ = 0;         // the innermost array or object that is open
  std::size_t depth_ = 0;         // how many are
  bool value_of_member_ = false;  // the next value was counted with its name
};

std::optional<Document> Document::parse(std::string_view text) {
  if (text.size() > kMaxTextBytes) return std::nullopt;
  Parser parser(text);
  if (!parser.run()) return std::nullopt;
  return std::move(parser.document);
}

bool Node::present() const { return exists() && kind() != Kind::kNull; }

Kind Node::kind() const { return exists() ? document_->entries_[index_].kind() : Kind::kNull; }

std::string_view Node::text() const {
  if (!exists()) return {};
  const auto& entry = document_->entries_[index_];
  return entry.is_container() ? std::string_view() : document_->text_of(entry);
}

std::size_t Node::size() const {
  if (!exists()) return 0;
  const auto& entry = document_->entries_[index_];
  return entry.is_container() ? entry.place() : 0;
}

std::size_t Node::weight() const { return exists() ? document_->behind(index_) - index_ : 0; }

Node Node::first() const {
  if (size() == 0) return {};
  return Node(document_, index_ + 1, document_->entries_[index_].extent);
}

Node Node::next() const {
  if (!exists()) return {};
  const std::uint32_t behind = document_->behind(index_);
  return behind >= end_ ? Node{} : Node(document_, behind, end_);
}

Node Node::find(std::string_view name) const {
  Node found;
  if (!exists() || kind() != Kind::kObject) return found;
  const std::uint32_t end = document_->entries_[index_].extent;
  for (std::uint32_t at = index_ + 1; at < end; at = document_->behind(at + 1)) {
    if (document_->text_of(document_->entries_[at]) == name) found = Node(document_, at + 1, end);
  }
  return found;
}

void write_string(std::string& out, std::string_view value) {
  out.push_back('"');
  std::size_t run = 0;
  std::size_t at = 0;
  while (at < value.size()) {
    const auto c = static_cast<unsigned char>(value[at]);
    if (!kStops[c]) {
      ++at;
      continue;
    }
    if (c >= 0x80) {
      const std::size_t length = utf8_length(value, at);
      if (length != 0) {
        at += length;
        continue;
      }
    }
    out.append(value.substr(run, at - run));
    run = ++at;
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\b': out.append("\\b"); break;
      case '\f': out.append("\\f"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      default:
        if (c >= 0x80) {
          out.append("\\ufffd");
        } else {
          constexpr std::string_view kHex = "0123456789abcdef";
          out.append("\\u00");
          out.push_back(kHex[c >> 4]);
          out.push_back(kHex[c & 15]);
        }
    }
  }
  out.append(value.substr(run));
  out.push_back('"');
}

void write_int(std::string& out, std::int64_t value) {
  std::array<char, 24> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

void write_double(std::string& out, double value) {
  if (value == std::floor(value) && std::fabs(value) < 9e15) {
    write_int(out, static_cast<std::int64_t>(value));
    return;
  }
  std::array<char, 40> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

std::string& Object::name(std::string_view name) {
  BODEGA_CHECK(open_);
  if (!first_) out_.push_back(',');
  first_ = false;
  write_string(out_, name);
  out_.push_back(':');
  return out_;
}

void Object::close() {
  if (open_) out_.push_back('}');
  open_ = false;
}

std::string& Array::next() {
  BODEGA_CHECK(open_);
  if (!first_) out_.push_back(',');
  first_ = false;
  return out_;
}

void Array::close() {
  if (open_) out_.push_back(']');
  open_ = false;
}

}  // namespace bodega::json
