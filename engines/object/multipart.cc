// Multipart uploads. An upload is one record, each of its parts another; a part's bytes are always
// in blobs, so that completing an upload only lists blobs in the object's record. Everything about
// an upload happens under the stripe of its key, as the completed upload becomes a version of that
// key.
#include <algorithm>
#include <map>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/mutex.h"
#include "engines/object/inside.h"

namespace bodega::object {

using kv::Family;

namespace {

// How many older versions of a key are searched for an upload that was completed before.
constexpr int kMaxVersionsSearchedForRepeat = 100;

}  // namespace

Upload to_upload(std::string key, format::UploadRecord&& record) {
  Upload upload;
  upload.key = std::move(key);
  upload.upload_id = format::to_text(record.id);
  upload.initiated_ms = record.initiated_ms;
  upload.initiator = std::move(record.initiator);
  upload.attributes = std::move(record.attributes);
  return upload;
}

// The upload of that id. REQUIRES: the key's stripe is held, shared at least.
Result<format::UploadRecord> Engine::Core::find_upload(std::string_view bucket,
                                                       std::string_view key,
                                                       std::string_view upload_id) const {
  if (find_bucket(bucket) == nullptr) return Refusal{Outcome::kNoSuchBucket};
  const auto id = format::parse_id(upload_id);
  if (!id) return Refusal{Outcome::kNoSuchUpload};
  const auto value = store.get(Family::kS3Uploads, format::upload_key(bucket, key, id->order));
  if (!value) return Refusal{Outcome::kNoSuchUpload};
  format::UploadRecord record = format::decode_upload(id->order, *value);
  if (record.id != *id) return Refusal{Outcome::kNoSuchUpload};
  return record;
}

// Walks the parts with numbers greater than `after`, until `visit` says false. REQUIRES: as above.
void Engine::Core::each_part(std::string_view bucket, std::string_view key, std::uint64_t order,
                             int after,
                             const std::function<bool(format::PartRecord&&)>& visit) const {
  if (after >= kMaxPartNumber) return;
  const std::string prefix = format::part_prefix(bucket, key, order);
  const auto cursor = store.cursor(Family::kS3Uploads, prefix, base::prefix_end(prefix));
  cursor->seek(format::part_key(bucket, key, order, std::max(after, 0) + 1));
  for (; cursor->valid(); cursor->next()) {
    if (!visit(format::decode_part(format::part_number(cursor->key()), cursor->value()))) return;
  }
}

// Takes the upload and its parts away. The blobs are the caller's to drop or to keep.
void Engine::Core::forget_upload(Change& change, std::string_view bucket, std::string_view key,
                                 std::uint64_t order, const std::vector<int>& part_numbers) const {
  change.batch.remove(Family::kS3Uploads, format::upload_key(bucket, key, order));
  for (const int number : part_numbers) {
    change.batch.remove(Family::kS3Uploads, format::part_key(bucket, key, order, number));
  }
}

Result<Upload> Engine::create_upload(const CreateUpload& request) {
  const base::Lock lock(core_->stripe(request.bucket, request.key));
  if (core_->find_bucket(request.bucket) == nullptr) return Refusal{Outcome::kNoSuchBucket};
  format::UploadRecord record;
  record.initiated_ms = core_->clock.now_ms();
  record.initiator = request.initiator;
  record.attributes = request.attributes;
  if (const auto latest = core_->latest_object(request.bucket, request.key)) {
    record.observed_order = latest->record.id.order;
  }
  auto order = static_cast<std::uint64_t>(core_->clock.now_us());
  while (core_->store.get(Family::kS3Uploads,
                          format::upload_key(request.bucket, request.key, order))) {
    ++order;  // two within one microsecond, or the clock stands still
  }
  record.id = format::new_id(order);
  Change change;
  change.batch.put(Family::kS3Uploads, format::upload_key(request.bucket, request.key, order),
                   format::encode(record));
  core_->commit(change);
  return to_upload(request.key, std::move(record));
}

Result<Upload> Engine::find_upload(std::string_view bucket, std::string_view key,
                                   std::string_view upload_id) const {
  const base::SharedLock lock(core_->stripe(bucket, key));
  auto record = core_->find_upload(bucket, key, upload_id);
  if (!record) return record.error();
  return to_upload(std::string(key), *std::move(record));
}

Result<Part> Engine::put_part(std::string_view bucket, std::string_view key,
                              std::string_view upload_id, Part part, Data data) {
  BODEGA_CHECK(part.number >= 1 && part.number <= kMaxPartNumber);
  part.size_bytes = data.size_bytes();
  if (!data.bytes().small.empty()) {
    const std::unique_ptr<blob::Writer> writer = core_->pins.blobs().create();
    writer->write(data.bytes().small);
    const blob::Written written = writer->finish();
    data.bytes_ = Bytes{{}, {{written.id, 0, written.size_bytes}}};
  }
  Change change;
  DroppedBlobs dropped(core_->pins);
  {
    const base::Lock lock(core_->stripe(bucket, key));
    const auto upload = core_->find_upload(bucket, key, upload_id);
    if (!upload) return upload.error();
    part.modified_ms = core_->clock.now_ms();
    std::string at = format::part_key(bucket, key, upload->id.order, part.number);
    if (const auto replaced = core_->store.get(Family::kS3Uploads, at)) {
      change.drop(format::decode_part(part.number, *replaced).slices);
    }
    change.batch.put(Family::kS3Uploads, std::move(at),
                     format::encode(format::PartRecord{part, data.bytes().slices}));
    core_->commit(change, dropped, &data);
  }
  return part;
}

Result<PartPage> Engine::list_parts(std::string_view bucket, std::string_view key,
                                    std::string_view upload_id, int after, std::size_t max) const {
  const base::SharedLock lock(core_->stripe(bucket, key));
  auto upload = core_->find_upload(bucket, key, upload_id);
  if (!upload) return upload.error();
  PartPage page;
  page.next_part_number_marker = after;
  const std::uint64_t order = upload->id.order;
  page.upload = to_upload(std::string(key), *std::move(upload));
  if (max == 0) return page;
  core_->each_part(bucket, key, order, after, [&](format::PartRecord&& record) {
    if (page.parts.size() == max) {
      page.truncated = true;
      return false;
    }
    page.next_part_number_marker = record.part.number;
    page.parts.push_back(std::move(record.part));
    return true;
  });
  return page;
}

namespace {

struct Chosen {
  std::vector<Part> parts;
  std::vector<Slice> slices;
};

// The stored parts that the client named, in order and found right. What it did not name stays in
// `stored`.
Result<Chosen> choose_parts(const CompleteUpload& request,
                            std::map<int, format::PartRecord>& stored) {
  for (std::size_t i = 1; i < request.parts.size(); ++i) {
    if (request.parts[i].number <= request.parts[i - 1].number) {
      return Refusal{Outcome::kInvalidPartOrder};
    }
  }
  Chosen chosen;
  for (const NamedPart& named : request.parts) {
    const auto at = stored.find(named.number);
    if (at == stored.end() || at->second.part.etag != named.etag ||
        (named.checksum && *named.checksum != at->second.part.checksum)) {
      Refusal refusal{Outcome::kInvalidPart};
      refusal.part_number = named.number;
      refusal.part_etag = named.etag;
      return refusal;
    }
  }
  for (const NamedPart& named : request.parts) {
    auto node = stored.extract(named.number);
    format::PartRecord& record = node.mapped();
    if (record.part.size_bytes < request.min_part_bytes && &named != &request.parts.back()) {
      Refusal refusal{Outcome::kEntityTooSmall};
      refusal.part_number = named.number;
      refusal.part_etag = record.part.etag;
      refusal.part_size_bytes = record.part.size_bytes;
      return refusal;
    }
    record.part.modified_ms = 0;
    chosen.slices.insert(chosen.slices.end(), record.slices.begin(), record.slices.end());
    chosen.parts.push_back(std::move(record.part));
  }
  return chosen;
}

// The upload's conditions look further than a put's: the object that they are about must be the one
// that was there when the upload began.
std::optional<Refusal> check_conflict(const Conditions& conditions, std::uint64_t observed_order,
                                      const std::optional<Stored>& latest) {
  if (conditions.if_none_match_any && !latest && observed_order != 0) {
    return Refusal{Outcome::kConditionalRequestConflict, Condition::kIfNoneMatch};
  }
  if (conditions.if_match && latest && latest->record.id.order != observed_order) {
    return Refusal{Outcome::kConditionalRequestConflict, Condition::kIfMatch};
  }
  return std::nullopt;
}

CompleteDone to_done(const format::VersionRecord& record, Versioning versioning) {
  CompleteDone done;
  done.put = {record.version_id(), versioning, record.modified_ms};
  done.etag = record.attributes.etag;
  done.checksum = record.attributes.checksum;
  return done;
}

}  // namespace

// The result of the upload's completion, when it was completed before and its version is still
// there.
std::optional<CompleteDone> Engine::Core::find_completed(const Bucket& bucket, std::string_view key,
                                                         std::string_view upload_id) const {
  std::optional<Stored> version = latest_object(bucket.name, key);
  if (!version && bucket.versioning != Versioning::kUnversioned) {
    version = newest_older(bucket.name, key);
  }
  for (int left = kMaxVersionsSearchedForRepeat; version && left > 0; --left) {
    if (version->record.upload_id == upload_id) {
      CompleteDone done = to_done(version->record, bucket.versioning);
      done.repeated = true;
      return done;
    }
    if (bucket.versioning == Versioning::kUnversioned) break;
    version = newest_older(bucket.name, key, version->record.id.order);
  }
  return std::nullopt;
}

Result<CompleteDone> Engine::complete_upload(const CompleteUpload& request) {
  Change change;
  CompleteDone done;
  DroppedBlobs dropped(core_->pins);
  {
    const base::Lock lock(core_->stripe(request.bucket, request.key));
    auto upload = core_->find_upload(request.bucket, request.key, request.upload_id);
    const auto bucket = core_->find_bucket(request.bucket);
    if (!upload) {
      if (bucket != nullptr) {
        if (auto before = core_->find_completed(*bucket, request.key, request.upload_id)) {
          return *std::move(before);
        }
      }
      return upload.error();
    }
    std::map<int, format::PartRecord> stored;
    std::vector<int> numbers;
    core_->each_part(request.bucket, request.key, upload->id.order, 0,
                     [&](format::PartRecord&& record) {
                       const int number = record.part.number;
                       numbers.push_back(number);
                       stored.emplace_hint(stored.end(), number, std::move(record));
                       return true;
                     });
    Result<Chosen> chosen = choose_parts(request, stored);
    if (!chosen) return chosen.error();
    const auto latest = core_->latest_object(request.bucket, request.key);
    if (auto refusal = Core::check(request.conditions, latest)) return *std::move(refusal);
    if (auto refusal = check_conflict(request.conditions, upload->observed_order, latest)) {
      return *std::move(refusal);
    }
    format::VersionRecord record;
    record.attributes = std::move(upload->attributes);
    if (request.seal) request.seal(chosen->parts, record.attributes);
    record.upload_id = request.upload_id;
    record.bytes.slices = std::move(chosen->slices);
    record.parts = std::move(chosen->parts);
    record.size_bytes = record.bytes.size_bytes();
    // The documentation dates a multipart object by its initiation.
    record.modified_ms = upload->initiated_ms;
    core_->add_version(change, *bucket, request.key, latest, record);
    core_->record(change, *bucket, ObjectChange::kCompleted, request.key, record, request.cause);
    core_->forget_upload(change, request.bucket, request.key, upload->id.order, numbers);
    for (const auto& [number, unnamed] : stored) change.drop(unnamed.slices);
    core_->commit(change, dropped);
    done = to_done(record, bucket->versioning);
  }
  return done;
}

Result<void> Engine::abort_upload(std::string_view bucket, std::string_view key,
                                  std::string_view upload_id) {
  Change change;
  DroppedBlobs dropped(core_->pins);
  {
    const base::Lock lock(core_->stripe(bucket, key));
    const auto upload = core_->find_upload(bucket, key, upload_id);
    if (!upload) return upload.error();
    std::vector<int> numbers;
    core_->each_part(bucket, key, upload->id.order, 0, [&](format::PartRecord&& record) {
      numbers.push_back(record.part.number);
      change.drop(record.slices);
      return true;
    });
    core_->forget_upload(change, bucket, key, upload->id.order, numbers);
    change.batch.mark_frees_room();
    core_->commit(change, dropped);
  }
  return {};
}

}  // namespace bodega::object
