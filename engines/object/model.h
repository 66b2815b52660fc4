// What the object engine stores and answers with: buckets, versions of objects, uploads and parts, the
// pages of the lists, and the outcomes that are not success. Plain values; the wire's spelling where
// the wire has a word for it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/result.h"

namespace bodega::object {

// Small bytes live in the record, larger ones in blobs.
inline constexpr std::uint64_t kInlineLimit_bytes = 64 * 1024;
// Every part of an upload but its last has at least this size (the service's own limit).
inline constexpr std::uint64_t kMinPart_bytes = 5 * 1024 * 1024;
inline constexpr int kMaxPartNumber = 10'000;
// The version id of what was written while the bucket was not versioned, or suspended.
inline constexpr std::string_view kNullVersion = "null";

using Fields = std::map<std::string, std::string, std::less<>>;

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
};

struct BucketQuery {
  std::string owner;   // empty: everyone's
  std::string prefix;
  std::string region;  // empty: all
  std::string after;   // names greater than this one
  std::size_t max = 10'000;
};

struct BucketPage {
  std::vector<Bucket> buckets;  // by name; without their configurations
  bool truncated = false;       // then the next query's `after` is the last name of this page
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
  std::string etag;           // without quotes
  Fields headers;             // content headers, e.g. "content-type"
  Fields metadata;            // x-amz-meta-*, without the prefix
  Checksum checksum;
  std::string storage_class;  // empty: STANDARD
  std::string owner;          // account
  Fields properties;          // opaque: "tagging", "acl", "retention", "legal-hold", …
};

// A part of a completed multipart object, and of an upload.
struct Part {
  int number = 0;
  std::uint64_t size_bytes = 0;
  std::string etag;            // without quotes
  std::string checksum;        // value only; its algorithm is the upload's
  std::int64_t modified_ms = 0;  // of parts of an upload; 0 in a completed object
};

// One version of an object, or a delete marker.
struct ObjectVersion {
  std::string version_id;  // 32 characters, or "null"
  bool is_delete_marker = false;
  bool is_latest = false;
  std::int64_t modified_ms = 0;
  std::uint64_t size_bytes = 0;
  Attributes attributes;      // of a delete marker: only the owner
  std::vector<Part> parts;    // empty unless it came from CompleteMultipartUpload
  std::string upload_id;      // likewise
  Versioning versioning = Versioning::kUnversioned;  // the bucket's, when this was read
};

// ---- Writes ----

// Checked against the latest version in the same instant as the write. Etags without quotes.
struct Conditions {
  std::optional<std::string> if_match;  // "*": any object
  bool if_none_match_any = false;       // If-None-Match: *
  // For deletes. Compared in whole seconds, as that is what a header can carry.
  std::optional<std::int64_t> if_match_modified_s;
  std::optional<std::uint64_t> if_match_size_bytes;
};

struct Put {
  std::string bucket;
  std::string key;
  Attributes attributes;
  Conditions conditions;
};

struct PutDone {
  std::string version_id;  // "null" unless versioning is enabled
  Versioning versioning = Versioning::kUnversioned;
  std::int64_t modified_ms = 0;
};

struct Remove {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;  // absent: the latest, leaving a delete marker if versioned
  std::string owner;                      // of the delete marker, if one is made
  Conditions conditions;
  // Asked, under the engine's lock, about the version that is to be destroyed (not when a delete marker
  // only hides it); no means kAccessDenied. For Object Lock.
  std::function<bool(const ObjectVersion&)> may_destroy;
};

struct Removed {
  // A delete marker was made, or the version destroyed was one.
  bool delete_marker = false;
  // Of the marker made or of the version destroyed; empty in an unversioned bucket without version id.
  std::string version_id;
  bool existed = true;  // something was destroyed or hidden
};

// ---- Listing objects ----

// Where a page goes on.
struct Position {
  enum class Kind : std::uint8_t {
    kStart,         // at the beginning
    kAfterKey,      // keys greater than `text` (start-after, or a page that ended with a key)
    kAfterPrefix,   // behind every key that starts with `text` (a page that ended with a prefix)
    kAfterMarker,   // V1's marker: kAfterKey, but a common prefix that holds `text` is behind us too
  };
  Kind kind = Kind::kStart;
  std::string text;
};

