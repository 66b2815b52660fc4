// Reading all that a world stores against what its records say: every object and every part of an
// upload against sizes and sums (engines/object/verify.h), every record of both databases, whose
// blocks carry checksums of their own. For an open world that goes on serving (World::verify), and
// for a folder that no process has open (verify_folder).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engines/kv/store.h"
#include "engines/object/engine.h"
#include "engines/object/verify.h"

namespace bodega::world {

struct VerifyReport {
  object::Verified objects;
  std::uint64_t items = 0;    // of tables
  std::uint64_t keys = 0;     // of Redis databases
  std::uint64_t records = 0;  // of all kinds, in both databases
  std::uint64_t damages = 0;
  bool finished = false;  // false: go_on() said no before the end

  // What was found in another world.
  void add(const VerifyReport& other);
};

// A damage that is about no object has only its `what`.
using VerifyRequest = object::VerifyRequest;

// Reads a folder that is not open, all worlds in it, and neither removes nor adds anything in its
// blobs. (The databases finish what a kill left in their logs, as at each start.) Throws
// StorageFault, in one line for a person, when the folder is none, is in use, or cannot be opened.
VerifyReport verify_folder(const std::filesystem::path& folder, const VerifyRequest& request);

// One world, open or not, by its parts: the objects, what else it has in the shared database, and
// its keyspaces.
VerifyReport verify_world(const object::Engine& objects, const kv::Store& shared,
                          const std::vector<const kv::Store*>& keyspaces,
                          const VerifyRequest& request);

// "bucket/key, version null: its bytes do not have its MD5"
std::string line_of(const object::Damage& damage);

}  // namespace bodega::world
