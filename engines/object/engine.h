// The object engine: what S3 stores, without its wire. Buckets, objects with all their versions,
// multipart uploads, lists.
//
// Bytes stream in outside every lock (begin_write), then one short atomic step names them (put).
// The order is bytes first, record second, and on removal record first, bytes second; what a kill
// leaves in between is removed at start-up by means of named_blobs(). A copy links bytes and copies
// none.
//
// Every public method is atomic and thread-safe. What is not success comes back as a Refusal
// (model.h); a failing disk throws StorageFault. What was there stays readable then; of a change
// whose commit failed only the next start tells whether it happened (unless the fault is a
// base::NotCommitted), so no blob is removed on its account. Arguments are not checked beyond what
// storage needs: names, sizes, header values are the protocol's business.
//
// How versions are kept (format.h has the bytes): the latest version of a key, when it is an
// object, lives in a space of its own, so that a GET is one look-up and a list walks only what it
// shows; older versions and delete markers live in a second space, newest first.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/executor.h"
#include "engines/blob/store.h"
#include "engines/kv/store.h"
#include "engines/object/content.h"
#include "engines/object/model.h"
#include "engines/object/requests.h"
#include "engines/object/verify.h"

namespace bodega::journal {
class Journal;
}

namespace bodega::object {

struct Options {
  std::uint64_t inline_limit_bytes = kInlineLimitBytes;
  // Where many blobs at once are removed. None: on the calling thread. Must outlive the engine.
  base::Executor* executor = nullptr;
  // Of the same store. None: nothing can be subscribed to. Must outlive the engine.
  journal::Journal* journal = nullptr;
  // What the engine and its stores belong to. Content, data and writers hold it. None: the engine
  // must outlive them.
  std::weak_ptr<void> owner = {};
};

struct Opened {
  ObjectVersion version;
  Content content;
};

// Whether `text` has the form of a version id ("null", or 32 characters of the right kind). Such an
// id may still name nothing (kNoSuchVersion); any other text is an invalid argument on the wire.
bool is_version_id(std::string_view text);

class Engine {
 public:
  // Reads the buckets. The store must hold the shared families; all three outlive the engine.
  Engine(kv::Store& store, blob::Store& blobs, const base::Clock& clock, Options options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const base::Clock& clock() const;

  // ---- Buckets (buckets.cc). Names are global; one look-up costs no disk. ----

  // The bucket as of now, or nullptr. The value does not change under its reader.
  std::shared_ptr<const Bucket> find_bucket(std::string_view name) const;

  // Creates it, with bucket.created_ms taken from the clock. With object_lock it starts versioned.
  // kBucketAlreadyExists, kBucketAlreadyOwnedByYou.
  Result<std::shared_ptr<const Bucket>> create_bucket(Bucket bucket);

  // Deletes an empty bucket with its configurations and its open uploads. kNoSuchBucket,
  // kBucketNotEmpty when any version or delete marker remains.
  Result<void> remove_bucket(std::string_view name);

  // Removes all buckets of that owner, or of all owners when it is empty, with everything in them
  // and whatever protects it, in one commit; returns how many there were. What is stored costs the
  // caller nothing: the blobs go in the background. (clear.cc)
  std::size_t clear(std::string_view owner = {});

  BucketPage list_buckets(const BucketQuery& query) const;

  // kNoSuchBucket. (A bucket that was versioned once is never kUnversioned again: REQUIRES that.)
  Result<void> set_versioning(std::string_view name, Versioning versioning);

  // Named opaque sub-configurations. get: kNoSuchBucket, kNoSuchConfiguration. remove of an absent
  // one is fine.
  Result<std::string> get_configuration(std::string_view bucket, std::string_view name) const;
  Result<void> put_configuration(std::string_view bucket, std::string_view name,
                                 std::string_view value);
  Result<void> remove_configuration(std::string_view bucket, std::string_view name);

  // ---- Objects (objects.cc, versions.cc) ----

  // Where the bytes of a PutObject or UploadPart go. Locks nothing.
  DataWriter begin_write();

  // Names the bytes. When it refuses, the bytes are gone. kNoSuchBucket; with conditions:
  // kPreconditionFailed, or kNoSuchKey for an If-Match where there is no object.
  Result<PutDone> put(const Put& put, Data data);

  // The latest version, or the one of that id. kNoSuchBucket; kNoSuchKey (with version_id and
  // modified_ms set when a delete marker is the latest); kNoSuchVersion; kMethodNotAllowed (with
  // both set) when the id is a delete marker's.
  Result<ObjectVersion> head(std::string_view bucket, std::string_view key,
                             std::optional<std::string_view> version_id = {}) const;
  Result<Opened> open(std::string_view bucket, std::string_view key,
                      std::optional<std::string_view> version_id = {}) const;

  // A second holding of these bytes, or of [offset, offset + length) of them, for put or put_part:
  // how CopyObject and UploadPartCopy copy. Blobs are linked, not copied. REQUIRES: the range is
  // inside.
  Data duplicate(const Content& content) const;
  Data duplicate(const Content& content, std::uint64_t offset, std::uint64_t length_bytes) const;

  // Deletes. Without a version id in a versioned bucket: makes a delete marker; a key or version
  // that is not there is success with existed = false, whatever the conditions (and with conditions
  // leaves no delete marker either). kNoSuchBucket, kAccessDenied; with conditions:
  // kPreconditionFailed.
  Result<Removed> remove(const Remove& request);

  // The same for many of one bucket (all `bucket` members equal) in as few commits as can be.
  // Answers by position, each as if they had been done one after the other. kNoSuchBucket.
  Result<std::vector<Result<Removed>>> remove_many(std::span<const Remove> requests);

  // Changes the attributes of one version (tags, retention, …) and nothing else of it; size, time
  // and version id stay. `edit` runs under the key's lock and may throw to refuse. Outcomes of
  // head().
  Result<ObjectVersion> update(std::string_view bucket, std::string_view key,
                               std::optional<std::string_view> version_id,
                               const std::function<void(Attributes&)>& edit,
                               const journal::Cause& cause = {});

  // ---- Subscriptions (subscriptions.cc). kNoSuchBucket. REQUIRES: there is a journal. ----

  // Has changes of the bucket's objects recorded in the journal for a reader: every change that
  // commits after this, and none before. A live subscription of that name is changed. The bucket's
  // source in the journal is find_bucket()->source.
  Result<void> subscribe(std::string_view bucket, journal::Subscription subscription);
  // Ends the subscription of that name, if there is a live one; its events stay readable.
  Result<void> unsubscribe(std::string_view bucket, std::string_view name);

  // ---- Lists (listing.cc). In byte order; the cost follows what is shown, not what is skipped.

  // The latest versions that are objects. kNoSuchBucket.
  Result<ObjectPage> list_objects(const ObjectQuery& query) const;

  // All versions and delete markers. kNoSuchBucket.
  Result<VersionPage> list_versions(const VersionQuery& query) const;

  // ---- Multipart uploads (multipart.cc). All: kNoSuchBucket, kNoSuchUpload. ----

  Result<Upload> create_upload(const CreateUpload& request);
  Result<Upload> find_upload(std::string_view bucket, std::string_view key,
                             std::string_view upload_id) const;

  // Stores or replaces a part; size and time are taken from the bytes and the clock. When it
  // refuses, the bytes are gone. REQUIRES: 1 <= number <= kMaxPartNumber.
  Result<Part> put_part(std::string_view bucket, std::string_view key, std::string_view upload_id,
                        Part part, Data data);

  // Parts with a number greater than `after`. `max` 0 gives an empty page.
  Result<PartPage> list_parts(std::string_view bucket, std::string_view key,
                              std::string_view upload_id, int after, std::size_t max) const;

  Result<UploadPage> list_uploads(const UploadQuery& query) const;

  // Makes the object out of the named parts, in one commit and without copying a byte; parts that
  // are not named are removed. kInvalidPartOrder, kInvalidPart, kEntityTooSmall; conditions as
  // put(), and kConditionalRequestConflict when the object they are about came or went since the
  // upload was created. The same again after success gives the same result, as long as that version
  // is there.
  Result<CompleteDone> complete_upload(const CompleteUpload& request);

  Result<void> abort_upload(std::string_view bucket, std::string_view key,
                            std::string_view upload_id);

  // ---- For the world ----

  // See named_blobs.h.
  void named_blobs(const std::function<void(blob::BlobId)>& visit) const;

  // Reads every version and every part of an upload against its record (verify.h), and looks for
  // blobs that no record names. Takes as long as reading everything does, in bounded memory (eight
  // bytes for each blob), and may run beside everything else.
  Verified verify(const VerifyRequest& request) const;

 private:
  class Verification;
  struct Core;
  std::unique_ptr<Core> core_;
};

}  // namespace bodega::object
