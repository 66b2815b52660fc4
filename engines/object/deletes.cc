// Deleting objects, one or many.
#include <algorithm>
#include <set>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/mutex.h"
#include "engines/object/inside.h"

namespace bodega::object {

namespace {

// Whether a delete's conditions hold of what it is about. What is not there is deleted already,
// says the documentation of DeleteObject; a delete marker is there, but has no etag and no size.
std::optional<Refusal> check_delete(const Conditions& conditions,
                                    const std::optional<Stored>& subject) {
  if (!subject) return std::nullopt;
  const format::VersionRecord& record = subject->record;
  Condition failed = Condition::kNone;
  if (conditions.if_match && *conditions.if_match != "*" &&
      *conditions.if_match != record.attributes.etag) {
    failed = Condition::kIfMatch;
  } else if (conditions.if_match_modified_s &&
             *conditions.if_match_modified_s != record.modified_ms / 1000) {
    failed = Condition::kIfModified;
  } else if (conditions.if_match_size_bytes &&
             *conditions.if_match_size_bytes != record.size_bytes) {
    failed = Condition::kIfSize;
  }
  if (failed == Condition::kNone) return std::nullopt;
  return Refusal{Outcome::kPreconditionFailed, failed};
}

bool is_conditional(const Conditions& conditions) {
  return conditions.if_match || conditions.if_match_modified_s || conditions.if_match_size_bytes;
}

}  // namespace

// What one delete does to its key, added to `change`. REQUIRES: the key's stripe is held, and
// nothing about this key is in `change` yet.
Result<Removed> Engine::Core::remove_one(Change& change, const Bucket& bucket,
                                         const Remove& request) const {
  const auto latest = latest_object(bucket.name, request.key);
  const auto destroy = [&](const Stored& version) {
    destroy_version(change, bucket.name, request.key, version);
    record(change, bucket, ObjectChange::kRemoved, request.key, version.record, request.cause);
  };
  const auto may_destroy = [&](const Stored& version) {
    if (!request.may_destroy || version.record.is_delete_marker) return true;
    return request.may_destroy(to_version(format::VersionRecord(version.record),
                                          Latest{version.in_latest_space}, bucket.versioning));
  };
  if (request.version_id) {
    const auto version = locate(bucket.name, request.key, *request.version_id);
    if (auto refusal = check_delete(request.conditions, version)) return *std::move(refusal);
    if (!version) return Removed{false, *request.version_id, false};
    if (!may_destroy(*version)) return Refusal{Outcome::kAccessDenied};
    destroy(*version);
    return Removed{version->record.is_delete_marker, *request.version_id, true};
  }
  if (is_conditional(request.conditions)) {
    const auto newest = latest ? latest : newest_older(bucket.name, request.key);
    if (!newest) return Removed{false, {}, false};  // nothing to compare with, nothing to hide
    if (auto refusal = check_delete(request.conditions, newest)) return *std::move(refusal);
  }
  if (bucket.versioning == Versioning::kUnversioned) {
    if (!latest) return Removed{false, {}, false};
    if (!may_destroy(*latest)) return Refusal{Outcome::kAccessDenied};
    destroy(*latest);
    return Removed{false, {}, true};
  }
  if (bucket.versioning == Versioning::kSuspended) {
    // The marker will be the null version, and the one there is now goes for good.
    const auto null_version = locate(bucket.name, request.key, kNullVersion);
    if (null_version && !may_destroy(*null_version)) return Refusal{Outcome::kAccessDenied};
  }
  format::VersionRecord marker;
  marker.is_delete_marker = true;
  marker.attributes.owner = request.owner;
  marker.modified_ms = clock.now_ms();
  add_version(change, bucket, request.key, latest, marker);
  record(change, bucket, ObjectChange::kMarked, request.key, marker, request.cause);
  return Removed{true, marker.version_id(), latest.has_value()};
}

Result<Removed> Engine::remove(const Remove& request) {
  Change change;
  DroppedBlobs dropped(core_->pins);
  Result<Removed> result = Removed{};
  {
    const base::Lock lock(core_->stripe(request.bucket, request.key));
    const auto bucket = core_->find_bucket(request.bucket);
    if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
    result = core_->remove_one(change, *bucket, request);
    if (!result) return result;
    core_->commit(change, dropped);
  }
  return result;
}

Result<std::vector<Result<Removed>>> Engine::remove_many(std::span<const Remove> requests) {
  std::vector<Result<Removed>> results;
  if (requests.empty()) return results;
  const std::string& name = requests.front().bucket;
  Change change;
  DroppedBlobs dropped(core_->pins);
  {
    std::set<std::size_t> needed;
    for (const Remove& request : requests) {
      BODEGA_CHECK(request.bucket == name);
      needed.insert(Core::stripe_of(name, request.key));
    }
    std::vector<std::unique_lock<base::SharedMutex>> locks;
    for (const std::size_t index : needed) locks.emplace_back(core_->stripes[index]);
    const auto bucket = core_->find_bucket(name);
    if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};

    std::set<std::string_view> pending;
    for (const Remove& request : requests) {
      // A key that is named twice must see what its first delete did.
      if (!pending.insert(request.key).second) {
        core_->commit(change, dropped);
        pending = {request.key};
      }
      results.push_back(core_->remove_one(change, *bucket, request));
    }
    core_->commit(change, dropped);
  }
  return results;
}

}  // namespace bodega::object
