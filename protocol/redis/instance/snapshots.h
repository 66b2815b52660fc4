// Snapshots of an instance's keyspace: the RDB file that SAVE and BGSAVE write, the one that
// --redis-import reads, and the round trip of DEBUG RELOAD.
//
// The keyspace's own store is what survives the process. A snapshot is a copy for others, written
// between two commands, in one go: nothing runs meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engines/base/function_ref.h"
#include "protocol/redis/rdb/snapshot.h"

namespace bodega::redis {

class Instance;

// What INFO tells of snapshots.
struct SnapshotRecord {
  std::int64_t last_save_s = 0;     // LASTSAVE …
  std::uint64_t saved_changes = 0;  // … and Engine::change_count() then
  std::uint64_t saves = 0;
  bool last_failed = false;
  std::int64_t last_duration_s = 0;
  std::uint64_t loaded_keys = 0;
  std::uint64_t loaded_expired = 0;
};

// The facts of a snapshot taken now, in this form.
SnapshotFacts snapshot_facts(Instance& instance, const RdbForm& form);

// Writes the whole keyspace.
void put_snapshot(Instance& instance, const RdbForm& form,
                  base::FunctionRef<void(std::string_view)> sink);

// Makes everything durable and writes the file that `dir` and `dbfilename` name; where the instance
// has no folder, only the first. Throws Error.
void save_snapshot(Instance& instance);

// Reads the file into an empty keyspace and commits it: whole, or not at all. Throws Error, and the
// keyspace is empty then. REQUIRES: no command is running.
SnapshotRead import_snapshot(Instance& instance, const std::filesystem::path& file);

// Replaces everything by what its own snapshot reads as. Throws Error. Observers hear nothing of
// it.
void reload_from_snapshot(Instance& instance);

}  // namespace bodega::redis
