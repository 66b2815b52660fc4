// Putting, reading, copying and changing objects.
#include <utility>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/mutex.h"
#include "engines/object/inside.h"

namespace bodega::object {

using format::Depth;

std::optional<Refusal> Engine::Core::check(const Conditions& conditions,
                                           const std::optional<Stored>& latest) {
  const bool exists = latest.has_value();
  if (conditions.if_none_match_any && exists) {
    return Refusal{Outcome::kPreconditionFailed, Condition::kIfNoneMatch};
  }
  if (conditions.if_match) {
    if (!exists) return Refusal{Outcome::kNoSuchKey, Condition::kIfMatch};
    if (*conditions.if_match != "*" && *conditions.if_match != latest->record.attributes.etag) {
      return Refusal{Outcome::kPreconditionFailed, Condition::kIfMatch};
    }
  }
  return std::nullopt;
}

DataWriter Engine::begin_write() {
  return DataWriter(core_->pins.held_blobs(), core_->options.inline_limit_bytes);
}

Result<PutDone> Engine::put(const Put& put, Data data) {
  format::VersionRecord record;
  record.size_bytes = data.size_bytes();
  record.attributes = put.attributes;
  record.bytes.small = std::move(data.bytes_.small);
  record.bytes.slices = data.bytes_.slices;  // Data holds on to them until they are committed
  Change change;
  PutDone done;
  DroppedBlobs dropped(core_->pins);
  {
    const base::Lock lock(core_->stripe(put.bucket, put.key));
    const auto bucket = core_->find_bucket(put.bucket);
    if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
    const auto latest = core_->latest_object(put.bucket, put.key);
    if (auto refusal = Core::check(put.conditions, latest)) return *std::move(refusal);
    record.modified_ms = core_->clock.now_ms();
    core_->add_version(change, *bucket, put.key, latest, record);
    core_->record(change, *bucket,
                  put.creation == Creation::kCopy ? ObjectChange::kCopied : ObjectChange::kPut,
                  put.key, record, put.cause);
    core_->commit(change, dropped, &data);
    done = {record.version_id(), bucket->versioning, record.modified_ms};
  }
  return done;
}

namespace {

// What a reader is told about a key without an object: nothing there, or a marker on top.
Refusal no_such_key(const std::optional<Stored>& newest) {
  Refusal refusal{Outcome::kNoSuchKey};
  if (newest && newest->record.is_delete_marker) {
    refusal.version_id = newest->record.version_id();
    refusal.modified_ms = newest->record.modified_ms;
  }
  return refusal;
}

}  // namespace

// Finds what `version_id` (or the lack of one) means, under the key's lock, held shared.
Result<Stored> Engine::Core::resolve(const Bucket& bucket, std::string_view key,
                                     std::optional<std::string_view> version_id) const {
  if (version_id) {
    std::optional<Stored> found = locate(bucket.name, key, *version_id);
    if (!found) return Refusal{Outcome::kNoSuchVersion};
    if (found->record.is_delete_marker) {
      Refusal refusal{Outcome::kMethodNotAllowed};
      refusal.version_id = found->record.version_id();
      refusal.modified_ms = found->record.modified_ms;
      return refusal;
    }
    return *std::move(found);
  }
  std::optional<Stored> latest = latest_object(bucket.name, key);
  if (latest) return *std::move(latest);
  if (bucket.versioning == Versioning::kUnversioned) return Refusal{Outcome::kNoSuchKey};
  return no_such_key(newest_older(bucket.name, key));
}

Result<ObjectVersion> Engine::head(std::string_view bucket_name, std::string_view key,
                                   std::optional<std::string_view> version_id) const {
  if (!version_id) {
    // One look-up sees one instant, so the common case needs no lock.
    const auto bucket = core_->find_bucket(bucket_name);
    if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
    auto latest = core_->latest_object(bucket_name, key);
    if (latest) return to_version(std::move(latest->record), Latest::kYes, bucket->versioning);
    if (bucket->versioning == Versioning::kUnversioned) return Refusal{Outcome::kNoSuchKey};
  }
  const base::SharedLock lock(core_->stripe(bucket_name, key));
  const auto bucket = core_->find_bucket(bucket_name);
  if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
  Result<Stored> found = core_->resolve(*bucket, key, version_id);
  if (!found) return found.error();
  return to_version(std::move(found->record), Latest{found->in_latest_space}, bucket->versioning);
}

// A version with its content. REQUIRES: if it has blobs, the key's stripe is held, so that they are
// pinned before anyone can replace the record.
Opened Engine::Core::to_opened(Stored&& stored, Versioning versioning) {
  Bytes bytes = std::move(stored.record.bytes);
  if (bytes.slices.empty() && stored.record.size_bytes > 0) {
    // Inline bytes are the end of the record, which is ours to cut up.
    const std::size_t size = static_cast<std::size_t>(stored.record.size_bytes);
    if (stored.value.size() < size) {
      throw base::StorageFault("corrupt object store: inline bytes are cut short");
    }
    stored.value.erase(0, stored.value.size() - size);
    bytes.small = std::move(stored.value);
  }
  Opened opened;
  opened.content = Content(pins, std::move(bytes));
  opened.version = to_version(std::move(stored.record), Latest{stored.in_latest_space}, versioning);
  return opened;
}

Result<Opened> Engine::open(std::string_view bucket_name, std::string_view key,
                            std::optional<std::string_view> version_id) const {
  if (!version_id) {
    const auto bucket = core_->find_bucket(bucket_name);
    if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
    auto latest = core_->latest_object(bucket_name, key);
    if (latest && latest->record.bytes.slices.empty()) {
      return core_->to_opened(*std::move(latest), bucket->versioning);
    }
    if (!latest && bucket->versioning == Versioning::kUnversioned) {
      return Refusal{Outcome::kNoSuchKey};
    }
  }
  const base::SharedLock lock(core_->stripe(bucket_name, key));
  const auto bucket = core_->find_bucket(bucket_name);
  if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
  Result<Stored> found = core_->resolve(*bucket, key, version_id);
  if (!found) return found.error();
  return core_->to_opened(*std::move(found), bucket->versioning);
}

Data Engine::duplicate(const Content& content) const {
  return duplicate(content, 0, content.size_bytes());
}

Data Engine::duplicate(const Content& content, std::uint64_t offset,
                       std::uint64_t length_bytes) const {
  BODEGA_CHECK(offset <= content.size_bytes() && length_bytes <= content.size_bytes() - offset);
  Data data(core_->pins.held_blobs());
  if (content.is_inline()) {
    data.bytes_.small = content.inline_bytes().substr(static_cast<std::size_t>(offset),
                                                      static_cast<std::size_t>(length_bytes));
    return data;
  }
  const Content::Pinned& pinned = *content.pinned_;
  while (length_bytes > 0) {
    const std::size_t index = pinned.slice_at(offset);
    const Slice& slice = pinned.bytes.slices[index];
    const std::uint64_t within = offset - pinned.starts[index];
    const std::uint64_t length = std::min(length_bytes, slice.length_bytes - within);
    const auto linked = core_->pins.blobs().link(slice.blob);
    if (!linked) throw base::StorageFault("the blob of an object is missing");
    data.bytes_.slices.push_back({*linked, slice.offset + within, length});
    offset += length;
    length_bytes -= length;
  }
  return data;
}

Result<ObjectVersion> Engine::update(std::string_view bucket_name, std::string_view key,
                                     std::optional<std::string_view> version_id,
                                     const std::function<void(Attributes&)>& edit,
                                     const journal::Cause& cause) {
  const base::Lock lock(core_->stripe(bucket_name, key));
  const auto bucket = core_->find_bucket(bucket_name);
  if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
  Result<Stored> found = core_->resolve(*bucket, key, version_id);
  if (!found) return found.error();
  format::VersionRecord record = format::decode_version(found->value, Depth::kAll);
  edit(record.attributes);
  Change change;
  change.batch.put(kv::Family::kS3Objects,
                   found->in_latest_space ? format::latest_key(bucket_name, key)
                                          : format::older_key(bucket_name, key, record.id.order),
                   format::encode(record));
  core_->record(change, *bucket, ObjectChange::kAttributesChanged, key, record, cause,
                &found->record.attributes);
  core_->commit(change);
  return to_version(std::move(record), Latest{found->in_latest_space}, bucket->versioning);
}

}  // namespace bodega::object
