// The table of S3's operations. A row says how an operation is recognised (method, bucket or key,
// sub-resource, header), what body it takes and who handles it; the rows stand at the end of the
// family files. A row without a handler is known and answers 501 NotImplemented.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "protocol/http/message.h"
#include "protocol/s3/body.h"
#include "protocol/s3/call.h"

namespace bodega::s3 {

enum class Level : std::uint8_t { kService, kBucket, kObject };

// What must be sent along with a body that configures something: Content-MD5 or x-amz-checksum-*.
enum class ChecksumRule : std::uint8_t { kOptional, kRequired };

// Whose checksum the x-amz-checksum-* headers of a request carry.
enum class BodyChecksum : std::uint8_t { kOfTheBody, kOfTheObject };

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
  Runs runs = Runs::kAtOnce;  // kInBackground: a handler without a body
  Handler handler = nullptr;
  StreamHandler stream = nullptr;

  bool implemented() const { return handler != nullptr || stream != nullptr; }
};

// Bodies of XML: configurations, and the lists of DeleteObjects and CompleteMultipartUpload.
inline constexpr std::size_t kXmlLimit_bytes = 1024 * 1024;
inline constexpr std::size_t kXmlListLimit_bytes = 8 * 1024 * 1024;

// The families, each in the file of its name.
std::span<const Operation> acl_operations();
std::span<const Operation> bucket_operations();
std::span<const Operation> copy_operations();
std::span<const Operation> delete_operations();
std::span<const Operation> get_operations();
std::span<const Operation> listing_operations();
std::span<const Operation> multipart_operations();
std::span<const Operation> object_attributes_operations();
std::span<const Operation> part_operations();
std::span<const Operation> put_operations();
std::span<const Operation> tagging_operations();
std::span<const Operation> unconfigured_operations();
std::span<const Operation> versioning_operations();
std::span<const Operation> not_implemented_operations();

// All rows, in the order they are tried: those with more conditions first.
std::span<const Operation* const> all_operations();

// Whether a query parameter of that name, by being there, makes a request one for a sub-resource:
// another operation than without it.
bool is_sub_resource(std::string_view name);

// The row for a request whose address and query are known. Throws MethodNotAllowed and S3's special
// refusals for sub-resources in the wrong place.
const Operation& find_operation(const Call& call);

}  // namespace bodega::s3
