// What x-amz-content-sha256 and Content-Encoding say about a body: how it is framed and what is
// signed of it. Clients differ: some say "aws-chunked" only in one of the two places, so either
// counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/http/headers.h"

namespace bodega::aws {

enum class PayloadMode : std::uint8_t {
  kAbsent,                    // no x-amz-content-sha256 header
  kSha256,                    // 64 hex digits: the body's hash
  kUnsigned,                  // UNSIGNED-PAYLOAD
  kStreamingSigned,           // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  kStreamingSignedTrailer,    // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
  kStreamingUnsigned,         // aws-chunked by Content-Encoding alone
  kStreamingUnsignedTrailer,  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
  kSigV4A,                    // STREAMING-AWS4-ECDSA-P256-SHA256-…: not supported
  kInvalid,                   // anything else
};

struct Payload {
  PayloadMode mode = PayloadMode::kAbsent;
  std::string sha256_hex;  // kSha256: the promised hash, lower case
  bool aws_chunked() const {
    return mode == PayloadMode::kStreamingSigned || mode == PayloadMode::kStreamingSignedTrailer ||
           mode == PayloadMode::kStreamingUnsigned ||
           mode == PayloadMode::kStreamingUnsignedTrailer;
  }
  bool chunks_signed() const {
    return mode == PayloadMode::kStreamingSigned || mode == PayloadMode::kStreamingSignedTrailer;
  }
};

Payload payload_of(const http::Headers& headers);

// Content-Encoding without its "aws-chunked" words: "gzip,aws-chunked" gives "gzip". Never stored.
std::string without_aws_chunked(std::string_view content_encoding);

}  // namespace bodega::aws
