#include "protocol/sts/web_token.h"

#include <algorithm>
#include <optional>

#include "engines/base/bytes.h"
#include "protocol/aws/shape/members.h"
#include "protocol/json/json.h"
#include "protocol/sts/errors.h"

namespace bodega::sts {
namespace {

[[noreturn]] void invalid(std::string message) {
  throw Error(Code::kInvalidIdentityToken, std::move(message));
}

[[noreturn]] void no_token() {
  invalid(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access "
      "Token)");
}

// Base64 with '-' and '_', and without padding.
std::string decode_part(std::string_view part) {
  std::string text(part);
  if (text.find_first_of("+/=") != std::string::npos) no_token();
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  auto bytes = base::from_base64(text);
  if (!bytes) no_token();
  return std::move(*bytes);
}

// A JSON object of the token; the text has to outlive it.
json::Document parse_object(const std::string& text) {
  auto document = json::Document::parse(text);
  if (!document || !document->root().is_object()) no_token();
  return std::move(*document);
}

std::string text_claim(json::Node claims, std::string_view name) {
  const json::Node claim = claims.find(name);
  if (!claim.is_string() || claim.text().empty()) {
    invalid("Missing a required claim: " + std::string(name));
  }
  return std::string(claim.text());
}

std::string audience_claim(json::Node claims) {
  const json::Node claim = claims.find("aud");
  if (claim.is_array() && claim.first().is_string()) return std::string(claim.first().text());
  return text_claim(claims, "aud");
}

std::int64_t time_claim(json::Node claims, std::string_view name) {
  const json::Node claim = claims.find(name);
  if (!claim.is_number()) invalid("Missing a required claim: " + std::string(name));
  return aws::read_integer(claim);
}

void check_times(json::Node claims, std::int64_t now_s) {
  const std::int64_t expires_s = time_claim(claims, "exp");
  if (expires_s <= now_s) {
    throw Error(Code::kExpiredTokenException,
                "Token expired: current date/time " + std::to_string(now_s) +
                    " must be before the expiration date/time " + std::to_string(expires_s));
  }
  const bool is_early = claims.find("nbf").is_number() && time_claim(claims, "nbf") > now_s;
  if (is_early) invalid("The ID Token provided is not valid yet.");
}

}  // namespace

WebToken read_web_token(std::string_view token, std::int64_t now_s) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last || last + 1 == token.size()) no_token();
  const std::string header_text = decode_part(token.substr(0, first));
  const std::string claims_text = decode_part(token.substr(first + 1, last - first - 1));
  decode_part(token.substr(last + 1));
  const json::Document header = parse_object(header_text);
  const std::string_view algorithm = header.root().find("alg").text();
  if (algorithm.empty() || algorithm == "none") invalid("The ID Token provided is not signed.");
  const json::Document document = parse_object(claims_text);
  const json::Node claims = document.root();
  WebToken read;
  read.issuer = text_claim(claims, "iss");
  read.subject = text_claim(claims, "sub");
  read.audience = audience_claim(claims);
  check_times(claims, now_s);
  read.source_identity = claims.find("https://aws.amazon.com/source_identity").text();
  return read;
}

}  // namespace bodega::sts
