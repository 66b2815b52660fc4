// The story of one key. Its latest version, when that is an object, is in the latest space;
// everything else is in the older space, newest first:
//
//   put into an unversioned bucket     replaces the latest (which is the null version)
//   put into a versioned bucket        moves the latest to the older space, and takes its place
//   put into a suspended bucket        as above, but the new one is the null version, and a null
//                                      version anywhere goes away
//   delete without a version id        the same three, with a delete marker that goes to the older
//                                      space and leaves the latest space empty
//   delete of the latest by its id     the newest older version, unless it is a marker, moves up
//
// So the latest space is empty exactly when there is no version or the newest one is a delete
// marker.
#include <algorithm>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/object/inside.h"

namespace bodega::object {

using kv::Family;

namespace {

Stored to_stored(std::string value, bool in_latest_space) {
  Stored stored;
  stored.record = format::decode_version(value, format::Depth::kAllButBytes);
  stored.value = std::move(value);
  stored.in_latest_space = in_latest_space;
  return stored;
}

}  // namespace

std::optional<Stored> Engine::Core::latest_object(std::string_view bucket,
                                                  std::string_view key) const {
  std::optional<std::string> value = store.get(Family::kS3Objects, format::latest_key(bucket, key));
  if (!value) return std::nullopt;
  return to_stored(*std::move(value), true);
}

std::optional<Stored> Engine::Core::newest_older(std::string_view bucket, std::string_view key,
                                                 std::optional<std::uint64_t> below) const {
  const std::string prefix = format::older_prefix(bucket, key);
  const auto cursor = store.cursor(Family::kS3Objects, prefix, base::prefix_end(prefix));
  if (below) {
    if (*below == 0) return std::nullopt;
    cursor->seek(format::older_key(bucket, key, *below - 1));
  } else {
    cursor->seek_first();
  }
  if (!cursor->valid()) return std::nullopt;
  return to_stored(std::string(cursor->value()), false);
}

std::optional<std::uint64_t> Engine::Core::older_null(std::string_view bucket,
                                                      std::string_view key) const {
  const auto value = store.get(Family::kS3Objects, format::null_key(bucket, key));
  if (!value) return std::nullopt;
  return format::decode_order(*value);
}

std::optional<Stored> Engine::Core::locate(std::string_view bucket, std::string_view key,
                                           std::string_view version_id) const {
  const bool wants_null = version_id == kNullVersion;
  const std::optional<format::Id> id = format::parse_id(version_id);
  if (!wants_null && !id) return std::nullopt;
  const auto is_it = [&](const Stored& stored) {
    return wants_null ? stored.record.is_null : !stored.record.is_null && stored.record.id == *id;
  };
  if (std::optional<Stored> latest = latest_object(bucket, key); latest && is_it(*latest)) {
    return latest;
  }
  std::optional<std::uint64_t> order;
  if (wants_null) {
    order = older_null(bucket, key);
  } else {
    order = id->order;
  }
  if (!order) return std::nullopt;
  std::optional<std::string> value =
      store.get(Family::kS3Objects, format::older_key(bucket, key, *order));
  if (!value) return std::nullopt;
  Stored stored = to_stored(*std::move(value), false);
  if (!is_it(stored)) return std::nullopt;
  return stored;
}

void Engine::Core::add_version(Change& change, const Bucket& bucket, std::string_view key,
                               const std::optional<Stored>& latest,
                               format::VersionRecord& next) const {
  const bool has_history = bucket.versioning != Versioning::kUnversioned;
  std::uint64_t newest_order = latest ? latest->record.id.order : 0;
  if (!latest && has_history) {
    if (const auto older = newest_older(bucket.name, key)) newest_order = older->record.id.order;
  }
  // A clock that was moved back does not make the next version an older one.
  const std::uint64_t order =
      std::max(static_cast<std::uint64_t>(clock.now_us()), newest_order + 1);
  next.is_null = bucket.versioning != Versioning::kEnabled;
  next.id = next.is_null ? format::Id{order, {}} : format::new_id(order);

  const bool replaces_latest = latest && next.is_null && latest->record.is_null;
  if (replaces_latest) change.drop(latest->record.bytes.slices);
  if (next.is_null && has_history && !replaces_latest) {
    if (const auto null_order = older_null(bucket.name, key)) {
      const std::string null_at = format::older_key(bucket.name, key, *null_order);
      if (const auto value = store.get(Family::kS3Objects, null_at)) {
        change.drop(format::decode_version(*value, format::Depth::kAllButBytes).bytes.slices);
      }
      change.batch.remove(Family::kS3Objects, null_at);
      change.batch.remove(Family::kS3Objects, format::null_key(bucket.name, key));
    }
  }
  if (latest && !replaces_latest) {
    change.batch.put(Family::kS3Objects,
                     format::older_key(bucket.name, key, latest->record.id.order), latest->value);
    if (latest->record.is_null) {
      change.batch.put(Family::kS3Objects, format::null_key(bucket.name, key),
                       format::encode_order(latest->record.id.order));
    }
  }
  if (!next.is_delete_marker) {
    change.batch.put(Family::kS3Objects, format::latest_key(bucket.name, key),
                     format::encode(next));
    return;
  }
  if (latest) change.batch.remove(Family::kS3Objects, format::latest_key(bucket.name, key));
  change.batch.put(Family::kS3Objects, format::older_key(bucket.name, key, order),
                   format::encode(next));
  if (next.is_null) {
    change.batch.put(Family::kS3Objects, format::null_key(bucket.name, key),
                     format::encode_order(order));
  }
}

void Engine::Core::destroy_version(Change& change, std::string_view bucket, std::string_view key,
                                   const Stored& version) const {
  const format::VersionRecord& record = version.record;
  change.drop(record.bytes.slices);
  // Bytes in blobs go as well; inline ones are in the value.
  change.destroyed_bytes +=
      version.value.size() + (record.bytes.slices.empty() ? 0 : record.size_bytes);
  bool was_latest = version.in_latest_space;
  if (version.in_latest_space) {
    change.batch.remove(Family::kS3Objects, format::latest_key(bucket, key));
  } else {
    change.batch.remove(Family::kS3Objects, format::older_key(bucket, key, record.id.order));
    if (record.is_null) change.batch.remove(Family::kS3Objects, format::null_key(bucket, key));
    // Only a marker can be the newest of all while it is in the older space.
    was_latest = record.is_delete_marker && !latest_object(bucket, key) &&
                 newest_older(bucket, key)->record.id == record.id;
  }
  if (!was_latest) return;
  const auto heir = newest_older(bucket, key, record.id.order);
  if (!heir || heir->record.is_delete_marker) return;
  change.batch.put(Family::kS3Objects, format::latest_key(bucket, key), heir->value);
  change.batch.remove(Family::kS3Objects, format::older_key(bucket, key, heir->record.id.order));
  if (heir->record.is_null) change.batch.remove(Family::kS3Objects, format::null_key(bucket, key));
}

ObjectVersion to_version(format::VersionRecord&& record, Latest latest, Versioning versioning) {
  ObjectVersion version;
  version.version_id = record.version_id();
  version.is_delete_marker = record.is_delete_marker;
  version.is_latest = latest == Latest::kYes;
  version.modified_ms = record.modified_ms;
  version.size_bytes = record.size_bytes;
  version.attributes = std::move(record.attributes);
  version.parts = std::move(record.parts);
  version.upload_id = std::move(record.upload_id);
  version.versioning = versioning;
  return version;
}

}  // namespace bodega::object
