// The way of a request body: aws-chunked is peeled off, the digests that are needed run beside
// each other, the payload goes to a Consumer as it comes, and at the end everything that was
// promised (length, Content-MD5, x-amz-content-sha256, x-amz-checksum-*, chunk signatures) is held
// against what came. A Consumer sees finish() only when it all holds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/http/message.h"
#include "protocol/s3/wire/call.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/consumer.h"

namespace bodega::s3 {

// What the head says must hold of the body.
struct BodyPromises {
  std::string md5;     // raw, from Content-MD5
  std::string sha256;  // raw, from x-amz-content-sha256
  ChecksumClaim checksum;
  std::optional<std::uint64_t> length;  // of the payload
};

// Throws Error when the head already shows that the body cannot be taken.
BodyPromises read_body_promises(const Call& call, const BodyNeeds& needs);

// The sink for one request; owns the call.
std::unique_ptr<http::BodySink> make_body_sink(std::unique_ptr<Call> call,
                                               std::unique_ptr<Consumer> consumer,
                                               BodyPromises promises);

// A consumer that collects up to the operation's limit and hands the whole to its handler.
std::unique_ptr<Consumer> make_collector(Call& call);

}  // namespace bodega::s3
