#include "protocol/aws/signature/aws_chunked.h"

#include "engines/base/random.h"
#include "protocol/aws/signature/payload.h"
#include "protocol/aws/signature/sigv4.h"
#include "tests/catch.h"

using namespace bodega;
using aws::AwsChunkedDecoder;
using State = AwsChunkedDecoder::State;

namespace {

struct Decoded {
  State state;
  std::string bytes;
  http::Headers trailers;
};

// Feeds the framed body in pieces of at most `piece` bytes.
Decoded decode(const std::string& framed, std::size_t piece,
               std::optional<aws::ChunkSigning> signing = std::nullopt) {
  AwsChunkedDecoder decoder(std::move(signing));
  Decoded out;
  for (std::size_t at = 0; at < framed.size(); at += piece) {
    decoder.feed(std::string_view(framed).substr(at, piece),
                 [&](std::string_view run) { out.bytes += run; });
  }
  out.state = decoder.finish();
  out.trailers = decoder.trailers();
  return out;
}

// The worked example of the S3 API reference: 65536 and 1024 bytes of 'a'.
aws::ChunkSigning example_signing() {
  return {aws::derive_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524",
                                  "us-east-1", "s3"),
          "20130524T000000Z", "20130524/us-east-1/s3/aws4_request",
          "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"};
}

std::string example_body() {
  return "10000;chunk-signature="
         "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature="
         "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature="
         "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

}  // namespace

TEST_CASE("aws-chunked: unsigned chunks and a trailer, in pieces of any size") {
  const std::string framed =
      "5\r\nhello\r\n7; x=y\r\n, world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
  for (std::size_t piece = 1; piece <= framed.size(); ++piece) {
    const Decoded out = decode(framed, piece);
    CHECK(out.state == State::kDone);
    CHECK(out.bytes == "hello, world");
    CHECK(out.trailers.get_or_empty("X-Amz-Checksum-Crc32") == "AAAAAA==");
  }
}

TEST_CASE("aws-chunked: the signed example of the documentation verifies") {
  for (const std::size_t piece : {1UL, 7UL, 4096UL, 1'000'000UL}) {
    const Decoded out = decode(example_body(), piece, example_signing());
    CHECK(out.state == State::kDone);
    CHECK(out.bytes == std::string(66560, 'a'));
  }
}

TEST_CASE("aws-chunked: one changed byte breaks the chain of signatures") {
  std::string framed = example_body();
  framed[1000] = 'b';
  CHECK(decode(framed, 4096, example_signing()).state == State::kBadSignature);
  CHECK(decode(framed, 4096).state == State::kDone);
}

TEST_CASE("aws-chunked: clients that end short are understood") {
  CHECK(decode("1\r\nx\r\n0\r\n", 100).state == State::kDone);
  CHECK(decode("0\r\n\r\n", 100).state == State::kDone);
  CHECK(decode("0\r\n\r\n\r\n", 100).state == State::kDone);
  const Decoded out = decode("1\r\nx\r\n0\r\nx-amz-checksum-sha1:abc", 100);
  CHECK(out.state == State::kDone);
  CHECK(out.trailers.get_or_empty("x-amz-checksum-sha1") == "abc");
}

TEST_CASE("aws-chunked: what is not that framing is malformed") {
  CHECK(decode("hello", 100).state == State::kMalformed);
  CHECK(decode("hello\r\n", 100).state == State::kMalformed);
  CHECK(decode("5\r\nhel", 100).state == State::kMalformed);
  CHECK(decode("5\r\nhelloX\r\n0\r\n\r\n", 100).state == State::kMalformed);
  CHECK(decode("ffffffffffffffff\r\n", 100).state == State::kMalformed);
  CHECK(decode("-1\r\n", 100).state == State::kMalformed);
  CHECK(decode(std::string(10'000, '0'), 100).state == State::kMalformed);
  CHECK(decode("0\r\nno colon\r\n\r\n", 100).state == State::kMalformed);
  CHECK(decode("", 100).state == State::kMalformed);
}

TEST_CASE("aws-chunked: random bytes never do more than fail") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    base::seed_random_for_test(seed);
    const std::string noise = base::random_string(200, std::string_view("0123;\r\nax:=\0", 12));
    const Decoded out = decode(noise, 1 + base::random_below(20));
    CHECK(out.bytes.size() <= noise.size());
  }
}

TEST_CASE("payload_of: the header and the encoding both tell") {
  using aws::PayloadMode;
  const auto mode = [](std::string sha256, std::string encoding) {
    http::Headers headers;
    if (!sha256.empty()) headers.add("X-Amz-Content-SHA256", sha256);
    if (!encoding.empty()) headers.add("Content-Encoding", encoding);
    return aws::payload_of(headers).mode;
  };
  CHECK(mode("", "") == PayloadMode::kAbsent);
  CHECK(mode("", "aws-chunked") == PayloadMode::kStreamingUnsigned);
  CHECK(mode("UNSIGNED-PAYLOAD", "gzip, AWS-Chunked") == PayloadMode::kStreamingUnsigned);
  CHECK(mode("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "") == PayloadMode::kStreamingUnsignedTrailer);
  CHECK(mode("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "") == PayloadMode::kStreamingSigned);
  CHECK(mode("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "") == PayloadMode::kSigV4A);
  CHECK(mode(std::string(64, 'A'), "") == PayloadMode::kSha256);
  CHECK(mode(std::string(63, 'A'), "") == PayloadMode::kInvalid);
}

TEST_CASE("Content-Encoding: only the framing's own word is taken away") {
  CHECK(aws::without_aws_chunked("aws-chunked") == "");
  CHECK(aws::without_aws_chunked("gzip,aws-chunked") == "gzip");
  CHECK(aws::without_aws_chunked("aws-chunked, gzip, br") == "gzip,br");
}
