// Operations that S3 has and Bodega does not have yet: each is recognised by what it looks like on
// the wire and answers 501 NotImplemented, so that no client takes silence for success. A change
// that adds one moves its row to a family file.
#include <array>

#include "protocol/s3/operations.h"

namespace bodega::s3 {
namespace {

constexpr Operation of_bucket(std::string_view name, std::string_view method,
                              std::string_view query) {
  return {.name = name, .method = method, .level = Level::kBucket, .query = query};
}

constexpr Operation of_object(std::string_view name, std::string_view method,
                              std::string_view query, std::string_view second_query = {}) {
  return {.name = name,
          .method = method,
          .level = Level::kObject,
          .query = query,
          .second_query = second_query};
}

constexpr std::array kOperations = {
    of_bucket("CreateBucketMetadataConfiguration", "POST", "metadataConfiguration"),
    of_bucket("CreateBucketMetadataTableConfiguration", "POST", "metadataTable"),
    of_bucket("CreateSession", "GET", "session"),
    of_bucket("DeleteBucketAnalyticsConfiguration", "DELETE", "analytics"),
    of_bucket("DeleteBucketEncryption", "DELETE", "encryption"),
    of_bucket("DeleteBucketIntelligentTieringConfiguration", "DELETE", "intelligent-tiering"),
    of_bucket("DeleteBucketInventoryConfiguration", "DELETE", "inventory"),
    of_bucket("DeleteBucketMetadataConfiguration", "DELETE", "metadataConfiguration"),
    of_bucket("DeleteBucketMetadataTableConfiguration", "DELETE", "metadataTable"),
    of_bucket("DeleteBucketMetricsConfiguration", "DELETE", "metrics"),
    of_bucket("DeleteBucketOwnershipControls", "DELETE", "ownershipControls"),
    of_object("DeleteObjectAnnotation", "DELETE", "annotation"),
    of_bucket("DeletePublicAccessBlock", "DELETE", "publicAccessBlock"),
    of_bucket("GetBucketMetadataConfiguration", "GET", "metadataConfiguration"),
    of_bucket("GetBucketMetadataTableConfiguration", "GET", "metadataTable"),
    of_object("GetObjectAnnotation", "GET", "annotation"),
    of_object("GetObjectTorrent", "GET", "torrent"),
    Operation{.name = "ListDirectoryBuckets",
              .method = "GET",
              .level = Level::kService,
              .query = "x-id=ListDirectoryBuckets"},
    of_object("ListObjectAnnotations", "GET", "annotations"),
    of_bucket("PutBucketAbac", "PUT", "abac"),
    of_bucket("PutBucketAccelerateConfiguration", "PUT", "accelerate"),
    of_bucket("PutBucketAnalyticsConfiguration", "PUT", "analytics"),
    of_bucket("PutBucketCors", "PUT", "cors"),
    of_bucket("PutBucketEncryption", "PUT", "encryption"),
    of_bucket("PutBucketIntelligentTieringConfiguration", "PUT", "intelligent-tiering"),
    of_bucket("PutBucketInventoryConfiguration", "PUT", "inventory"),
    of_bucket("PutBucketLifecycleConfiguration", "PUT", "lifecycle"),
    of_bucket("PutBucketLogging", "PUT", "logging"),
    of_bucket("PutBucketMetricsConfiguration", "PUT", "metrics"),
    of_bucket("PutBucketNotificationConfiguration", "PUT", "notification"),
    of_bucket("PutBucketOwnershipControls", "PUT", "ownershipControls"),
    of_bucket("PutBucketPolicy", "PUT", "policy"),
    of_bucket("PutBucketReplication", "PUT", "replication"),
    of_bucket("PutBucketRequestPayment", "PUT", "requestPayment"),
    of_bucket("PutBucketWebsite", "PUT", "website"),
    of_object("PutObjectAnnotation", "PUT", "annotation"),
    of_object("PutObjectLegalHold", "PUT", "legal-hold"),
    of_bucket("PutObjectLockConfiguration", "PUT", "object-lock"),
    of_object("PutObjectRetention", "PUT", "retention"),
    of_bucket("PutPublicAccessBlock", "PUT", "publicAccessBlock"),
    of_object("RenameObject", "PUT", "renameObject"),
    of_object("RestoreObject", "POST", "restore"),
    of_object("SelectObjectContent", "POST", "select", "select-type=2"),
    of_bucket("UpdateBucketMetadataInventoryTableConfiguration", "PUT", "metadataInventoryTable"),
    of_bucket("UpdateBucketMetadataJournalTableConfiguration", "PUT", "metadataJournalTable"),
    of_object("UpdateObjectEncryption", "PUT", "encryption"),
    Operation{.name = "WriteGetObjectResponse",
              .method = "POST",
              .level = Level::kBucket,
              .request_header = "x-amz-request-route"},
};

}  // namespace

std::span<const Operation> not_implemented_operations() { return kOperations; }

}  // namespace bodega::s3
