// Engine::clear: removes all buckets, or those of one account, with everything in them, at a cost
// that does not depend on what is stored: a range of each family goes in one commit, and the blobs
// follow in the background (cleared_blobs.h).
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/mutex.h"
#include "engines/object/inside.h"

namespace bodega::object {
namespace {

using kv::Family;
using Range = ClearedBlobs::Range;

Range range_of(Family family, std::string from) {
  std::string to = base::prefix_end(from);
  return {family, std::move(from), std::move(to)};
}

void remove(kv::Batch& batch, const Range& range) {
  batch.remove_range(range.family, range.from, range.to);
}

// What makes the batch remove, so that the rest of a record's space goes as well, and where the
// blobs of what is removed are named.
struct Going {
  kv::Batch batch;
  std::vector<Range> named;

  void remove_named(Range range) {
    remove(batch, range);
    named.push_back(std::move(range));
  }
};

void remove_all(Going& going) {
  going.batch.remove_range(Family::kS3Buckets, {}, format::kBehindBuckets);
  const auto space = [](std::string start) { return start.substr(0, 1); };
  going.remove_named(range_of(Family::kS3Objects, space(format::latest_space(""))));
  going.remove_named(range_of(Family::kS3Objects, space(format::older_space(""))));
  remove(going.batch, range_of(Family::kS3Objects, space(format::null_space(""))));
  remove(going.batch, range_of(Family::kS3Uploads, space(format::upload_space(""))));
  going.remove_named(range_of(Family::kS3Uploads, space(format::part_space(""))));
}

void remove_one(Going& going, const std::string& name) {
  going.batch.remove(Family::kS3Buckets, name);
  remove(going.batch, range_of(Family::kS3Buckets, format::configuration_prefix(name)));
  going.remove_named(range_of(Family::kS3Objects, format::latest_space(name)));
  going.remove_named(range_of(Family::kS3Objects, format::older_space(name)));
  remove(going.batch, range_of(Family::kS3Objects, format::null_space(name)));
  remove(going.batch, range_of(Family::kS3Uploads, format::upload_space(name)));
  going.remove_named(range_of(Family::kS3Uploads, format::part_space(name)));
}

}  // namespace

std::vector<std::shared_ptr<const Bucket>> Engine::Core::buckets_of(std::string_view owner) const {
  std::vector<std::shared_ptr<const Bucket>> found;
  const base::SharedLock lock(bucket_table);
  for (const auto& [name, bucket] : buckets) {
    if (owner.empty() || bucket->owner == owner) found.push_back(bucket);
  }
  return found;
}

std::size_t Engine::clear(std::string_view owner) {
  std::vector<std::shared_ptr<const Bucket>> buckets;
  std::unique_ptr<kv::Snapshot> before;
  std::vector<Range> named;
  {
    const base::Lock lock(core_->bucket_writes);
    // All stripes: no key is being looked at, and no blob can be pinned by way of its record later.
    const auto stripes = core_->lock_all_stripes();
    buckets = core_->buckets_of(owner);
    if (buckets.empty()) return 0;
    Going going;
    if (owner.empty()) remove_all(going);
    Change change;
    for (const auto& bucket : buckets) {
      if (!owner.empty()) remove_one(going, bucket->name);
      core_->close_source(going.batch, *bucket);
    }
    change.batch = std::move(going.batch);
    change.batch.mark_frees_room();
    named = std::move(going.named);
    before = core_->store.snapshot();
    core_->commit(change);
    const base::Lock table(core_->bucket_table);
    for (const auto& bucket : buckets) core_->buckets.erase(bucket->name);
  }
  core_->cleared.remove(std::move(before), std::move(named));
  return buckets.size();
}

}  // namespace bodega::object
