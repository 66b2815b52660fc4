// A row of S3's table of operations: how an operation is recognised (method, bucket or key,
// sub-resource, header), what body it takes and who handles it. The rows stand at the end of the
// family files. A row without a handler is known and answers 501 NotImplemented.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "protocol/http/message.h"
#include "protocol/s3/wire/call.h"
#include "protocol/s3/wire/consumer.h"

namespace bodega::s3 {

enum class Level : std::uint8_t { kService, kBucket, kObject };

// What must be sent along with a body that configures something: Content-MD5 or x-amz-checksum-*.
enum class ChecksumRule : std::uint8_t { kOptional, kRequired };

// Whose checksum the x-amz-checksum-* headers of a request carry.
enum class BodyChecksum : std::uint8_t { kOfTheBody, kOfTheObject };

// Whose the bucket of the request must be, where it exists and signatures are verified.
enum class Access : std::uint8_t { kOwner, kAnyAccount };

// How an error prints the Content-MD5 that did not hold.
enum class DigestText : std::uint8_t { kBase64, kHex };

// Where a handler runs: on the thread that has the request, or, when it may read gigabytes or take
// thousands of records away, on the executor.
enum class Runs : std::uint8_t { kAtOnce, kInBackground };

// A small body, whole (empty when the row has no body_limit_bytes).
using Handler = http::Reply (*)(Call& call, std::string_view body);
// A body that streams: checks the request, then takes the bytes.
using StreamHandler = std::unique_ptr<Consumer> (*)(Call& call);

struct Operation {
  std::string_view name;
  std::string_view method;
  Level level = Level::kBucket;
  // "uploads" (present in the query, with any value) or "list-type=2" (with this value); both must
  // hold when there are two.
  std::string_view query = {};
  std::string_view second_query = {};
  std::string_view request_header = {};  // must be there
  std::size_t body_limit_bytes = 0;
  ChecksumRule checksum = ChecksumRule::kOptional;
  BodyChecksum body_checksum = BodyChecksum::kOfTheBody;
  DigestText digest_text = DigestText::kBase64;
  Access access = Access::kOwner;
  Runs runs = Runs::kAtOnce;  // kInBackground: a handler without a body
  Handler handler = nullptr;
  StreamHandler stream = nullptr;
  bool refuses_only = false;  // the handler chooses the right refusal, and does nothing else

  bool implemented() const { return handler != nullptr || stream != nullptr; }
};

// Bodies of XML: configurations, and the lists of DeleteObjects and CompleteMultipartUpload.
inline constexpr std::size_t kXmlLimitBytes = 1024 * 1024;
inline constexpr std::size_t kXmlListLimitBytes = 8 * 1024 * 1024;

}  // namespace bodega::s3
