// Access control lists as they are on a bucket of today: BucketOwnerEnforced, so the owner has full
// control, that can be read, and nothing can be changed.
#include <array>

#include "protocol/s3/operations.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/s3/wire/version_id.h"

namespace bodega::s3 {
namespace {

http::Reply owner_has_all(const std::string& account) {
  const std::string id = canonical_id(account);
  xml::Writer out;
  out.open("AccessControlPolicy", kXmlns);
  out.open("Owner").element("ID", id).close();
  out.open("AccessControlList").open("Grant");
  out.open_with("Grantee",
                "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                "xsi:type=\"CanonicalUser\"");
  out.element("ID", id).close();
  out.element("Permission", "FULL_CONTROL");
  return xml_reply(out);
}

http::Reply get_bucket_acl(Call& call, std::string_view) {
  return owner_has_all(call.require_bucket()->owner);
}

http::Reply get_object_acl(Call& call, std::string_view) {
  const auto version =
      value_or_throw(call.engine.head(call.bucket, call.key, read_version_id(call)), call);
  http::Reply reply = owner_has_all(call.require_bucket()->owner);
  if (version.versioning != object::Versioning::kUnversioned) {
    reply.headers.add("x-amz-version-id", version.version_id);
  }
  return reply;
}

http::Reply refuse_acl(Call& call, std::string_view) {
  call.require_bucket();
  throw Error(Code::kAccessControlListNotSupported);
}

constexpr std::array kOperations = {
    Operation{.name = "GetBucketAcl",
              .method = "GET",
              .level = Level::kBucket,
              .query = "acl",
              .handler = get_bucket_acl},
    Operation{.name = "PutBucketAcl",
              .method = "PUT",
              .level = Level::kBucket,
              .query = "acl",
              .body_limit_bytes = kXmlLimitBytes,
              .handler = refuse_acl},
    Operation{.name = "GetObjectAcl",
              .method = "GET",
              .level = Level::kObject,
              .query = "acl",
              .handler = get_object_acl},
    Operation{.name = "PutObjectAcl",
              .method = "PUT",
              .level = Level::kObject,
              .query = "acl",
              .body_limit_bytes = kXmlLimitBytes,
              .handler = refuse_acl},
};

}  // namespace

std::span<const Operation> acl_operations() { return kOperations; }

}  // namespace bodega::s3
