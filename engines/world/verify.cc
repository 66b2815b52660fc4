#include "engines/world/verify.h"

#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/clock.h"
#include "engines/base/fault.h"
#include "engines/identity/format.h"
#include "engines/journal/format.h"
#include "engines/keyspace/storage/verify.h"
#include "engines/kv/section.h"
#include "engines/object/named_blobs.h"
#include "engines/table/verify.h"
#include "engines/vault/verify.h"
#include "engines/world/folder_lock.h"
#include "engines/world/sections.h"

namespace bodega::world {
namespace {

// A cursor keeps old files of the store alive, so a walk takes a new one after so many bytes.
constexpr std::size_t kWalkBytes = 32 * 1024 * 1024;

// How much of a key stands in the line about it.
constexpr std::size_t kShownKeyBytes = 48;

// "store/items": the folder of the database and the family's name in it.
std::string name_of(kv::Family family) {
  for (const kv::FamilyRow& row : kv::kFamilies) {
    if (row.family != family) continue;
    const bool shared = row.database == kv::Database::kShared;
    return (shared ? "store/" : "keyspace/") + std::string(row.name);
  }
  return "";
}

class Walker {
 public:
  Walker(const VerifyRequest& request, VerifyReport& report) : request_(request), report_(report) {}

  // Every record of every family of one database.
  void walk(const kv::Store& store, kv::Database database) {
    for (const kv::FamilyRow& row : kv::kFamilies) {
      if (row.database == database) walk(store, row.family);
    }
  }

 private:
  void walk(const kv::Store& store, kv::Family family) {
    try {
      std::string from;
      while (walk_some(store, family, from)) {
      }
    } catch (const base::StorageFault& fault) {
      damaged("the records of " + name_of(family) +
              " cannot be read to their end: " + fault.what());
    }
  }

  // Tells whether there is more, from the key that `from` is then.
  bool walk_some(const kv::Store& store, kv::Family family, std::string& from) {
    std::size_t size_bytes = 0;
    const auto cursor = store.cursor(family, from);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      if (!request_.go_on()) return false;
      if (size_bytes > kWalkBytes) {
        from = cursor->key();
        return true;
      }
      size_bytes += cursor->key().size() + cursor->value().size();
      check(family, cursor->key(), cursor->value());
    }
    return false;
  }

  void check(kv::Family family, std::string_view key, std::string_view value) {
    ++report_.records;
    try {
      switch (family) {
        case kv::Family::kMeta:
        case kv::Family::kS3Buckets:  // read when the engine opened
        case kv::Family::kS3Objects:  // these two by the engine, with their bytes
        case kv::Family::kS3Uploads:
        case kv::Family::kCount: return;
        case kv::Family::kItems: ++report_.items; return table::check_record(family, key, value);
        case kv::Family::kTables:
        case kv::Family::kIndexes: return table::check_record(family, key, value);
        case kv::Family::kJournal: return journal::format::check_record(key, value);
        case kv::Family::kVault: return vault::check_record(key, value);
        case kv::Family::kIdentity: return identity::check_record(key, value);
        case kv::Family::kKeys:
          if (keyspace::is_key_record(key)) ++report_.keys;
          return keyspace::check_record(family, key, value);
        case kv::Family::kElements: return keyspace::check_record(family, key, value);
      }
    } catch (const base::StorageFault& fault) {
      damaged("the record of " + name_of(family) + " at " +
              base::to_hex(key.substr(0, kShownKeyBytes)) + ": " + fault.what());
    }
  }

  void damaged(std::string what) {
    object::Damage damage;
    damage.what = std::move(what);
    request_.damaged(std::move(damage));
  }

  const VerifyRequest& request_;
  VerifyReport& report_;
};

// The worlds of a folder that is not open.
class Folder {
 public:
  Folder(kv::Store& shared, kv::Store& redis, blob::Store& blobs)
      : shared_(shared), redis_(redis), blobs_(blobs), worlds_(shared, SectionKind::kWorld) {}

