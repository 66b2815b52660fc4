// The way of a request body: aws-chunked is peeled off, the digests that somebody needs run beside
// each other, the payload goes to a Consumer as it comes, and at the end everything that was
// promised (length, Content-MD5, x-amz-content-sha256, x-amz-checksum-*, chunk signatures) is held
// against what came. A Consumer sees finish() only when it all holds.
#pragma once

#include <memory>

#include "protocol/http/message.h"
#include "protocol/s3/wire/call.h"
#include "protocol/s3/wire/consumer.h"

namespace bodega::s3 {

// The sink for one request; owns the call. Throws Error when the head already shows that the body
// cannot be taken; the call is then left with the caller.
std::unique_ptr<http::BodySink> make_body_sink(std::unique_ptr<Call>& call,
                                               std::unique_ptr<Consumer> consumer);

// A consumer that collects up to the operation's limit and hands the whole to its handler.
std::unique_ptr<Consumer> make_collector(Call& call);

}  // namespace bodega::s3
