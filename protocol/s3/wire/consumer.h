// Consumer: who takes a request's body, and what is known of a body that has arrived.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engines/object/model.h"
#include "protocol/http/message.h"

namespace bodega::s3 {

// What is known of a body that has arrived whole and was found right.
struct Received {
  std::uint64_t size_bytes = 0;
  std::string md5;                // raw; empty unless BodyNeeds::md5 or Content-MD5 asked for it
  object::Checksum checksum;      // base64, no type; empty algorithm when the client asked for none
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
inline constexpr std::uint64_t kMaxPutBytes = 5ULL * 1024 * 1024 * 1024;

}  // namespace bodega::s3
