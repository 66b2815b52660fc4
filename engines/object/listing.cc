// The lists: pages of keys, of versions, of uploads. All three walk a cursor in byte order, fold
// keys that share a prefix up to the delimiter into one line, and jump behind such a prefix with
// one seek.
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/mutex.h"
#include "engines/object/inside.h"

namespace bodega::object {

using kv::Family;

namespace {

// The common prefix that `key` is folded into, or nothing. REQUIRES: key starts with `prefix`.
std::optional<std::string_view> common_prefix(std::string_view key, std::string_view prefix,
                                              std::string_view delimiter) {
  if (delimiter.empty()) return std::nullopt;
  const std::size_t at = key.find(delimiter, prefix.size());
  if (at == std::string_view::npos) return std::nullopt;
  return key.substr(0, at + delimiter.size());
}

// The same for a marker, which may be anything.
std::optional<std::string_view> marker_prefix(std::string_view marker, std::string_view prefix,
                                              std::string_view delimiter) {
  if (!marker.starts_with(prefix)) return std::nullopt;
  return common_prefix(marker, prefix, delimiter);
}

ListedObject to_listed(std::string key, format::VersionRecord&& record) {
  ListedObject listed;
  listed.key = std::move(key);
  listed.etag = std::move(record.attributes.etag);
  listed.size_bytes = record.size_bytes;
  listed.modified_ms = record.modified_ms;
  listed.storage_class = std::move(record.attributes.storage_class);
  listed.owner = std::move(record.attributes.owner);
  listed.checksum_algorithm = std::move(record.attributes.checksum.algorithm);
  listed.checksum_type = record.attributes.checksum.type;
  return listed;
}

// The first key of the latest space that a page may show.
std::string start_of(const Position& from, const std::string& space, std::string_view prefix,
                     std::string_view delimiter) {
  switch (from.kind) {
    case Position::Kind::kStart: break;
    case Position::Kind::kAfterKey: return space + from.text + '\0';
    case Position::Kind::kAfterPrefix: return base::prefix_end(space + from.text);
    case Position::Kind::kAfterMarker:
      if (const auto folded = marker_prefix(from.text, prefix, delimiter)) {
        return base::prefix_end(space + std::string(*folded));
      }
      return space + from.text + '\0';
  }
  return space;
}

}  // namespace

Result<ObjectPage> Engine::list_objects(const ObjectQuery& query) const {
  if (core_->find_bucket(query.bucket) == nullptr) return Refusal{Outcome::kNoSuchBucket};
  ObjectPage page;
  if (query.max == 0) return page;
  const std::string space = format::latest_space(query.bucket);
  const std::string lower = space + query.prefix;
  const std::string upper = base::prefix_end(lower);
  const std::string start =
      std::max(lower, start_of(query.from, space, query.prefix, query.delimiter));
  if (start >= upper) return page;
  const auto cursor = core_->store.cursor(Family::kS3Objects, lower, upper);
  std::size_t count = 0;
  for (cursor->seek(start); cursor->valid(); ++count) {
    if (count == query.max) {
      page.truncated = true;
      return page;
    }
    const std::string_view key = cursor->key().substr(space.size());
    if (const auto folded = common_prefix(key, query.prefix, query.delimiter)) {
      page.common_prefixes.emplace_back(*folded);
      page.next = {Position::Kind::kAfterPrefix, page.common_prefixes.back()};
      const std::string behind = base::prefix_end(space + page.common_prefixes.back());
      if (behind >= upper) return page;
      cursor->seek(behind);
    } else {
      page.objects.push_back(to_listed(
          std::string(key), format::decode_version(cursor->value(), format::Depth::kSummary)));
      page.next = {Position::Kind::kAfterKey, page.objects.back().key};
      cursor->next();
    }
  }
  return page;
}

namespace {

// The latest and the older space of a bucket as one sequence: by key, newest first.
class VersionWalk {
 public:
  VersionWalk(const kv::Store& store, std::string_view bucket, std::string_view prefix)
      : latest_space_(format::latest_space(bucket)),
        older_space_(format::older_space(bucket)),
        snapshot_(store.snapshot()) {
    latest_lower_ = latest_space_ + std::string(prefix);
    latest_upper_ = base::prefix_end(latest_lower_);
    older_lower_ = older_space_ + format::ordered_prefix(prefix);
    older_upper_ = base::prefix_end(older_lower_);
    latest_ = store.cursor(Family::kS3Objects, latest_lower_, latest_upper_, snapshot_.get());
    older_ = store.cursor(Family::kS3Objects, older_lower_, older_upper_, snapshot_.get());
  }

