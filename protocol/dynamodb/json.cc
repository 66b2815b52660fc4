#include "protocol/dynamodb/json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "engines/base/check.h"

namespace bodega::dynamodb::json {

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
  explicit Parser(std::string_view text) : text_(text) {}

  bool run() {
    document.entries_.reserve(16 + text_.size() / 16);
    enum class Want { kValue, kFirstElement, kFirstMember, kMember, kAfterValue };
    Want want = Want::kValue;
    for (;;) {
      skip_blanks();
      if (want == Want::kAfterValue) {
        if (open_.empty()) return at_ == text_.size();
        if (at_ == text_.size()) return false;
        const bool object = top().kind == Kind::kObject;
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
      if (want == Want::kFirstElement && text_[at_] == ']') {
        ++at_;
        close();
        want = Want::kAfterValue;
        continue;
      }
      if (want == Want::kFirstMember && text_[at_] == '}') {
        ++at_;
        close();
        want = Want::kAfterValue;
        continue;
      }
      if (want == Want::kFirstMember || want == Want::kMember) {
        if (text_[at_] != '"' || !string()) return false;
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != ':') return false;
        ++at_;
        want = Want::kValue;
        ++top().count;
        value_of_member_ = true;
        continue;
      }
      if (!open_.empty() && !value_of_member_) ++top().count;
      value_of_member_ = false;
      switch (text_[at_]) {
        case '{':
        case '[': {
          if (open_.size() >= kMaxDepth) return false;
          const bool object = text_[at_++] == '{';
          open_.push_back(static_cast<std::uint32_t>(document.entries_.size()));
          document.entries_.push_back({{}, 0, 0, object ? Kind::kObject : Kind::kArray});
          want = object ? Want::kFirstMember : Want::kFirstElement;
          continue;
        }
        case '"':
          if (!string()) return false;
          break;
        case 't':
          if (!word("true", Kind::kTrue)) return false;
          break;
        case 'f':
          if (!word("false", Kind::kFalse)) return false;
          break;
        case 'n':
          if (!word("null", Kind::kNull)) return false;
          break;
        default:
          if (!number()) return false;
      }
      want = Want::kAfterValue;
    }
  }

  Document document;

 private:
  Document::Entry& top() { return document.entries_[open_.back()]; }

  void close() {
    top().next = static_cast<std::uint32_t>(document.entries_.size());
    open_.pop_back();
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  void put(Kind kind, std::string_view text) {
    const auto next = static_cast<std::uint32_t>(document.entries_.size() + 1);
    document.entries_.push_back({text, 0, next, kind});
  }

  bool word(std::string_view expected, Kind kind) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    put(kind, {});
    return true;
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
    put(kind, text_.substr(start, at_ - start));
    return true;
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
      case '"':
        out.push_back('"');
        return true;
      case '\\':
        out.push_back('\\');
        return true;
      case '/':
        out.push_back('/');
        return true;
      case 'b':
        out.push_back('\b');
        return true;
      case 'f':
        out.push_back('\f');
        return true;
      case 'n':
        out.push_back('\n');
        return true;
      case 'r':
        out.push_back('\r');
        return true;
      case 't':
        out.push_back('\t');
        return true;
      case 'u':
        break;
      default:
        return false;
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
    ++at_;
    std::size_t run = at_;
    std::string* copy = nullptr;
    for (;;) {
      while (at_ < text_.size() && !kStops[static_cast<unsigned char>(text_[at_])]) ++at_;
      if (at_ == text_.size()) return false;
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') break;
      if (c < 0x20) return false;
      if (c == '\\') {
        if (copy == nullptr) copy = &document.unescaped_.emplace_back();
        copy->append(text_.substr(run, at_ - run));
        ++at_;
        if (!escape(*copy)) return false;
        run = at_;
        continue;
      }
      const std::size_t length = utf8_length(text_, at_);
      if (length == 0) return false;
      at_ += length;
    }
    std::string_view value = text_.substr(run, at_ - run);
    if (copy != nullptr) {
      copy->append(value);
      value = *copy;
    }
    ++at_;
    put(Kind::kString, value);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::uint32_t> open_;  // the arrays and objects we are in
  bool value_of_member_ = false;     // the next value was counted with its name
};

std::optional<Document> Document::parse(std::string_view text) {
  if (text.size() > UINT32_MAX / 2) return std::nullopt;
  Parser parser(text);
  if (!parser.run()) return std::nullopt;
  return std::move(parser.document);
}

bool Node::present() const { return exists() && kind() != Kind::kNull; }

Kind Node::kind() const { return exists() ? document_->entries_[index_].kind : Kind::kNull; }

std::string_view Node::text() const {
  return exists() ? document_->entries_[index_].text : std::string_view();
}

std::size_t Node::size() const { return exists() ? document_->entries_[index_].count : 0; }

Node Node::first() const {
  if (size() == 0) return {};
  return Node(document_, index_ + 1, document_->entries_[index_].next);
}

Node Node::next() const {
  if (!exists()) return {};
  const std::uint32_t behind = document_->entries_[index_].next;
  return behind >= end_ ? Node{} : Node(document_, behind, end_);
}

Node Node::find(std::string_view name) const {
  Node found;
  if (!exists() || kind() != Kind::kObject) return found;
  const auto& entries = document_->entries_;
  const std::uint32_t end = entries[index_].next;
  for (std::uint32_t at = index_ + 1; at < end; at = entries[at + 1].next) {
    if (entries[at].text == name) found = Node(document_, at + 1, end);
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
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\b':
        out.append("\\b");
        break;
      case '\f':
        out.append("\\f");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
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

}  // namespace bodega::dynamodb::json
