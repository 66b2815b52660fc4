#include "protocol/aws/redaction.h"

#include <algorithm>
#include <array>

#include "engines/base/text.h"
#include "protocol/http/headers.h"
#include "protocol/http/percent.h"

namespace bodega::aws {
namespace {

constexpr std::array<std::string_view, 3> kSecretParameters{"x-amz-signature",
                                                            "x-amz-security-token", "signature"};

bool is_secret(std::string_view raw_name) {
  const auto decoded = http::percent_decode(raw_name, http::Plus::kSpace);
  const std::string name = base::to_lower(decoded ? *decoded : std::string(raw_name));
  return std::find(kSecretParameters.begin(), kSecretParameters.end(), name) !=
         kSecretParameters.end();
}

}  // namespace

std::string loggable_query(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (;;) {
    const std::size_t end = raw.find('&');
    const std::string_view parameter = raw.substr(0, end);
    const std::size_t equals = parameter.find('=');
    if (equals != std::string_view::npos && is_secret(parameter.substr(0, equals))) {
      out.append(parameter.substr(0, equals + 1)).append("(redacted)");
    } else {
      out.append(parameter);
    }
    if (end == std::string_view::npos) return out;
    out += '&';
    raw.remove_prefix(end + 1);
  }
}

std::string loggable_text(std::string_view text) {
  std::string out(text.substr(0, kMaxLoggableBytes));
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return out;
}

}  // namespace bodega::aws
