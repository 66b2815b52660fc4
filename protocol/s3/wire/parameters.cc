#include "protocol/s3/wire/parameters.h"

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "engines/base/text.h"
#include "engines/object/model.h"
#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {

PageSize read_page_size(const Call& call, std::string_view name, std::string_view negative_name) {
  constexpr std::int64_t kMaxInteger = 2'147'483'647;
  const auto text = call.query().get(name);
  if (!text || text->empty()) return {};
  const auto number = base::parse_integer<std::int64_t>(*text);
  if (!number || *number > kMaxInteger || *number < -kMaxInteger - 1) {
    throw invalid_argument(
        "Provided " + std::string(name) + " not an integer or within integer range", name, *text);
  }
  if (*number < 0) {
    if (negative_name.empty()) {
      throw Error(Code::kInvalidArgument, std::string(name) + " cannot be negative")
          .with("ArgumentName", name);
    }
    throw invalid_argument(
        "Argument " + std::string(negative_name) + " must be an integer between 0 and 2147483647",
        negative_name, std::to_string(*number));
  }
  const auto asked = static_cast<std::size_t>(*number);
  return {asked, std::min(asked, kMaxPage)};
}

int read_part_number(const Call&, std::string_view value) {
  const auto number = base::parse_integer<std::int64_t>(value);
  if (!number || *number < 1 || *number > object::kMaxPartNumber) {
    throw invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                           "partNumber", value);
  }
  return static_cast<int>(*number);
}

std::string make_token(std::string_view content) {
  // A leading byte keeps the token of an empty content from being empty.
  std::string token = base::to_base64(std::string("1").append(content));
  while (token.ends_with('=')) token.pop_back();
  std::replace(token.begin(), token.end(), '+', '-');
  std::replace(token.begin(), token.end(), '/', '_');
  return token;
}

std::optional<std::string> read_token(std::string_view token) {
  std::string text(token);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  while (text.size() % 4 != 0) text.push_back('=');
  const auto content = base::from_base64(text);
  if (!content || !content->starts_with('1')) return std::nullopt;
  return content->substr(1);
}

KeyEncoding::KeyEncoding(const Call& call) {
  const auto type = call.query().get("encoding-type");
  if (!type) return;
  if (!base::equals_ignoring_case(*type, "url")) {
    throw invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", *type);
  }
  url_ = true;
  as_sent_ = *type;
}

std::string KeyEncoding::encode(std::string_view key) const {
  if (!url_) return std::string(key);
  // Recorded on the service: a space is '+', '/' and '*' stay, everything else as usual, except
  // that '~' is encoded.
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : key) {
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (alphanumeric || c == '-' || c == '_' || c == '.' || c == '*' || c == '/') {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

void KeyEncoding::element(xml::Writer& out, std::string_view name, std::string_view key) const {
  if (url_) {
    out.element(name, encode(key));
  } else {
    out.element(name, key);
  }
}

void KeyEncoding::write_type(xml::Writer& out) const {
  if (url_) out.element("EncodingType", as_sent_);
}

}  // namespace bodega::s3
