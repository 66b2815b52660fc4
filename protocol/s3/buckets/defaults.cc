// Configurations that cannot be put yet, read: each answers as a bucket without that configuration,
// which every bucket is (the answers were recorded on the service, on a bucket with today's
// defaults). That lets clients that look before they act, such as Terraform, go on. Putting one
// answers 501.
#include <array>

#include "protocol/s3/operations.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

// The default of a configuration: an element with this content.
struct Default {
  std::string_view sub_resource;
  std::string_view root;
  std::string_view content;
};

constexpr std::array kDefaults = {
    Default{"abac", "AbacStatus", "<Status>Disabled</Status>"},
    Default{"accelerate", "AccelerateConfiguration", ""},
    Default{"encryption", "ServerSideEncryptionConfiguration",
            "<Rule><BucketKeyEnabled>false</BucketKeyEnabled><ApplyServerSideEncryptionByDefault>"
            "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
            "<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType>"
            "</BlockedEncryptionTypes></Rule>"},
    Default{"logging", "BucketLoggingStatus", ""},
    Default{"notification", "NotificationConfiguration", ""},
    Default{"ownershipControls", "OwnershipControls",
            "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"},
    Default{"publicAccessBlock", "PublicAccessBlockConfiguration",
            "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
            "<BlockPublicPolicy>true</BlockPublicPolicy>"
            "<RestrictPublicBuckets>true</RestrictPublicBuckets>"},
    Default{"requestPayment", "RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"},
    Default{"analytics", "ListBucketAnalyticsConfigurationsResult",
            "<IsTruncated>false</IsTruncated>"},
    Default{"intelligent-tiering", "ListIntelligentTieringConfigurationsResult",
            "<IsTruncated>false</IsTruncated>"},
    Default{"inventory", "ListInventoryConfigurationsResult", "<IsTruncated>false</IsTruncated>"},
    Default{"metrics", "ListMetricsConfigurationsResult", "<IsTruncated>false</IsTruncated>"},
};

http::Reply get_default(Call& call, std::string_view) {
  call.require_bucket();
  for (const Default& row : kDefaults) {
    if (row.sub_resource != call.operation.query) continue;
    xml::Writer out;
    out.open(row.root, kXmlns).markup(row.content);
    return xml_reply(out);
  }
  throw Error(Code::kInternalError);
}

struct Absence {
  std::string_view sub_resource;
  Code code;
};

constexpr std::array kAbsences = {
    Absence{"cors", Code::kNoSuchCORSConfiguration},
    Absence{"lifecycle", Code::kNoSuchLifecycleConfiguration},
    Absence{"object-lock", Code::kObjectLockConfigurationNotFoundError},
    Absence{"policy", Code::kNoSuchBucketPolicy},
    Absence{"policyStatus", Code::kNoSuchBucketPolicy},
    Absence{"replication", Code::kReplicationConfigurationNotFoundError},
    Absence{"website", Code::kNoSuchWebsiteConfiguration},
};

http::Reply get_absent(Call& call, std::string_view) {
  call.require_bucket();
  for (const Absence& row : kAbsences) {
    if (row.sub_resource == call.operation.query) {
      throw Error(row.code).with("BucketName", call.bucket);
    }
  }
  throw Error(Code::kNoSuchConfiguration);
}

// One of the four families of named configurations, by its id.
http::Reply get_named(Call& call, std::string_view) {
  call.require_bucket();
  throw Error(Code::kNoSuchConfiguration);
}

// Taking away what is not there is fine.
http::Reply delete_absent(Call& call, std::string_view) {
  call.require_bucket();
  return empty_reply(204);
}

http::Reply get_lock_of_object(Call& call, std::string_view) {
  call.require_bucket();
  throw invalid_request("Bucket is missing Object Lock Configuration");
}

constexpr Operation bucket_row(std::string_view name, std::string_view method,
                               std::string_view query, Handler handler) {
  return {
      .name = name, .method = method, .level = Level::kBucket, .query = query, .handler = handler};
}

constexpr Operation named_row(std::string_view name, std::string_view query) {
  Operation row = bucket_row(name, "GET", query, get_named);
  row.second_query = "id";
  return row;
}

constexpr Operation object_row(std::string_view name, std::string_view query) {
  Operation row = bucket_row(name, "GET", query, get_lock_of_object);
  row.level = Level::kObject;
  return row;
}

constexpr std::array kOperations = {
    bucket_row("GetBucketAbac", "GET", "abac", get_default),
    bucket_row("GetBucketAccelerateConfiguration", "GET", "accelerate", get_default),
    bucket_row("GetBucketEncryption", "GET", "encryption", get_default),
    bucket_row("GetBucketLogging", "GET", "logging", get_default),
    bucket_row("GetBucketNotificationConfiguration", "GET", "notification", get_default),
    bucket_row("GetBucketOwnershipControls", "GET", "ownershipControls", get_default),
    bucket_row("GetPublicAccessBlock", "GET", "publicAccessBlock", get_default),
    bucket_row("GetBucketRequestPayment", "GET", "requestPayment", get_default),
    bucket_row("ListBucketAnalyticsConfigurations", "GET", "analytics", get_default),
    bucket_row("ListBucketIntelligentTieringConfigurations", "GET", "intelligent-tiering",
               get_default),
    bucket_row("ListBucketInventoryConfigurations", "GET", "inventory", get_default),
    bucket_row("ListBucketMetricsConfigurations", "GET", "metrics", get_default),
    named_row("GetBucketAnalyticsConfiguration", "analytics"),
    named_row("GetBucketIntelligentTieringConfiguration", "intelligent-tiering"),
    named_row("GetBucketInventoryConfiguration", "inventory"),
    named_row("GetBucketMetricsConfiguration", "metrics"),
    bucket_row("GetBucketCors", "GET", "cors", get_absent),
    bucket_row("GetBucketLifecycleConfiguration", "GET", "lifecycle", get_absent),
    bucket_row("GetObjectLockConfiguration", "GET", "object-lock", get_absent),
    bucket_row("GetBucketPolicy", "GET", "policy", get_absent),
    bucket_row("GetBucketPolicyStatus", "GET", "policyStatus", get_absent),
    bucket_row("GetBucketReplication", "GET", "replication", get_absent),
    bucket_row("GetBucketWebsite", "GET", "website", get_absent),
    bucket_row("DeleteBucketCors", "DELETE", "cors", delete_absent),
    bucket_row("DeleteBucketLifecycle", "DELETE", "lifecycle", delete_absent),
    bucket_row("DeleteBucketPolicy", "DELETE", "policy", delete_absent),
    bucket_row("DeleteBucketReplication", "DELETE", "replication", delete_absent),
    bucket_row("DeleteBucketWebsite", "DELETE", "website", delete_absent),
    object_row("GetObjectLegalHold", "legal-hold"),
    object_row("GetObjectRetention", "retention"),
};

}  // namespace

std::span<const Operation> unconfigured_operations() { return kOperations; }

}  // namespace bodega::s3
