#include "protocol/s3/wire/outcomes.h"

#include "protocol/http/dates.h"

namespace bodega::s3 {
namespace {

std::string_view condition_name(object::Condition condition) {
  switch (condition) {
    case object::Condition::kNone: return "";
    case object::Condition::kIfMatch: return "If-Match";
    case object::Condition::kIfNoneMatch: return "If-None-Match";
    case object::Condition::kIfModified: return "x-amz-if-match-last-modified-time";
    case object::Condition::kIfSize: return "x-amz-if-match-size";
  }
  return "";
}

// A delete marker was met: the reply says so in headers.
Error with_marker(Error error, const object::Refusal& refusal) {
  if (refusal.version_id.empty()) return error;
  return std::move(error)
      .header("x-amz-delete-marker", "true")
      .header("x-amz-version-id", refusal.version_id);
}

}  // namespace

Error to_error(const object::Refusal& refusal, const Subject& subject) {
  using object::Outcome;
  switch (refusal.outcome) {
    case Outcome::kNoSuchBucket:
      return Error(Code::kNoSuchBucket).with("BucketName", subject.bucket);
    case Outcome::kBucketAlreadyExists:
      return Error(Code::kBucketAlreadyExists).with("BucketName", subject.bucket);
    case Outcome::kBucketAlreadyOwnedByYou:
      return Error(Code::kBucketAlreadyOwnedByYou).with("BucketName", subject.bucket);
    case Outcome::kBucketNotEmpty:
      return Error(Code::kBucketNotEmpty).with("BucketName", subject.bucket);
    case Outcome::kNoSuchConfiguration:
      return Error(Code::kInvalidRequest, "There is no such configuration");
    case Outcome::kNoSuchKey:
      return with_marker(Error(Code::kNoSuchKey).with("Key", subject.key), refusal);
    case Outcome::kNoSuchVersion:
      return Error(Code::kNoSuchVersion)
          .with("Key", subject.key)
          .with("VersionId", subject.version_id);
    case Outcome::kMethodNotAllowed:
      return with_marker(Error(Code::kMethodNotAllowed)
                             .with("Method", "GET")
                             .with("ResourceType", "DeleteMarker")
                             .header("Allow", "DELETE")
                             .header("Last-Modified", http::http_date(refusal.modified_ms / 1000)),
                         refusal);
    case Outcome::kPreconditionFailed:
      return precondition_failed(condition_name(refusal.condition));
    case Outcome::kConditionalRequestConflict:
      return Error(Code::kConditionalRequestConflict)
          .with("Condition", condition_name(refusal.condition))
          .with("Key", subject.key);
    case Outcome::kAccessDenied: return Error(Code::kAccessDenied);
    case Outcome::kNoSuchUpload:
      return Error(Code::kNoSuchUpload).with("UploadId", subject.upload_id);
    case Outcome::kInvalidPart:
      return Error(Code::kInvalidPart)
          .with("UploadId", subject.upload_id)
          .with("PartNumber", std::to_string(refusal.part_number))
          .with("ETag", refusal.part_etag);
    case Outcome::kInvalidPartOrder:
      return Error(Code::kInvalidPartOrder).with("UploadId", subject.upload_id);
    case Outcome::kEntityTooSmall:
      return Error(Code::kEntityTooSmall)
          .with("ProposedSize", std::to_string(refusal.part_size_bytes))
          .with("MinSizeAllowed", std::to_string(object::kMinPartBytes))
          .with("PartNumber", std::to_string(refusal.part_number))
          .with("ETag", refusal.part_etag);
  }
  return Error(Code::kInternalError);
}

Error to_error(const object::Refusal& refusal, const Call& call) {
  if (refusal.outcome == object::Outcome::kMethodNotAllowed) {
    // The method is the request's own.
    return with_marker(Error(Code::kMethodNotAllowed)
                           .with("Method", call.head.method)
                           .with("ResourceType", "DeleteMarker")
                           .header("Allow", "DELETE")
                           .header("Last-Modified", http::http_date(refusal.modified_ms / 1000)),
                       refusal);
  }
  return to_error(refusal,
                  Subject{call.bucket, call.key, call.param("versionId"), call.param("uploadId")});
}

}  // namespace bodega::s3
