#include "server/control/peer_health.h"

#include <algorithm>
#include <array>

#include "engines/base/random.h"
#include "server/control/service.h"

namespace bodega::server {
namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kUnavailable = 503;

// Whether the answer depends on the stores taking writes. A process that lives is not to be
// restarted for a full disk, and reads go on while writes are refused.
enum class Needs : std::uint8_t { kNothing, kWrites };

struct MinioPath {
  std::string_view path;
  Needs needs;
};

constexpr std::array kMinioPaths{
    MinioPath{"/minio/health/live", Needs::kNothing},
    MinioPath{"/minio/health/ready", Needs::kWrites},
    MinioPath{"/minio/health/cluster", Needs::kWrites},
    MinioPath{"/minio/health/cluster/read", Needs::kNothing},
};

const MinioPath* find_minio_path(std::string_view path) {
  const auto found = std::find_if(kMinioPaths.begin(), kMinioPaths.end(),
                                  [path](const MinioPath& row) { return row.path == path; });
  return found == kMinioPaths.end() ? nullptr : &*found;
}

http::Reply dynamodb_local_root() {
  http::Reply reply = control_reply(
      kBadRequest, "application/x-amz-json-1.0",
      R"({"__type":"com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken",)"
      R"("Message":"Request must contain either a valid (registered) AWS access key ID or )"
      R"(X.509 certificate."})",
      "Health");
  reply.error_code = "MissingAuthenticationToken";
  reply.headers.add("x-amzn-RequestId", base::random_uuid());
  return reply;
}

}  // namespace

bool PeerHealth::claims(const http::RequestHead& head) const {
  const std::string_view path = head.path;
  const bool is_root = path == "/" && head.local_port == kDynamodbLocalPort;
  if (!is_root && !path.starts_with("/minio/health/")) return false;
  if (head.method != "GET" && head.method != "HEAD") return false;
  if (head.headers.has("authorization") || head.has_query_mark) return false;
  if (!is_root && find_minio_path(path) == nullptr) return false;
  return !is_bucket_host_(head.headers.get_or_empty("host"));
}

http::Begun PeerHealth::begin(http::RequestHead head) {
  if (head.path == "/") return dynamodb_local_root();
  const bool is_down = find_minio_path(head.path)->needs == Needs::kWrites && fault_().has_value();
  return control_reply(is_down ? kUnavailable : kOk, "text/plain", {}, "Health");
}

}  // namespace bodega::server
