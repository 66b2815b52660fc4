// The inside of the engine, shared by its topic files: the locks, the table of buckets, and the
// story of one key (versions.cc), which puts, deletes and completed uploads all tell.
//
// Locks, taken in this order:
//   bucket_writes   changes of buckets, one at a time
//   a key's stripe  everything that reads, decides and commits about one key; all stripes for what
//                   concerns a whole bucket (its deletion, its versioning state)
//   bucket_table    the map of buckets, held for a look-up or a swap only
// A look at a bucket under a stripe therefore stays true as long as the stripe is held.
//
// Its functions stand with their topics: engine.cc, buckets.cc, versions.cc, objects.cc,
// deletes.cc, multipart.cc, listing.cc, subscriptions.cc, clear.cc.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/mutex.h"
#include "engines/journal/journal.h"
#include "engines/object/cleared_blobs.h"
#include "engines/object/engine.h"
#include "engines/object/events.h"
#include "engines/object/format.h"
#include "engines/object/pins.h"

namespace bodega::object {

// Changes that are being gathered: what to commit, the events that go with it, and which blobs no
// record names once that is done.
struct Change {
  kv::Batch batch;
  std::vector<journal::NewEvent> events;
  std::vector<blob::BlobId> dropped;
  std::uint64_t destroyed_bytes = 0;  // of versions: records and content

  void drop(const std::vector<Slice>& slices) {
    for (const Slice& slice : slices) dropped.push_back(slice.blob);
  }
};

// Blobs that no record names any more. They go when this object goes, so it is made before locks
// and outlives them: removing takes the time of a disk.
class DroppedBlobs {
 public:
  explicit DroppedBlobs(PinTable& pins) : pins_(pins) {}
  ~DroppedBlobs();
  DroppedBlobs(const DroppedBlobs&) = delete;
  DroppedBlobs& operator=(const DroppedBlobs&) = delete;

  void add(const std::vector<blob::BlobId>& ids) {
    ids_.insert(ids_.end(), ids.begin(), ids.end());
  }

 private:
  PinTable& pins_;
  std::vector<blob::BlobId> ids_;
};

// A version as the store has it. `value` is the whole record, `record` all of it but inline bytes.
struct Stored {
  std::string value;
  format::VersionRecord record;
  bool in_latest_space = false;
};

struct Engine::Core {
  Core(kv::Store& the_store, blob::Store& the_blobs, const base::Clock& the_clock,
       Options the_options)
      : store(the_store),
        clock(the_clock),
        options(the_options),
        journal(the_options.journal),
        pins(the_blobs, the_options.executor, the_options.owner),
        cleared(the_store, pins, the_options.executor) {}

  kv::Store& store;
  const base::Clock& clock;
  const Options options;
  journal::Journal* const journal;  // nullptr: nothing can be subscribed to
  PinTable pins;
  ClearedBlobs cleared;

  base::Mutex bucket_writes;
  // The thread sanitizer follows at most 64 locks of one thread, and all of these can be held at
  // once.
  static constexpr std::size_t kStripes = 48;
  std::array<base::SharedMutex, kStripes> stripes;
  mutable base::SharedMutex bucket_table;
  std::map<std::string, std::shared_ptr<const Bucket>, std::less<>> buckets
      GUARDED_BY(bucket_table);

  // ---- Buckets (buckets.cc, clear.cc) ----

  void load_buckets();
  std::shared_ptr<const Bucket> find_bucket(std::string_view name) const;
  // In the order of their names; with an empty owner, all there are.
  std::vector<std::shared_ptr<const Bucket>> buckets_of(std::string_view owner) const;
  // Replaces or (nullptr) removes.
  void swap_bucket(const std::string& name, std::shared_ptr<const Bucket> bucket)
      REQUIRES_LOCK(bucket_writes);

  // ---- Locks ----

  static std::size_t stripe_of(std::string_view bucket, std::string_view key);
  base::SharedMutex& stripe(std::string_view bucket, std::string_view key) {
    return stripes[stripe_of(bucket, key)];
  }
  std::vector<std::unique_lock<base::SharedMutex>> lock_all_stripes();

  // ---- One key (versions.cc). REQUIRES for all: the key's stripe is held. ----