  void start() { seek(latest_lower_, older_lower_); }
  void start_behind_prefix(std::string_view text) {
    seek(base::prefix_end(latest_space_ + std::string(text)),
         base::prefix_end(older_space_ + format::ordered_prefix(text)));
  }
  void start_behind_key(std::string_view bucket, std::string_view key) {
    seek(latest_space_ + std::string(key) + '\0',
         base::prefix_end(format::older_prefix(bucket, key)));
  }
  // Behind the version of that order, which need not be there any more. REQUIRES: order > 0, the
  // key starts with the prefix.
  void start_behind_version(std::string_view bucket, std::string_view key, std::uint64_t order) {
    seek(latest_space_ + std::string(key), format::older_key(bucket, key, order - 1));
    // What is newer was shown on an earlier page, unless it has gone since.
    if (latest_->valid() && latest_key() == key) {
      const auto latest = format::decode_version(latest_->value(), format::Depth::kSummary);
      if (latest.id.order >= order) {
        newer_shown_ = key;
        latest_->next();
      }
    } else {
      const std::string prefix = format::older_prefix(bucket, key);
      older_->seek(prefix);
      if (older_->valid() && older_->key().starts_with(prefix) && older_split().order >= order) {
        newer_shown_ = key;
      }
      older_->seek(format::older_key(bucket, key, order - 1));
    }
    settle();
  }

  bool valid() const { return latest_valid_ || older_valid_; }
  const std::string& key() const { return key_; }
  std::string_view value() const { return on_latest_ ? latest_->value() : older_->value(); }
  bool is_latest() const { return on_latest_ || newer_shown_ != key_; }

  void next() {
    newer_shown_ = key_;
    if (on_latest_) {
      latest_->next();
    } else {
      older_->next();
    }
    settle();
  }

 private:
  std::string_view latest_key() const { return latest_->key().substr(latest_space_.size()); }
  format::OlderKey older_split() const {
    return format::split_older_key(older_->key().substr(older_space_.size()));
  }

  void seek(const std::string& latest_at, const std::string& older_at) {
    latest_past_end_ = latest_at >= latest_upper_;
    older_past_end_ = older_at >= older_upper_;
    if (!latest_past_end_) latest_->seek(std::max(latest_lower_, latest_at));
    if (!older_past_end_) older_->seek(std::max(older_lower_, older_at));
    settle();
  }

  // Finds out which of the two comes first; a key's latest version precedes its older ones.
  void settle() {
    latest_valid_ = !latest_past_end_ && latest_->valid();
    older_valid_ = !older_past_end_ && older_->valid();
    std::string older_key = older_valid_ ? older_split().key : std::string();
    on_latest_ = latest_valid_ && (!older_valid_ || latest_key() <= older_key);
    if (on_latest_) {
      key_ = latest_key();
    } else {
      key_ = std::move(older_key);
    }
  }

