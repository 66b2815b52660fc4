// The identity of a world: a random number that both of its databases hold, so that a start notices
// when one of them is missing or belongs to another world.
#pragma once

#include <filesystem>

#include "engines/kv/aside.h"
#include "engines/kv/store.h"

namespace bodega::world {

// Compares the identities, and gives the databases one when neither has any. Throws StorageFault,
// in one line for a person, when one database is missing or a stranger; with Damage::kSetAside the
// world goes on with what is there, and `aside` says so.
void check_identity(kv::Store& shared_store, kv::Store& keyspace_store,
                    const std::filesystem::path& folder, kv::Damage damage, kv::Aside& aside);

}  // namespace bodega::world