  VerifyReport verify(const VerifyRequest& request) {
    VerifyRequest of_main = request;
    of_main.named_elsewhere = [this](const auto& visit) {
      for (const Sections::Named& world : worlds_.list()) {
        const auto section = shared_section(worlds_.prefix(world.number));
        object::named_blobs(*section, visit);
      }
    };
    VerifyReport report = verify_at("", of_main);
    for (const Sections::Named& world : worlds_.list()) {
      VerifyReport beside = verify_at(worlds_.prefix(world.number), request);
      beside.objects.unnamed_blobs = 0;  // those are of other worlds
      report.add(beside);
    }
    return report;
  }

 private:
  std::unique_ptr<kv::Store> shared_section(const std::string& prefix) {
    return kv::make_section(shared_, kv::Database::kShared, prefix, kBeforeSections);
  }

  // The world whose keys begin with `prefix`.
  VerifyReport verify_at(const std::string& prefix, const VerifyRequest& request) {
    const auto all = kv::make_section(shared_, kv::Database::kShared, prefix);
    const auto section = shared_section(prefix);
    const object::Engine objects(*section, blobs_, clock_);
    const Sections names(*all, SectionKind::kKeyspace);
    std::vector<std::unique_ptr<kv::Store>> keyspaces;
    keyspaces.push_back(kv::make_section(redis_, kv::Database::kKeyspace, prefix, kBeforeSections));
    for (const Sections::Named& named : names.list()) {
      keyspaces.push_back(
          kv::make_section(redis_, kv::Database::kKeyspace, prefix + names.prefix(named.number)));
    }
    std::vector<const kv::Store*> views;
    for (const auto& keyspace : keyspaces) views.push_back(keyspace.get());
    return verify_world(objects, *section, views, request);
  }

  kv::Store& shared_;
  kv::Store& redis_;
  blob::Store& blobs_;
  const Sections worlds_;
  const base::SystemClock clock_;
};

}  // namespace

VerifyReport verify_world(const object::Engine& objects, const kv::Store& shared,
                          const std::vector<const kv::Store*>& keyspaces,
                          const VerifyRequest& request) {
  VerifyReport report;
  VerifyRequest counted = request;
  counted.damaged = [&](object::Damage&& damage) {
    ++report.damages;
    request.damaged(std::move(damage));
  };
  report.objects = objects.verify(counted);
  Walker walker(counted, report);
  walker.walk(shared, kv::Database::kShared);
  for (const kv::Store* keyspace : keyspaces) walker.walk(*keyspace, kv::Database::kKeyspace);
  report.finished = request.go_on();
  return report;
}

VerifyReport verify_folder(const std::filesystem::path& folder, const VerifyRequest& request) {
  if (!std::filesystem::exists(folder / "store") || !std::filesystem::exists(folder / "keyspace")) {
    throw base::StorageFault(folder.string() + " is no data folder of Bodega");
  }
  const FolderLock lock(folder);
  kv::OpenOptions options;
  options.directory = folder / "store";
  options.database = kv::Database::kShared;
  const auto shared = kv::open_rocks_store(options);
  options.directory = folder / "keyspace";
  options.database = kv::Database::kKeyspace;
  const auto keyspace = kv::open_rocks_store(options);
  blob::OpenOptions blob_options;
  blob_options.directory = folder / "blobs";
  blob_options.access = blob::Access::kReadOnly;
  const auto blobs = blob::open_file_store(blob_options);
  return Folder(*shared, *keyspace, *blobs).verify(request);
}

void VerifyReport::add(const VerifyReport& other) {
  objects.objects += other.objects.objects;
  objects.parts += other.objects.parts;
  objects.size_bytes += other.objects.size_bytes;
  objects.unnamed_blobs += other.objects.unnamed_blobs;
  items += other.items;
  keys += other.keys;
  records += other.records;
  damages += other.damages;
  finished = finished && other.finished;
}

std::string line_of(const object::Damage& damage) {
  if (damage.bucket.empty()) return damage.what;
  std::string line = damage.bucket + "/" + damage.key;
  if (!damage.version_id.empty()) line += ", version " + damage.version_id;
  if (damage.part_number != 0) {
    line += ", part " + std::to_string(damage.part_number) + " of an upload";
  }
  return line + ": " + damage.what;
}

}  // namespace bodega::world
