// What the object engine stores: buckets, versions of objects, uploads and parts; and the outcomes
// that are not success. Plain values; the wire's spelling where the wire has a word for it. What is
// asked of the engine, and its pages, are in requests.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/result.h"

namespace bodega::journal {
struct Source;
}

namespace bodega::object {

// Small bytes live in the record, larger ones in blobs.
inline constexpr std::uint64_t kInlineLimitBytes = 64 * 1024;
// Every part of an upload but its last has at least this size (the service's own limit).
inline constexpr std::uint64_t kMinPartBytes = 5 * 1024 * 1024;
inline constexpr int kMaxPartNumber = 10'000;
// The version id of what was written while the bucket was not versioned, or suspended.
inline constexpr std::string_view kNullVersion = "null";

using base::Fields;

// ---- Buckets ----

// On disk as these numbers.
enum class Versioning : std::uint8_t { kUnversioned = 0, kEnabled = 1, kSuspended = 2 };

struct Bucket {
  std::string name;
  std::string owner;   // account
  std::string region;  // e.g. "us-east-1"
  std::int64_t created_ms = 0;
  Versioning versioning = Versioning::kUnversioned;
  bool object_lock = false;  // ObjectLockEnabledForBucket
  Fields configurations;     // opaque to the engine: "cors", "policy", "tagging", … -> bytes
  // What the journal knows of the bucket, with its subscriptions; nullptr: there never was one.
  // Kept by the engine.
  std::shared_ptr<const journal::Source> source = nullptr;
};

// ---- Objects ----

// On disk as these numbers.
enum class ChecksumType : std::uint8_t { kNone = 0, kFullObject = 1, kComposite = 2 };

struct Checksum {
  std::string algorithm;  // the wire's name: "CRC64NVME", "SHA256", …; empty: no checksum
  ChecksumType type = ChecksumType::kNone;
  std::string value;  // as the protocol wants it back, e.g. base64
};

// What the protocol says about an object and gets back unread.
struct Attributes {
  std::string etag;  // without quotes
  Fields headers;    // content headers, e.g. "content-type"
  Fields metadata;   // x-amz-meta-*, without the prefix
  Checksum checksum;
  std::string storage_class;  // empty: STANDARD
  std::string owner;          // account
  Fields properties;          // opaque: "tagging", "acl", "retention", "legal-hold", …
};

// A part of a completed multipart object, and of an upload.
struct Part {
  int number = 0;
  std::uint64_t size_bytes = 0;
  std::string etag;              // without quotes
  std::string checksum;          // value only; its algorithm is the upload's
  std::int64_t modified_ms = 0;  // of parts of an upload; 0 in a completed object
};

// One version of an object, or a delete marker.
struct ObjectVersion {
  std::string version_id;  // 32 characters, or "null"
  bool is_delete_marker = false;
  bool is_latest = false;
  std::int64_t modified_ms = 0;
  std::uint64_t size_bytes = 0;
  Attributes attributes;    // of a delete marker: only the owner
  std::vector<Part> parts;  // empty unless it came from CompleteMultipartUpload
  std::string upload_id;    // likewise
  Versioning versioning = Versioning::kUnversioned;  // the bucket's, when this was read
};

// ---- Multipart uploads ----

struct Upload {
  std::string key;
  std::string upload_id;
  std::int64_t initiated_ms = 0;
  std::string initiator;
  Attributes attributes;
};

// ---- Outcomes ----

enum class Outcome : std::uint8_t {
  kNoSuchBucket,
  kBucketAlreadyExists,  // it is another account's
  kBucketAlreadyOwnedByYou,
  kBucketNotEmpty,
  kNoSuchConfiguration,
  kNoSuchKey,  // Refusal::version_id is set when the latest is a delete marker
  kNoSuchVersion,
  kMethodNotAllowed,            // the version asked for by its id is a delete marker
  kPreconditionFailed,          // Refusal::condition
  kConditionalRequestConflict,  // the key changed since the upload was created; Refusal::condition
  kAccessDenied,                // may_destroy said no
  kNoSuchUpload,
  kInvalidPart,  // Refusal::part_number, part_etag (as named by the client)
  kInvalidPartOrder,
  kEntityTooSmall,  // Refusal::part_number, part_etag, part_size_bytes
};

enum class Condition : std::uint8_t { kNone, kIfMatch, kIfNoneMatch, kIfModified, kIfSize };

struct Refusal {
  Outcome outcome;
  Condition condition = Condition::kNone;
  std::string version_id = {};   // of the delete marker that was met
  std::int64_t modified_ms = 0;  // likewise
  int part_number = 0;
  std::string part_etag = {};
  std::uint64_t part_size_bytes = 0;
};

template <class T>
using Result = base::Result<T, Refusal>;

}  // namespace bodega::object
