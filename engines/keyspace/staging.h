// Staging: a closed tick with long strings, on its way into the store in many small commits. The
// pieces of the strings come first, under object ids that no record names; the tick's own batch,
// which names them, comes last and makes all of it count. Not for users of the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/structures/entry.h"
#include "engines/kv/store.h"

namespace bodega::keyspace {

// A tick in which more than this of strings changed has them written ahead of its batch.
inline constexpr std::size_t kStagedBytes = kMaxBatchBytes / 2;
// What one call of stage_some() writes, about: a few milliseconds, so that others hardly notice.
inline constexpr std::size_t kStageSliceBytes = 4 * 1024 * 1024;

struct Staging {
  kv::Batch batch;  // everything but the pieces
  ChangeLog::SetApart log;
  std::vector<Entry*> strings;  // those with pieces to write; none moves or goes meanwhile
  PiecesWalk walk;              // of the last of them
  kv::Batch slice;              // kept for its room
  std::set<std::string, std::less<>> keys;
  bool all_keys = false;  // which keys it changed is not known, or they are many
};

}  // namespace bodega::keyspace
