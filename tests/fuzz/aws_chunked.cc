// The aws-chunked decoder: the same payload comes out, whether the body arrives at once or in
// parts; with and without a signing key.
#include "protocol/aws/signature/aws_chunked.h"

#include <array>
#include <string>

#include "engines/base/check.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

using aws::AwsChunkedDecoder;

struct Decoded {
  AwsChunkedDecoder::State state;
  std::string payload;

  friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(std::string_view bytes, std::size_t step, bool is_signed) {
  std::optional<aws::ChunkSigning> signing;
  if (is_signed) signing = {"key", "20260102T030405Z", "20260102/us-east-1/s3/aws4_request", "00"};
  AwsChunkedDecoder decoder(std::move(signing));
  Decoded decoded;
  const auto take = [&](std::string_view data) { decoded.payload += data; };
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    decoder.feed(bytes.substr(at, step), take);
  }
  decoded.state = decoder.finish();
  BODEGA_CHECK(decoder.decoded_bytes() == decoded.payload.size());
  return decoded;
}

void run(std::string_view bytes) {
  const std::size_t step = 1 + take_byte(bytes) % 64;
  decode(bytes, step, true);
  const Decoded whole = decode(bytes, bytes.size() + 1, false);
  const Decoded parts = decode(bytes, step, false);
  BODEGA_CHECK(whole.state == parts.state);
  if (whole.state == AwsChunkedDecoder::State::kDone) BODEGA_CHECK(whole == parts);
}

constexpr std::array<std::string_view, 5> kSeeds{
    "\x01"
    "5\r\nhello\r\n0\r\n\r\n",
    "\x03"
    "5;chunk-signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    "\r\nhello\r\n0;chunk-signature="
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n\r\n",
    "\x07"
    "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:00\r\n\r\n",
    "\x02"
    "ffffffffffffffff\r\nx",
    "\x40"
    "0",
};

}  // namespace

const Target kAwsChunked{"aws_chunked", run, kSeeds};

}  // namespace bodega::fuzz