struct ObjectQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;  // empty: none; may have several characters
  Position from;
  std::size_t max = 1000;  // contents and common prefixes together; 0 gives an empty, whole page
};

struct ListedObject {
  std::string key;
  std::string etag;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ms = 0;
  std::string storage_class;
  std::string owner;
  std::string checksum_algorithm;
  ChecksumType checksum_type = ChecksumType::kNone;
};

struct ObjectPage {
  std::vector<ListedObject> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  Position next;  // when truncated: what the next query's `from` is
};

struct VersionQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string key_marker;         // empty: from the start
  std::string version_id_marker;  // empty: behind all versions of key_marker
  std::size_t max = 1000;
};

struct ListedVersion {
  ListedObject object;  // of a delete marker: key, time and owner
  std::string version_id;
  bool is_latest = false;
  bool is_delete_marker = false;
};

struct VersionPage {
  std::vector<ListedVersion> versions;  // by key, newest first
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key_marker;         // a key or a common prefix
  std::string next_version_id_marker;  // empty behind a common prefix
};

// ---- Multipart uploads ----

struct CreateUpload {
  std::string bucket;
  std::string key;
  Attributes attributes;  // of the object to be; checksum: algorithm and type, no value, no etag
  std::string initiator;  // account
};

struct Upload {
  std::string key;
  std::string upload_id;
  std::int64_t initiated_ms = 0;
  std::string initiator;
  Attributes attributes;
};

struct UploadQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string key_marker;
  std::string upload_id_marker;  // empty: behind all uploads of key_marker
  std::size_t max = 1000;
};

struct UploadPage {
  std::vector<Upload> uploads;  // by key, then by initiation
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key_marker;        // a key or a common prefix
  std::string next_upload_id_marker;  // empty behind a common prefix
};

struct PartPage {
  Upload upload;
  std::vector<Part> parts;  // by number
  bool truncated = false;
  int next_part_number_marker = 0;  // the last number of this page, or the query's own when empty
};

// A part as the client's CompleteMultipartUpload names it.
struct NamedPart {
  int number = 0;
  std::string etag;                     // without quotes
  std::optional<std::string> checksum;  // compared with the stored one when there
};

struct CompleteUpload {
  std::string bucket;
  std::string key;
  std::string upload_id;
  std::vector<NamedPart> parts;  // in the order the client gave
  Conditions conditions;
  std::uint64_t min_part_bytes = kMinPart_bytes;
  // Called with the stored parts, in order and found right, to fill in what the protocol computes from
  // them: etag and checksum. It may throw to refuse; then nothing has happened. Runs under the key's
  // lock: keep it to arithmetic.
  std::function<void(const std::vector<Part>& parts, Attributes& attributes)> seal;
};

struct CompleteDone {
  PutDone put;
  std::string etag;
  Checksum checksum;
  bool repeated = false;  // the upload had been completed before; these are the results of that time
};

// ---- Outcomes ----

enum class Outcome : std::uint8_t {
  kNoSuchBucket,
  kBucketAlreadyExists,      // it is someone else's
  kBucketAlreadyOwnedByYou,
  kBucketNotEmpty,
  kNoSuchConfiguration,
  kNoSuchKey,                // Refusal::version_id is set when the latest is a delete marker
  kNoSuchVersion,
  kMethodNotAllowed,         // the version asked for by its id is a delete marker
  kPreconditionFailed,       // Refusal::condition
  kConditionalRequestConflict,  // the key changed since the upload was created; Refusal::condition
  kAccessDenied,             // may_destroy said no
  kNoSuchUpload,
  kInvalidPart,              // Refusal::part_number, part_etag (as named by the client)
  kInvalidPartOrder,
  kEntityTooSmall,           // Refusal::part_number, part_etag, part_size_bytes
};

enum class Condition : std::uint8_t { kNone, kIfMatch, kIfNoneMatch, kIfModified, kIfSize };

struct Refusal {
  Outcome outcome;
  Condition condition = Condition::kNone;
  std::string version_id = {};       // of the delete marker that was met
  std::int64_t modified_ms = 0;      // likewise
  int part_number = 0;
  std::string part_etag = {};
  std::uint64_t part_size_bytes = 0;
};

template <class T>
using Result = base::Result<T, Refusal>;

}  // namespace bodega::object