  const std::string latest_space_;
  const std::string older_space_;
  const std::unique_ptr<kv::Snapshot> snapshot_;
  std::string latest_lower_, latest_upper_, older_lower_, older_upper_;
  std::unique_ptr<kv::Cursor> latest_, older_;
  bool latest_past_end_ = false, older_past_end_ = false;
  bool latest_valid_ = false, older_valid_ = false;
  bool on_latest_ = false;
  std::string key_;
  // A key of which a newer version came before this one, here or on an earlier page.
  std::optional<std::string> newer_shown_;
};

}  // namespace

// The order that a version id marker stands for; nothing: behind all versions of the key.
std::optional<std::uint64_t> Engine::Core::marker_order(std::string_view bucket,
                                                        std::string_view key,
                                                        std::string_view marker) {
  if (marker.empty()) return std::nullopt;
  if (marker == kNullVersion) {
    const base::SharedLock lock(stripe(bucket, key));
    const auto found = locate(bucket, key, marker);
    if (!found) return std::nullopt;
    return found->record.id.order;
  }
  const auto id = format::parse_id(marker);
  if (!id || id->order == 0) return std::nullopt;
  return id->order;
}

Result<VersionPage> Engine::list_versions(const VersionQuery& query) const {
  if (core_->find_bucket(query.bucket) == nullptr) return Refusal{Outcome::kNoSuchBucket};
  VersionPage page;
  if (query.max == 0) return page;
  const auto order = core_->marker_order(query.bucket, query.key_marker, query.version_id_marker);
  VersionWalk walk(core_->store, query.bucket, query.prefix);
  if (query.key_marker.empty()) {
    walk.start();
  } else if (const auto folded = marker_prefix(query.key_marker, query.prefix, query.delimiter)) {
    walk.start_behind_prefix(*folded);
  } else if (order && query.key_marker.starts_with(query.prefix)) {
    walk.start_behind_version(query.bucket, query.key_marker, *order);
  } else {
    walk.start_behind_key(query.bucket, query.key_marker);
  }
  for (std::size_t count = 0; walk.valid(); ++count) {
    if (count == query.max) {
      page.truncated = true;
      return page;
    }
    if (const auto folded = common_prefix(walk.key(), query.prefix, query.delimiter)) {
      page.common_prefixes.emplace_back(*folded);
      page.next_key_marker = page.common_prefixes.back();
      page.next_version_id_marker.clear();
      walk.start_behind_prefix(page.common_prefixes.back());
      continue;
    }
    auto record = format::decode_version(walk.value(), format::Depth::kSummary);
    ListedVersion listed;
    listed.version_id = record.version_id();
    listed.is_latest = walk.is_latest();
    listed.is_delete_marker = record.is_delete_marker;
    listed.object = to_listed(walk.key(), std::move(record));
    page.next_key_marker = listed.object.key;
    page.next_version_id_marker = listed.version_id;
    page.versions.push_back(std::move(listed));
    walk.next();
  }
  return page;
}

Result<UploadPage> Engine::list_uploads(const UploadQuery& query) const {
  if (core_->find_bucket(query.bucket) == nullptr) return Refusal{Outcome::kNoSuchBucket};
  UploadPage page;
  if (query.max == 0) return page;
  const std::string space = format::upload_space(query.bucket);
  const std::string lower = space + format::ordered_prefix(query.prefix);
  const std::string upper = base::prefix_end(lower);
  std::string start = lower;
  const auto id = format::parse_id(query.upload_id_marker);
  if (query.key_marker.empty()) {
    // The service ignores an upload-id-marker without a key-marker.
  } else if (const auto folded = marker_prefix(query.key_marker, query.prefix, query.delimiter)) {
    start = base::prefix_end(space + format::ordered_prefix(*folded));
  } else if (id) {
    start = format::upload_key(query.bucket, query.key_marker, id->order) + '\0';
  } else {
    start = base::prefix_end(format::upload_prefix(query.bucket, query.key_marker));
  }
  start = std::max(start, lower);
  if (start >= upper) return page;
  const auto cursor = core_->store.cursor(Family::kS3Uploads, lower, upper);
  std::size_t count = 0;
  for (cursor->seek(start); cursor->valid(); ++count) {
    if (count == query.max) {
      page.truncated = true;
      return page;
    }
    format::OlderKey at = format::split_upload_key(cursor->key().substr(space.size()));
    if (const auto folded = common_prefix(at.key, query.prefix, query.delimiter)) {
      page.common_prefixes.emplace_back(*folded);
      page.next_key_marker = page.common_prefixes.back();
      page.next_upload_id_marker.clear();
      const std::string behind =
          base::prefix_end(space + format::ordered_prefix(page.common_prefixes.back()));
      if (behind >= upper) return page;
      cursor->seek(behind);
    } else {
      page.uploads.push_back(to_upload(at.key, format::decode_upload(at.order, cursor->value())));
      page.next_key_marker = page.uploads.back().key;
      page.next_upload_id_marker = page.uploads.back().upload_id;
      cursor->next();
    }
  }
  return page;
}

}  // namespace bodega::object
