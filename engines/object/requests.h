// What is asked of the object engine and what it answers: puts, deletes, lists and their pages,
// multipart completions. The values they are about are in model.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engines/journal/model.h"
#include "engines/object/model.h"

namespace bodega::object {

// ---- Buckets ----

struct BucketQuery {
  std::string owner;  // empty: everyone's
  std::string prefix;
  std::string region;  // empty: all
  std::string after;   // names greater than this one
  std::size_t max = 10'000;
};

struct BucketPage {
  std::vector<Bucket> buckets;  // by name; without their configurations
  bool truncated = false;       // then the next query's `after` is the last name of this page
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

// What the journal calls it.
enum class Creation : std::uint8_t { kPut, kCopy };

struct Put {
  std::string bucket;
  std::string key;
  Attributes attributes;
  Conditions conditions;
  Creation creation = Creation::kPut;
  journal::Cause cause = {};
};

struct PutDone {
  std::string version_id;  // "null" unless versioning is enabled
  Versioning versioning = Versioning::kUnversioned;
  std::int64_t modified_ms = 0;
};

struct Remove {
  std::string bucket;
  std::string key;
  // Absent: the latest, leaving a delete marker if versioned.
  std::optional<std::string> version_id;
  std::string owner;  // of the delete marker, if one is made
  Conditions conditions;
  // Asked, under the engine's lock, about the version that is to be destroyed (not when a delete
  // marker only hides it); no means kAccessDenied. For Object Lock.
  std::function<bool(const ObjectVersion&)> may_destroy;
  journal::Cause cause = {};
};

struct Removed {
  // A delete marker was made, or the version destroyed was one.
  bool delete_marker = false;
  // Of the marker made or of the version destroyed; empty in an unversioned bucket without version
  // id.
  std::string version_id;
  bool existed = true;  // something was destroyed or hidden
};

// ---- Listing objects ----

// Where a page goes on.
struct Position {
  enum class Kind : std::uint8_t {
    kStart,        // at the beginning
    kAfterKey,     // keys greater than `text` (start-after, or a page that ended with a key)
    kAfterPrefix,  // behind every key that starts with `text` (a page that ended with a prefix)
    kAfterMarker,  // V1's marker: kAfterKey, but the common prefix around `text` is behind us too
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
  std::uint64_t min_part_bytes = kMinPartBytes;
  // Called with the stored parts, in order and found right, to fill in what the protocol computes
  // from them: etag and checksum. It may throw to refuse; then nothing has happened. Runs under the
  // key's lock: keep it to arithmetic.
  std::function<void(const std::vector<Part>& parts, Attributes& attributes)> seal;
  journal::Cause cause = {};
};

struct CompleteDone {
  PutDone put;
  std::string etag;
  Checksum checksum;
  bool repeated = false;  // it had been completed before; these are the results of that time
};

}  // namespace bodega::object
