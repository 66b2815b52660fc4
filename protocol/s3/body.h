// The way of a request body: aws-chunked is peeled off, the digests that somebody needs run beside
// each other, the payload goes to a Consumer as it comes, and at the end everything that was
// promised (length, Content-MD5, x-amz-content-sha256, x-amz-checksum-*, chunk signatures) is held
// against what came. A Consumer sees finish() only when it all holds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engines/object/model.h"
#include "protocol/http/message.h"
#include "protocol/s3/call.h"

namespace bodega::s3 {

// What is known of a body that has arrived whole and was found right.
struct Received {
  std::uint64_t size_bytes = 0;
  std::string md5;            // raw; empty unless BodyNeeds::md5 or Content-MD5 asked for it
  object::Checksum checksum;  // base64, no type; empty algorithm when nobody asked for one
  bool checksum_claimed = false;  // the client sent it (else it is our default)
};

// What a consumer wants computed besides what the client promised.
struct BodyNeeds {
  bool md5 = false;
  std::string_view checksum = {};  // an algorithm to compute when the client claims none
  std::uint64_t limit_bytes = 0;   // 0: S3's limit of one PUT
};

class Consumer {
 public:
  virtual ~Consumer() = default;
  virtual BodyNeeds needs() const = 0;
  // Payload, in order. Throws Error to refuse.
  virtual void write(std::string_view bytes) = 0;
  virtual http::Reply finish(Received received) = 0;
};

// S3's limit of one PUT or part: 5 GiB.
inline constexpr std::uint64_t kMaxPut_bytes = 5ULL * 1024 * 1024 * 1024;

// The sink for one request; owns the call. Throws Error when the head already shows that the body
// cannot be taken; the call is then left with the caller.
std::unique_ptr<http::BodySink> make_body_sink(std::unique_ptr<Call>& call,
                                               std::unique_ptr<Consumer> consumer);

// A consumer that collects up to the operation's limit and hands the whole to its handler.
std::unique_ptr<Consumer> make_collector(Call& call);

}  // namespace bodega::s3
