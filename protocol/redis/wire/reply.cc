#include "protocol/redis/wire/reply.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "engines/base/large_memory.h"

namespace bodega::redis {
namespace {

// Doubles that are whole are written as integers up to this, half of the largest 64-bit integer.
constexpr double kMostWhole = 4611686018427387904.0;

// Writes digits * 10^exponent as Redis does: plain while it stays short, else d.ddde+x.
void append_decimal(std::string& out, std::string_view digits, int exponent) {
  const int count = static_cast<int>(digits.size());
  const int scientific = exponent + count - 1;
  if (exponent >= 0 && std::abs(scientific) < count + 7) {
    out.append(digits);
    out.append(static_cast<std::size_t>(exponent), '0');
    return;
  }
  if (exponent < 0 && (exponent > -7 || std::abs(scientific) < 4)) {
    const int whole = count + exponent;
    if (whole <= 0) {
      out.append("0.");
      out.append(static_cast<std::size_t>(-whole), '0');
      out.append(digits);
    } else {
      out.append(digits.substr(0, static_cast<std::size_t>(whole)));
      out.push_back('.');
      out.append(digits.substr(static_cast<std::size_t>(whole)));
    }
    return;
  }
  out.push_back(digits[0]);
  if (count > 1) {
    out.push_back('.');
    out.append(digits.substr(1));
  }
  out.push_back('e');
  out.push_back(scientific < 0 ? '-' : '+');
  out.append(std::to_string(std::abs(scientific)));
}

// For a string from this length on there is room made at once.
constexpr std::size_t kLargeBulkBytes = 1024 * 1024;

std::string with_17_digits(double value) {
  std::array<char, 40> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.17g", value);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

char shape_type(Reply::Shape shape, bool resp3) {
  if (!resp3) return '*';
  switch (shape) {
    case Reply::Shape::kArray: return '*';
    case Reply::Shape::kMap: return '%';
    case Reply::Shape::kSet: return '~';
  }
  return '*';
}

}  // namespace

std::string format_double(double value, DoubleForm form) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  if (form == DoubleForm::kDigits17) return with_17_digits(value);
  if (std::fabs(value) <= kMostWhole && std::trunc(value) == value) {
    return std::to_string(static_cast<std::int64_t>(value));
  }
  // to_chars gives the shortest digits that read back: d.ddde±xx.
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(value),
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) digits.append(text.substr(2, e - 2));
  int exponent = 0;
  const char* start = text.data() + e + 1;
  if (*start == '+') ++start;
  std::from_chars(start, end, exponent);
  std::string out;
  if (value < 0) out.push_back('-');
  append_decimal(out, digits, exponent - static_cast<int>(digits.size()) + 1);
  return out;
}

std::string format_long_double(long double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (std::isnan(value)) return "nan";
  std::array<char, 5120> buffer;  // the largest long double has 4933 digits before the point
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.17Lf", value);
  std::string out(buffer.data(), static_cast<std::size_t>(length));
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

void Reply::header(char type, std::int64_t count) {
  std::array<char, 24> buffer;
  buffer[0] = type;
  char* end = std::to_chars(buffer.data() + 1, buffer.data() + 22, count).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out_->append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

void Reply::simple(std::string_view text) {
  out_->push_back('+');
  out_->append(text);
  out_->append("\r\n", 2);
}

void Reply::error(std::string_view text) {
  out_->push_back('-');
  for (const char c : text) out_->push_back(c == '\r' || c == '\n' ? ' ' : c);
  out_->append("\r\n", 2);
}

void Reply::integer(std::int64_t value) { header(':', value); }

void Reply::boolean(bool value) {
  if (resp3()) {
    out_->append(value ? "#t\r\n" : "#f\r\n", 4);
  } else {
    integer(value ? 1 : 0);
  }
}

void Reply::bulk(std::string_view value) {
  header('$', static_cast<std::int64_t>(value.size()));
  if (value.size() >= kLargeBulkBytes) {
    out_->reserve(out_->size() + value.size() + 2);
    base::will_be_filled(out_->data() + out_->size(), value.size());
  }
  out_->append(value);
  out_->append("\r\n", 2);
}

void Reply::bulk_integer(std::int64_t value) {
  std::array<char, 24> buffer;
  const char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  bulk({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

void Reply::number(double value) {
  if (!resp3()) return bulk_double(value);
  const std::string text = format_double(value, double_form_);
  out_->push_back(',');
  out_->append(text);
  out_->append("\r\n", 2);
}

void Reply::bulk_double(double value) { bulk(format_double(value, double_form_)); }

void Reply::big_number(std::string_view text) {
  if (!resp3()) return bulk(text);
  out_->push_back('(');
  out_->append(text);
  out_->append("\r\n", 2);
}

void Reply::verbatim(std::string_view text, std::string_view format) {
  if (!resp3()) return bulk(text);
  header('=', static_cast<std::int64_t>(text.size() + 4));
  out_->append(format.substr(0, 3));
  out_->push_back(':');
  out_->append(text);
  out_->append("\r\n", 2);
}

void Reply::null() { out_->append(resp3() ? "_\r\n" : "$-1\r\n"); }
void Reply::null_array() { out_->append(resp3() ? "_\r\n" : "*-1\r\n"); }

void Reply::array(std::size_t count) { header('*', static_cast<std::int64_t>(count)); }

void Reply::map(std::size_t pairs) {
  header(resp3() ? '%' : '*', static_cast<std::int64_t>(resp3() ? pairs : pairs * 2));
}

void Reply::set(std::size_t count) {
  header(resp3() ? '~' : '*', static_cast<std::int64_t>(count));
}

void Reply::push(std::size_t count) {
  header(resp3() ? '>' : '*', static_cast<std::int64_t>(count));
}

void Reply::attribute(std::size_t pairs) { header('|', static_cast<std::int64_t>(pairs)); }

void Reply::close(Deferred deferred, std::size_t count) {
  const bool pairs_flat = deferred.shape == Shape::kMap && !resp3();
  std::string text(1, shape_type(deferred.shape, resp3()));
  text.append(std::to_string(pairs_flat ? count * 2 : count));
  text.append("\r\n");
  out_->insert(deferred.position, text);
}

}  // namespace bodega::redis
