// Operations that S3 has and Bodega does not have yet: each is recognised by what it looks like on the
// wire and answers 501 NotImplemented, so that nobody takes a silence for a success. Whoever adds one
// moves its row to a family file.
#include <array>

#include "protocol/s3/operation.h"

namespace bodega::s3 {
namespace {

// clang-format off
constexpr Operation kOperations[] = {
    {.name = "CreateBucketMetadataConfiguration", .method = "POST", .level = Level::kBucket, .query = "metadataConfiguration"},
    {.name = "CreateBucketMetadataTableConfiguration", .method = "POST", .level = Level::kBucket, .query = "metadataTable"},
    {.name = "CreateSession", .method = "GET", .level = Level::kBucket, .query = "session"},
    {.name = "DeleteBucketAnalyticsConfiguration", .method = "DELETE", .level = Level::kBucket, .query = "analytics"},
    {.name = "DeleteBucketEncryption", .method = "DELETE", .level = Level::kBucket, .query = "encryption"},
    {.name = "DeleteBucketIntelligentTieringConfiguration", .method = "DELETE", .level = Level::kBucket, .query = "intelligent-tiering"},
    {.name = "DeleteBucketInventoryConfiguration", .method = "DELETE", .level = Level::kBucket, .query = "inventory"},
    {.name = "DeleteBucketMetadataConfiguration", .method = "DELETE", .level = Level::kBucket, .query = "metadataConfiguration"},
    {.name = "DeleteBucketMetadataTableConfiguration", .method = "DELETE", .level = Level::kBucket, .query = "metadataTable"},
    {.name = "DeleteBucketMetricsConfiguration", .method = "DELETE", .level = Level::kBucket, .query = "metrics"},
    {.name = "DeleteBucketOwnershipControls", .method = "DELETE", .level = Level::kBucket, .query = "ownershipControls"},
    {.name = "DeleteObjectAnnotation", .method = "DELETE", .level = Level::kObject, .query = "annotation"},
    {.name = "DeletePublicAccessBlock", .method = "DELETE", .level = Level::kBucket, .query = "publicAccessBlock"},
    {.name = "GetBucketMetadataConfiguration", .method = "GET", .level = Level::kBucket, .query = "metadataConfiguration"},
    {.name = "GetBucketMetadataTableConfiguration", .method = "GET", .level = Level::kBucket, .query = "metadataTable"},
    {.name = "GetObjectAnnotation", .method = "GET", .level = Level::kObject, .query = "annotation"},
    {.name = "GetObjectTorrent", .method = "GET", .level = Level::kObject, .query = "torrent"},
    {.name = "ListDirectoryBuckets", .method = "GET", .level = Level::kService, .query = "x-id=ListDirectoryBuckets"},
    {.name = "ListObjectAnnotations", .method = "GET", .level = Level::kObject, .query = "annotations"},
    {.name = "PutBucketAbac", .method = "PUT", .level = Level::kBucket, .query = "abac"},
    {.name = "PutBucketAccelerateConfiguration", .method = "PUT", .level = Level::kBucket, .query = "accelerate"},
    {.name = "PutBucketAnalyticsConfiguration", .method = "PUT", .level = Level::kBucket, .query = "analytics"},
    {.name = "PutBucketCors", .method = "PUT", .level = Level::kBucket, .query = "cors"},
    {.name = "PutBucketEncryption", .method = "PUT", .level = Level::kBucket, .query = "encryption"},
    {.name = "PutBucketIntelligentTieringConfiguration", .method = "PUT", .level = Level::kBucket, .query = "intelligent-tiering"},
    {.name = "PutBucketInventoryConfiguration", .method = "PUT", .level = Level::kBucket, .query = "inventory"},
    {.name = "PutBucketLifecycleConfiguration", .method = "PUT", .level = Level::kBucket, .query = "lifecycle"},
    {.name = "PutBucketLogging", .method = "PUT", .level = Level::kBucket, .query = "logging"},
    {.name = "PutBucketMetricsConfiguration", .method = "PUT", .level = Level::kBucket, .query = "metrics"},
    {.name = "PutBucketNotificationConfiguration", .method = "PUT", .level = Level::kBucket, .query = "notification"},
    {.name = "PutBucketOwnershipControls", .method = "PUT", .level = Level::kBucket, .query = "ownershipControls"},
    {.name = "PutBucketPolicy", .method = "PUT", .level = Level::kBucket, .query = "policy"},
    {.name = "PutBucketReplication", .method = "PUT", .level = Level::kBucket, .query = "replication"},
    {.name = "PutBucketRequestPayment", .method = "PUT", .level = Level::kBucket, .query = "requestPayment"},
    {.name = "PutBucketWebsite", .method = "PUT", .level = Level::kBucket, .query = "website"},
    {.name = "PutObjectAnnotation", .method = "PUT", .level = Level::kObject, .query = "annotation"},
    {.name = "PutObjectLegalHold", .method = "PUT", .level = Level::kObject, .query = "legal-hold"},
    {.name = "PutObjectLockConfiguration", .method = "PUT", .level = Level::kBucket, .query = "object-lock"},
    {.name = "PutObjectRetention", .method = "PUT", .level = Level::kObject, .query = "retention"},
    {.name = "PutPublicAccessBlock", .method = "PUT", .level = Level::kBucket, .query = "publicAccessBlock"},
    {.name = "RenameObject", .method = "PUT", .level = Level::kObject, .query = "renameObject"},
    {.name = "RestoreObject", .method = "POST", .level = Level::kObject, .query = "restore"},
    {.name = "SelectObjectContent", .method = "POST", .level = Level::kObject, .query = "select", .second_query = "select-type=2"},
    {.name = "UpdateBucketMetadataInventoryTableConfiguration", .method = "PUT", .level = Level::kBucket, .query = "metadataInventoryTable"},
    {.name = "UpdateBucketMetadataJournalTableConfiguration", .method = "PUT", .level = Level::kBucket, .query = "metadataJournalTable"},
    {.name = "UpdateObjectEncryption", .method = "PUT", .level = Level::kObject, .query = "encryption"},
    {.name = "WriteGetObjectResponse", .method = "POST", .level = Level::kBucket, .request_header = "x-amz-request-route"},
};
// clang-format on

}  // namespace

std::span<const Operation> not_implemented_operations() { return kOperations; }

}  // namespace bodega::s3
