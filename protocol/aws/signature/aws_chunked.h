// Peels the aws-chunked framing off a body as it streams in:
//
//   <hex size>[;chunk-signature=<64 hex>]\r\n <bytes> \r\n … 0[;chunk-signature=…]\r\n
//   [<trailer-name>:<value>\r\n …] [x-amz-trailer-signature:<64 hex>\r\n] \r\n
//
// Chunk and trailer signatures form a chain that starts with the request's own signature; they are
// checked when a signing key is given. Source: "Signature Calculations … Transferring Payload in
// Multiple Chunks" in the S3 API reference. Some clients end with only one CRLF or none behind the
// last chunk; that is accepted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/http/headers.h"

namespace bodega::aws {

// What the chain of chunk signatures is made with.
struct ChunkSigning {
  std::string signing_key;     // raw bytes, from Authenticator::verify
  std::string timestamp;       // YYYYMMDDTHHMMSSZ
  std::string scope;           // date/region/service/aws4_request
  std::string seed_signature;  // the request's own, hex
};

class AwsChunkedDecoder {
 public:
  enum class State : std::uint8_t {
    kMore,          // all input taken, not at the end yet
    kDone,          // the end of the framing was seen; further input is ignored
    kMalformed,     // not aws-chunked, or a limit was passed
    kBadSignature,  // a chunk's or the trailer's signature is wrong
  };

  // Longest chunk-size line and trailer section, in bytes.
  static constexpr std::size_t kMaxLineBytes = 4096;
  static constexpr std::size_t kMaxTrailerBytes = 16 * 1024;

  explicit AwsChunkedDecoder(std::optional<ChunkSigning> signing = std::nullopt);
  ~AwsChunkedDecoder();
  AwsChunkedDecoder(AwsChunkedDecoder&&) noexcept;
  AwsChunkedDecoder& operator=(AwsChunkedDecoder&&) noexcept;

  // Takes any part of the framed body; calls `data` with the payload bytes in it, in order, as
  // views into `input`. After kMalformed or kBadSignature the decoder stays so.
  State feed(std::string_view input, const std::function<void(std::string_view)>& data);

  // Call when the transport's body has ended. kDone when the last chunk was seen, else kMalformed.
  State finish();

  // The trailer fields, valid after kDone.
  const http::Headers& trailers() const;

  // Payload bytes given out so far, to hold against x-amz-decoded-content-length.
  std::uint64_t decoded_bytes() const;

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace bodega::aws
