#include "protocol/redis/wire/resp_parser.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

// Room for arguments is not reserved on the word of the peer alone.
constexpr std::int64_t kMaxReservedArguments = 1024;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char unescaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
  }
  return c;
}

// The quoted part that starts behind line[i], appended to `word`; `i` moves behind the closing
// quote. False when it is not closed, or something follows it directly.
bool take_quoted(std::string_view line, std::size_t& i, char quote, std::string& word) {
  for (; i < line.size(); ++i) {
    const char c = line[i];
    if (c == quote) {
      ++i;
      return i == line.size() || is_space(line[i]);
    }
    const bool escape = c == '\\' && i + 1 < line.size();
    if (quote == '\'') {
      if (escape && line[i + 1] == '\'') {
        word.push_back('\'');
        ++i;
      } else {
        word.push_back(c);
      }
    } else if (escape && line[i + 1] == 'x' && i + 3 < line.size() && hex_digit(line[i + 2]) >= 0 &&
               hex_digit(line[i + 3]) >= 0) {
      word.push_back(static_cast<char>(hex_digit(line[i + 2]) * 16 + hex_digit(line[i + 3])));
      i += 3;
    } else if (escape) {
      word.push_back(unescaped(line[++i]));
    } else {
      word.push_back(c);
    }
  }
  return false;
}

// The number on a header line: text between `from` and `to`.
std::optional<std::int64_t> header_number(std::string_view input, std::size_t from,
                                          std::size_t to) {
  if (to - from == 1) {
    const char c = input[from];
    if (c < '0' || c > '9') return std::nullopt;
    return c - '0';
  }
  return base::canonical_integer(input.substr(from, to - from));
}

}  // namespace

bool split_arguments(std::string_view line, std::vector<std::string>& out) {
  out.clear();
  std::size_t i = 0;
  while (true) {
    while (i < line.size() && is_space(line[i])) ++i;
    if (i == line.size()) return true;
    std::string word;
    while (i < line.size() && !is_space(line[i])) {
      const char c = line[i++];
      if (c == '"' || c == '\'') {
        if (!take_quoted(line, i, c, word)) return false;
        break;
      }
      word.push_back(c);
    }
    out.push_back(std::move(word));
  }
}

RespParser::State RespParser::fail(std::string text) {
  error_ = "ERR Protocol error: " + std::move(text);
  return State::kError;
}

void RespParser::rebase(const char* base) {
  if (base != base_ && missing_args_ > 0) {
    for (auto& arg : args_) arg = {base + (arg.data() - base_), arg.size()};
  }
  base_ = base;
}

RespParser::State RespParser::parse(std::string_view input, const Limits& limits) {
  wanted_ = 0;
  if (input.empty()) return State::kNeedMore;
  rebase(input.data());
  if (missing_args_ == 0 && input.front() != '*') return parse_inline(input);
  return parse_array(input, limits);
}

RespParser::State RespParser::parse_inline(std::string_view input) {
  // Redis looks for the end of the line no further than a zero byte.
  constexpr std::string_view kEnds("\n\0", 2);
  const std::size_t newline = input.find_first_of(kEnds);
  if (newline == std::string_view::npos || input[newline] == '\0') {
    if (input.size() > kMaxInlineBytes) return fail("too big inline request");
    return State::kNeedMore;
  }
  std::string_view line = input.substr(0, newline);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!split_arguments(line, unquoted_)) return fail("unbalanced quotes in request");
  consumed_ = newline + 1;
  args_.assign(unquoted_.begin(), unquoted_.end());
  return args_.empty() ? State::kEmpty : State::kCommand;
}

RespParser::State RespParser::parse_array(std::string_view input, const Limits& limits) {
  const auto find_cr = [&](std::size_t from) -> std::size_t {
    const void* at = std::memchr(input.data() + from, '\r', input.size() - from);
    if (at == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(at) - input.data());
  };
  if (missing_args_ == 0) {
    const std::size_t cr = find_cr(1);
    if (cr == std::string_view::npos) {
      if (input.size() > kMaxInlineBytes) return fail("too big mbulk count string");
      return State::kNeedMore;
    }
    if (cr + 1 >= input.size()) return State::kNeedMore;
    const auto count = header_number(input, 1, cr);
    if (!count || *count > kMaxArguments) return fail("invalid multibulk length");
    if (!limits.authenticated && *count > kMaxUnauthenticatedArguments) {
      return fail("unauthenticated multibulk length");
    }
    if (*count <= 0) {
      consumed_ = cr + 2;
      return State::kEmpty;
    }
    args_.clear();
    args_.reserve(static_cast<std::size_t>(std::min(*count, kMaxReservedArguments)));
    missing_args_ = *count;
    bulk_length_ = -1;
    position_ = cr + 2;
  }
  while (missing_args_ > 0) {
    if (bulk_length_ < 0) {
      if (position_ >= input.size()) return State::kNeedMore;
      const std::size_t cr = find_cr(position_);
      if (cr == std::string_view::npos) {
        if (input.size() - position_ > kMaxInlineBytes) return fail("too big bulk count string");
        return State::kNeedMore;
      }
      if (cr + 1 >= input.size()) return State::kNeedMore;
      if (input[position_] != '$') {
        return fail(std::string("expected '$', got '") + input[position_] + "'");
      }
      const auto length = header_number(input, position_ + 1, cr);
      if (!length || *length < 0 || *length > limits.max_bulk_bytes) {
        return fail("invalid bulk length");
      }
      if (!limits.authenticated && *length > kMaxUnauthenticatedBulk) {
        return fail("unauthenticated bulk length");
      }
      bulk_length_ = *length;
      position_ = cr + 2;
    }
    const auto length = static_cast<std::size_t>(bulk_length_);
    if (input.size() - position_ < length + 2) {
      wanted_ = position_ + length + 2;
      return State::kNeedMore;
    }
    args_.push_back(input.substr(position_, length));
    position_ += length + 2;
    bulk_length_ = -1;
    --missing_args_;
  }
  consumed_ = position_;
  position_ = 0;
  return State::kCommand;
}

}  // namespace bodega::redis
