#include "protocol/aws/signature/payload.h"

#include <algorithm>
#include <functional>

#include "engines/base/text.h"

namespace bodega::aws {
namespace {

constexpr std::string_view kAwsChunked = "aws-chunked";

// Calls `each` with the comma-separated words of a header value, trimmed.
void for_each_word(std::string_view value, const std::function<void(std::string_view)>& each) {
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view word = base::trim(value.substr(0, comma));
    if (!word.empty()) each(word);
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

bool says_aws_chunked(const http::Headers& headers) {
  bool found = false;
  for (const std::string_view value : headers.get_all("content-encoding")) {
    for_each_word(value, [&](std::string_view word) {
      found = found || base::equals_ignoring_case(word, kAwsChunked);
    });
  }
  return found;
}

bool is_hex_sha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

PayloadMode mode_of(std::string_view word, bool aws_chunked) {
  if (word == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return PayloadMode::kStreamingSigned;
  if (word == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    return PayloadMode::kStreamingSignedTrailer;
  }
  if (word == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return PayloadMode::kStreamingUnsignedTrailer;
  if (word.starts_with("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")) return PayloadMode::kSigV4A;
  if (word == "UNSIGNED-PAYLOAD") {
    return aws_chunked ? PayloadMode::kStreamingUnsigned : PayloadMode::kUnsigned;
  }
  if (is_hex_sha256(word)) return PayloadMode::kSha256;
  return PayloadMode::kInvalid;
}

}  // namespace

Payload payload_of(const http::Headers& headers) {
  const bool aws_chunked = says_aws_chunked(headers);
  const std::optional<std::string_view> header = headers.get("x-amz-content-sha256");
  Payload payload;
  if (!header) {
    payload.mode = aws_chunked ? PayloadMode::kStreamingUnsigned : PayloadMode::kAbsent;
    return payload;
  }
  payload.mode = mode_of(*header, aws_chunked);
  if (payload.mode == PayloadMode::kSha256) payload.sha256_hex = base::to_lower(*header);
  return payload;
}

std::string without_aws_chunked(std::string_view content_encoding) {
  std::string out;
  for_each_word(content_encoding, [&](std::string_view word) {
    if (base::equals_ignoring_case(word, kAwsChunked)) return;
    if (!out.empty()) out += ',';
    out += word;
  });
  return out;
}

}  // namespace bodega::aws
