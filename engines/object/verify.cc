// Engine::verify: a walk over all records that opens each version as a GET does, pinned under its
// key's lock, and reads it outside of it. So it runs beside everything else; what comes and goes
// meanwhile may or may not be looked at.
#include "engines/object/verify.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/mutex.h"
#include "engines/object/inside.h"

namespace bodega::object {
namespace {

using kv::Family;

// Records are noted up to so much before their objects are read: a cursor keeps old files of the
// store alive, and the reading may take hours.
constexpr std::size_t kPageBytes = 1024 * 1024;

enum class Space : std::uint8_t { kLatest, kOlder, kUpload, kPart };

// What a record's key says, in any of the spaces.
struct Place {
  std::string at;  // the whole key
  std::string bucket;
  std::string key;
  std::uint64_t order = 0;  // of older versions and of uploads
};

Place place_of(std::string_view at, Space space) {
  Place place;
  place.at = at;
  const std::string_view rest = at.substr(std::min<std::size_t>(1, at.size()));
  const std::size_t zero = rest.find('\0');
  if (zero == std::string_view::npos) throw base::StorageFault("a key cannot be understood");
  place.bucket = rest.substr(0, zero);
  const std::string_view behind = rest.substr(zero + 1);
  if (space == Space::kLatest) {
    place.key = behind;
    return place;
  }
  // A part's key is its upload's and a number.
  const std::size_t number = space == Space::kPart ? 2 : 0;
  format::OlderKey split =
      space == Space::kOlder
          ? format::split_older_key(behind)
          : format::split_upload_key(behind.substr(0, std::max(behind.size(), number) - number));
  place.key = std::move(split.key);
  place.order = split.order;
  return place;
}

}  // namespace

// One run of verify().
class Engine::Verification {
 public:
  Verification(const Engine& engine, const VerifyRequest& request)
      : engine_(engine), core_(*engine.core_), request_(request) {}

  Verified run() {
    std::vector<blob::BlobId> unnamed = unnamed_blobs();
    walk(Family::kS3Objects, format::latest_space("").substr(0, 1),
         [this](const std::string& at, const std::string& value) {
           version(at, value, Space::kLatest);
         });
    walk(Family::kS3Objects, format::older_space("").substr(0, 1),
         [this](const std::string& at, const std::string& value) {
           version(at, value, Space::kOlder);
         });
    walk(Family::kS3Uploads, format::upload_space("").substr(0, 1),
         [this](const std::string& at, const std::string& value) { upload(at, value); });
    walk(Family::kS3Uploads, format::part_space("").substr(0, 1),
         [this](const std::string& at, const std::string&) { part(at); });
    // What was on its way out at the beginning is gone by now, or known to go.
    const bool clearing = core_.cleared.is_busy();
    std::erase_if(unnamed, [this, clearing](blob::BlobId id) {
      return clearing || core_.pins.is_going(id) || !core_.pins.blobs().exists(id);
    });
    verified_.unnamed_blobs = unnamed.size();
    return verified_;
  }

 private:
  bool go_on() const { return request_.go_on(); }

  void damaged(const Place& place, std::string version_id, int part_number, std::string what) {
    request_.damaged(
        {place.bucket, place.key, std::move(version_id), part_number, std::move(what)});
  }

  // Blobs of earlier runs that no record names. A blob of this run may be about to be named.
  std::vector<blob::BlobId> unnamed_blobs() {
    std::vector<blob::BlobId> blobs;
    const blob::Store& store = core_.pins.blobs();
    store.for_each([&](blob::BlobId id) {
      if (store.is_of_earlier_run(id)) blobs.push_back(id);
    });
    if (blobs.empty()) return blobs;
    std::vector<blob::BlobId> named;
    try {
      const auto note = [&named](blob::BlobId id) { named.push_back(id); };
      engine_.named_blobs(note);
      if (request_.named_elsewhere) request_.named_elsewhere(note);
    } catch (const base::StorageFault&) {
      return {};  // unknown; the walk says what is wrong with the records
    }
    std::sort(named.begin(), named.end());
    std::erase_if(blobs, [&named](blob::BlobId id) {
      return std::binary_search(named.begin(), named.end(), id);
    });
    return blobs;
  }

