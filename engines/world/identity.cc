#include "engines/world/identity.h"

#include <optional>
#include <string>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/random.h"
#include "engines/keyspace/storage/format.h"

namespace bodega::world {
namespace {

using kv::Family;

constexpr std::string_view kSharedKey = "world_id";

void write(kv::Store& store, Family family, std::string_view key, const std::string& id) {
  kv::Batch batch;
  batch.put(family, key, id);
  store.commit(batch);
}

bool has_data(const kv::Store& store) {
  const auto cursor = store.cursor(Family::kKeys);
  cursor->seek_first();
  if (cursor->valid() && cursor->key() == keyspace::format::identity_key()) cursor->next();
  return cursor->valid();
}

}  // namespace

void check_identity(kv::Store& shared_store, kv::Store& keyspace_store,
                    const std::filesystem::path& folder, kv::Damage damage, kv::Aside& aside) {
  const std::optional<std::string> in_shared = shared_store.get(Family::kMeta, kSharedKey);
  const std::optional<std::string> in_keyspace =
      keyspace_store.get(Family::kKeys, keyspace::format::identity_key());
  if (in_shared && in_shared == in_keyspace) return;

  std::string problem;
  if (in_shared && !in_keyspace) {
    problem = "the Redis data of this world is missing from " + (folder / "keyspace").string();
  } else if (in_keyspace && !in_shared && has_data(keyspace_store)) {
    problem =
        "the objects and tables of this world are missing from " + (folder / "store").string();
  } else if (in_shared && in_keyspace) {
    problem = (folder / "keyspace").string() + " belongs to another world than " +
              (folder / "store").string();
  }
  if (!problem.empty()) {
    if (damage == kv::Damage::kRefuse) {
      throw base::StorageFault("the data folder is damaged: " + problem +
                               ". Restore a copy of the folder, or start once with --repair, which "
                               "goes on with what is there");
    }
    aside.note(problem + "; going on with what is there");
  }
  std::string id;
  if (in_shared) {
    id = *in_shared;
  } else {
    base::put_u64(id, base::random_u64());
    base::put_u64(id, base::random_u64());
  }
  // In this order: a kill in between leaves an empty keyspace with an identity, which is fine.
  write(keyspace_store, Family::kKeys, keyspace::format::identity_key(), id);
  if (!in_shared) write(shared_store, Family::kMeta, kSharedKey, id);
}

}  // namespace bodega::world