  // The latest version, when it is an object.
  std::optional<Stored> latest_object(std::string_view bucket, std::string_view key) const;

  // The newest one of the older space; with `below`, the newest whose order is less.
  std::optional<Stored> newest_older(std::string_view bucket, std::string_view key,
                                     std::optional<std::uint64_t> below = {}) const;

  // The version of that id.
  std::optional<Stored> locate(std::string_view bucket, std::string_view key,
                               std::string_view version_id) const;

  // The order of the null version among the older ones.
  std::optional<std::uint64_t> older_null(std::string_view bucket, std::string_view key) const;

  // Makes `next` the latest version: gives it its id, moves or replaces what was there before.
  // `latest` is what latest_object() said.
  void add_version(Change& change, const Bucket& bucket, std::string_view key,
                   const std::optional<Stored>& latest, format::VersionRecord& next) const;

  // Destroys a version for good; the next older one becomes the latest where it was the latest.
  void destroy_version(Change& change, std::string_view bucket, std::string_view key,
                       const Stored& version) const;

  // What a version id marker of a list means (listing.cc). Takes the stripe itself.
  std::optional<std::uint64_t> marker_order(std::string_view bucket, std::string_view key,
                                            std::string_view marker);

  // ---- Uploads (multipart.cc). REQUIRES: the key's stripe is held, shared at least. ----

  Result<format::UploadRecord> find_upload(std::string_view bucket, std::string_view key,
                                           std::string_view upload_id) const;
  void each_part(std::string_view bucket, std::string_view key, std::uint64_t order, int after,
                 const std::function<bool(format::PartRecord&&)>& visit) const;
  void forget_upload(Change& change, std::string_view bucket, std::string_view key,
                     std::uint64_t order, const std::vector<int>& part_numbers) const;
  std::optional<CompleteDone> find_completed(const Bucket& bucket, std::string_view key,
                                             std::string_view upload_id) const;

  // ---- Commits (engine.cc): the only place that decides what becomes of blobs. ----

  // Commits the change and empties it. Its dropped blobs go to `dropped`, and the blobs of `named`,
  // which the change names, are the record's from now on.
  //
  // A commit that throws NotCommitted has changed nothing, and all stays as it was. After any other
  // fault it is unknown whether the next start finds the change. Then every blob stays, those it
  // names and those it drops: the sweep of the next start removes those that turn out to be free.
  void commit(Change& change, DroppedBlobs& dropped, Data* named = nullptr);
  // The same for a change that is about no blob.
  void commit(Change& change);
  void write(Change& change);  // what both come to

  // ---- Subscriptions (subscriptions.cc) ----

  void load_sources();
  // Has the batch, which removes the bucket, end all subscriptions. REQUIRES: all stripes are held.
  void close_source(kv::Batch& batch, const Bucket& bucket) const;
  // Adds the event of what happens to a version to the change, where a subscriber reads the
  // bucket's changes. `before`: what the attributes were, for kAttributesChanged. REQUIRES: the
  // key's stripe is held.
  void record(Change& change, const Bucket& bucket, ObjectChange what, std::string_view key,
              const format::VersionRecord& version, const journal::Cause& cause,
              const Attributes* before = nullptr) const;
  // Writes the bucket's source, or a new one, as `edit` changes it.
  Result<void> resubscribe(std::string_view name,
                           const std::function<void(journal::Source&)>& edit);

  // What a version id, or the lack of one, means to a reader (objects.cc). The stripe may be held
  // shared.
  Result<Stored> resolve(const Bucket& bucket, std::string_view key,
                         std::optional<std::string_view> version_id) const;

  Opened to_opened(Stored&& stored, Versioning versioning);

  // deletes.cc
  Result<Removed> remove_one(Change& change, const Bucket& bucket, const Remove& request) const;

  // Whether a put's conditions hold of the latest object, or of there being none (objects.cc).
  static std::optional<Refusal> check(const Conditions& conditions,
                                      const std::optional<Stored>& latest);
};

// A version and an upload as the face shows them.
enum class Latest : bool { kNo, kYes };
ObjectVersion to_version(format::VersionRecord&& record, Latest latest, Versioning versioning);
Upload to_upload(std::string key, format::UploadRecord&& record);

}  // namespace bodega::object