  // Calls visit(key, value) for every entry with this start, a page at a time.
  template <class Visit>
  void walk(Family family, const std::string& start, Visit visit) {
    const std::string end = base::prefix_end(start);
    std::string from = start;
    std::vector<std::pair<std::string, std::string>> page;
    bool more = true;
    while (more) {
      page.clear();
      try {
        std::size_t size_bytes = 0;
        const auto cursor = core_.store.cursor(family, from, end);
        for (cursor->seek_first(); cursor->valid() && size_bytes < kPageBytes; cursor->next()) {
          page.emplace_back(cursor->key(), cursor->value());
          size_bytes += cursor->key().size() + cursor->value().size();
        }
        more = cursor->valid();
      } catch (const base::StorageFault& fault) {
        request_.damaged({"", "", "", 0, std::string("records cannot be read: ") + fault.what()});
        return;
      }
      for (const auto& [key, value] : page) {
        if (!go_on()) return;
        visit(key, value);
      }
      if (!page.empty()) from = page.back().first + '\0';
    }
  }

  void version(const std::string& at, const std::string& value, Space space) {
    Place place;
    std::string version_id;
    try {
      place.at = at;
      place = place_of(at, space);
      const auto record = format::decode_version(value, format::Depth::kAllButBytes);
      if (record.is_delete_marker) return;
      version_id = record.version_id();
    } catch (const base::StorageFault& fault) {
      damaged(place, version_id, 0,
              std::string("its record cannot be understood: ") + fault.what());
      return;
    }
    if (core_.find_bucket(place.bucket) == nullptr) {
      if (core_.store.get(Family::kS3Objects, at))
        damaged(place, version_id, 0, "it has no bucket");
      return;
    }
    try {
      const Result<Opened> opened = engine_.open(place.bucket, place.key, version_id);
      if (!opened) return;  // deleted meanwhile
      ++verified_.objects;
      read(place, version_id, 0, opened->version, opened->content);
    } catch (const base::StorageFault& fault) {
      damaged(place, version_id, 0, fault.what());
    }
  }

  void read(const Place& place, const std::string& version_id, int part_number,
            const ObjectVersion& version, const Content& content) {
    if (auto wrong = find_damage(version, content, request_.go_on)) {
      damaged(place, version_id, part_number, *std::move(wrong));
    }
    verified_.size_bytes += version.size_bytes;
  }

  void upload(const std::string& at, const std::string& value) {
    Place place;
    try {
      place = place_of(at, Space::kUpload);
      format::decode_upload(place.order, value);
    } catch (const base::StorageFault& fault) {
      damaged(place, "", 0, std::string("an upload cannot be understood: ") + fault.what());
    }
  }

  void part(const std::string& at) {
    Place place;
    int number = 0;
    try {
      number = format::part_number(at);
      place = place_of(at, Space::kPart);
      ObjectVersion as_version;
      Content content;
      {
        const base::SharedLock lock(core_.stripe(place.bucket, place.key));
        const auto value = core_.store.get(Family::kS3Uploads, at);
        if (!value) return;  // completed or aborted meanwhile
        format::PartRecord record = format::decode_part(number, *value);
        const auto upload = core_.store.get(
            Family::kS3Uploads, format::upload_key(place.bucket, place.key, place.order));
        if (!upload) throw base::StorageFault("its upload is missing");
        as_version.attributes = format::decode_upload(place.order, *upload).attributes;
        as_version.attributes.checksum.type = ChecksumType::kFullObject;  // of the part's own bytes
        as_version.attributes.checksum.value = std::move(record.part.checksum);
        as_version.attributes.etag = std::move(record.part.etag);
        as_version.size_bytes = record.part.size_bytes;
        content = Content(core_.pins, Bytes{{}, std::move(record.slices)});
      }
      ++verified_.parts;
      read(place, "", number, as_version, content);
    } catch (const base::StorageFault& fault) {
      damaged(place, "", number, fault.what());
    }
  }

  const Engine& engine_;
  Core& core_;
  const VerifyRequest& request_;
  Verified verified_;
};

Verified Engine::verify(const VerifyRequest& request) const {
  return Verification(*this, request).run();
}

}  // namespace bodega::object
