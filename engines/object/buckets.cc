// Buckets: names, owners, versioning state, configurations. All of them are kept in memory as
// values that never change, so that every request can look at its bucket for the price of one map
// look-up.
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/mutex.h"
#include "engines/object/inside.h"

namespace bodega::object {

using kv::Family;

void Engine::Core::load_buckets() {
  const base::Lock lock(bucket_table);
  const auto cursor = store.cursor(Family::kS3Buckets);
  std::shared_ptr<Bucket> bucket;
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    const std::string_view key = cursor->key();
    const std::size_t zero = key.find('\0');
    if (zero == std::string_view::npos) {
      bucket = std::make_shared<Bucket>(format::decode_bucket(key, cursor->value()));
      buckets.emplace(bucket->name, bucket);
    } else {
      if (bucket == nullptr || bucket->name != key.substr(0, zero)) {
        throw base::StorageFault("corrupt object store: configuration without its bucket");
      }
      bucket->configurations.emplace(key.substr(zero + 1), cursor->value());
    }
  }
}

std::shared_ptr<const Bucket> Engine::Core::find_bucket(std::string_view name) const {
  const base::SharedLock lock(bucket_table);
  const auto at = buckets.find(name);
  return at == buckets.end() ? nullptr : at->second;
}

void Engine::Core::swap_bucket(const std::string& name, std::shared_ptr<const Bucket> bucket) {
  const base::Lock lock(bucket_table);
  if (bucket == nullptr) {
    buckets.erase(name);
  } else {
    buckets.insert_or_assign(name, std::move(bucket));
  }
}

std::shared_ptr<const Bucket> Engine::find_bucket(std::string_view name) const {
  return core_->find_bucket(name);
}

Result<std::shared_ptr<const Bucket>> Engine::create_bucket(Bucket bucket) {
  const base::Lock lock(core_->bucket_writes);
  if (const auto other = core_->find_bucket(bucket.name)) {
    return Refusal{other->owner == bucket.owner ? Outcome::kBucketAlreadyOwnedByYou
                                                : Outcome::kBucketAlreadyExists};
  }
  bucket.created_ms = core_->clock.now_ms();
  bucket.source = nullptr;
  if (bucket.object_lock) bucket.versioning = Versioning::kEnabled;
  Change change;
  change.batch.put(Family::kS3Buckets, bucket.name, format::encode(bucket));
  for (const auto& [name, value] : bucket.configurations) {
    change.batch.put(Family::kS3Buckets, format::configuration_prefix(bucket.name) + name, value);
  }
  core_->commit(change);
  auto created = std::make_shared<const Bucket>(std::move(bucket));
  core_->swap_bucket(created->name, created);
  return created;
}

Result<void> Engine::remove_bucket(std::string_view name) {
  Change change;
  DroppedBlobs dropped(core_->pins);
  {
    const base::Lock lock(core_->bucket_writes);
    const auto bucket = core_->find_bucket(name);
    if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
    const auto stripes = core_->lock_all_stripes();
    for (const std::string& space : {format::latest_space(name), format::older_space(name)}) {
      const auto cursor = core_->store.cursor(Family::kS3Objects, space, base::prefix_end(space));
      cursor->seek_first();
      if (cursor->valid()) return Refusal{Outcome::kBucketNotEmpty};
    }
    const std::string parts = format::part_space(name);
    const auto part = core_->store.cursor(Family::kS3Uploads, parts, base::prefix_end(parts));
    for (part->seek_first(); part->valid(); part->next()) {
      change.drop(format::decode_part(0, part->value()).slices);
    }
    const auto remove_all = [&](Family family, const std::string& start) {
      change.batch.remove_range(family, start, base::prefix_end(start));
    };
    remove_all(Family::kS3Uploads, parts);
    remove_all(Family::kS3Uploads, format::upload_space(name));
    remove_all(Family::kS3Buckets, format::configuration_prefix(name));
    change.batch.remove(Family::kS3Buckets, std::string(name));
    core_->close_source(change.batch, *bucket);
    change.batch.mark_frees_room();
    core_->commit(change, dropped);
    core_->swap_bucket(bucket->name, nullptr);
  }
  return {};
}

BucketPage Engine::list_buckets(const BucketQuery& query) const {
  BucketPage page;
  const base::SharedLock lock(core_->bucket_table);
  auto at = query.after >= query.prefix && !query.after.empty()
                ? core_->buckets.upper_bound(query.after)
                : core_->buckets.lower_bound(query.prefix);
  for (; at != core_->buckets.end(); ++at) {
    const Bucket& bucket = *at->second;
    if (!bucket.name.starts_with(query.prefix)) break;
    if (!query.owner.empty() && bucket.owner != query.owner) continue;
    if (!query.region.empty() && bucket.region != query.region) continue;
    if (page.buckets.size() == query.max) {
      page.truncated = query.max > 0;
      break;
    }
    page.buckets.push_back({bucket.name,
                            bucket.owner,
                            bucket.region,
                            bucket.created_ms,
                            bucket.versioning,
                            bucket.object_lock,
                            {},
                            {}});
  }
  return page;
}

Result<void> Engine::set_versioning(std::string_view name, Versioning versioning) {
  const base::Lock lock(core_->bucket_writes);
  const auto bucket = core_->find_bucket(name);
  if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
  BODEGA_CHECK(versioning != Versioning::kUnversioned ||
               bucket->versioning == Versioning::kUnversioned);
  auto changed = std::make_shared<Bucket>(*bucket);
  changed->versioning = versioning;
  Change change;
  change.batch.put(Family::kS3Buckets, changed->name, format::encode(*changed));
  // The holder of a stripe has looked at the old state and acts on it.
  const auto stripes = core_->lock_all_stripes();
  core_->commit(change);
  core_->swap_bucket(changed->name, changed);
  return {};
}

Result<std::string> Engine::get_configuration(std::string_view bucket,
                                              std::string_view name) const {
  const auto found = core_->find_bucket(bucket);
  if (found == nullptr) return Refusal{Outcome::kNoSuchBucket};
  const auto at = found->configurations.find(name);
  if (at == found->configurations.end()) return Refusal{Outcome::kNoSuchConfiguration};
  return at->second;
}

Result<void> Engine::put_configuration(std::string_view bucket, std::string_view name,
                                       std::string_view value) {
  const base::Lock lock(core_->bucket_writes);
  const auto found = core_->find_bucket(bucket);
  if (found == nullptr) return Refusal{Outcome::kNoSuchBucket};
  auto changed = std::make_shared<Bucket>(*found);
  changed->configurations.insert_or_assign(std::string(name), std::string(value));
  Change change;
  change.batch.put(Family::kS3Buckets, format::configuration_prefix(bucket).append(name),
                   std::string(value));
  core_->commit(change);
  core_->swap_bucket(changed->name, changed);
  return {};
}

Result<void> Engine::remove_configuration(std::string_view bucket, std::string_view name) {
  const base::Lock lock(core_->bucket_writes);
  const auto found = core_->find_bucket(bucket);
  if (found == nullptr) return Refusal{Outcome::kNoSuchBucket};
  if (!found->configurations.contains(name)) return {};
  auto changed = std::make_shared<Bucket>(*found);
  changed->configurations.erase(changed->configurations.find(name));
  Change change;
  change.batch.remove(Family::kS3Buckets, format::configuration_prefix(bucket).append(name));
  change.batch.mark_frees_room();
  core_->commit(change);
  core_->swap_bucket(changed->name, changed);
  return {};
}

}  // namespace bodega::object
