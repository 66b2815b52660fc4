// One request and its answer, as facts for what counts it, logs it or answers in its place. In the
// protocols over HTTP it is made once, where the request is recognised, and completed when the
// answer has been sent. For Redis it is made for the gate, for commands that are not there and,
// while the log is at debug, for every command; otherwise observers are told of commands in batches
// (observer.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bodega::observe {

struct Exchange {
  // Known once the request is recognised and its sender identified.
  std::string_view service = {};    // static text: "s3"
  std::string_view operation = {};  // static text: "PutObject"
  std::string caller = {};          // the access key id, or the user; empty: anonymous
  std::string account = {};
  std::string region = {};
  std::string resource = {};  // "bucket/key", a key; empty where the operation has none
  std::string request_id = {};
  std::int64_t started_us = 0;  // by the world's clock, since the epoch

  // Known in the end.
  enum class End : std::uint8_t {
    kSent,
    kBrokeOff,    // the reply's body could not be read to its end
    kClientGone,  // the client went away before the end of the reply
  };
  End end = End::kSent;
  int status = 0;  // of HTTP; 0 in a protocol without such numbers
  std::string error_code = {};
  std::string error_message = {};  // what the client was told, where the service has words for it
  // What was asked for and is not implemented: "PutBucketCors", "PutObject: the header x-amz-…".
  // Names nothing that only one client knows, as it is counted by its text.
  std::string missing = {};
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  std::uint64_t elapsed_us = 0;
  // "GET /bucket/key?list-type=2", "SET key value", without secrets; filled while the log is at
  // debug.
  std::string request_line = {};
};

}  // namespace bodega::observe
