// Storage: what a data folder holds, open: the lock, the two databases, the blobs, the reserve; or
// the same in memory. The main world owns it, and the worlds beside it in the folder share it.
//
//   folder/lock       held while the storage is open
//   folder/store/     objects, tables, keys and sessions (kv::Database::kShared)
//   folder/keyspace/  Redis data (kv::Database::kKeyspace)
//   folder/blobs/     large bytes
//   folder/reserve    room kept back, so that deletes work on a full disk
//   folder/root.key   what the vault's keys are sealed under; root-N.key for the Nth world beside
//   folder/damaged-N/ what the Nth start with Damage::kSetAside kept aside
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/durability.h"
#include "engines/base/executor.h"
#include "engines/base/figure.h"
#include "engines/blob/store.h"
#include "engines/kv/store.h"
#include "engines/world/folder_lock.h"
#include "engines/world/sections.h"

namespace bodega::world {

// Raised when an older program could misread what a newer one writes in any of the engines.
inline constexpr std::uint32_t kFormatVersion = 2;
// What a folder has that holds one world with one keyspace: also older programs read it, as far as
// they know its families.
inline constexpr std::uint32_t kFormatVersionOfOneWorld = 1;

struct WorldOptions {
  std::filesystem::path folder;  // created when absent
  base::Durability durability = base::Durability::kProcess;
  // The folder is removed when the world closes, so the keyspace need not be written at all.
  bool scratch = false;
  kv::Damage damage = kv::Damage::kRefuse;
  // For what no caller should have to wait for: the sweep of the blobs, freeing what large ones
  // took. Without one, open() and the engines do it. Must outlive the world.
  base::Executor* executor = nullptr;
  // Hears from time to time how many records of Redis data were read at the opening.
  std::function<void(std::uint64_t records)> loading = nullptr;
};

class Storage {
 public:
  // Throws StorageFault, in one line for a person, when the folder cannot be used, is in use, is
  // damaged, or was written by a newer Bodega.
  explicit Storage(WorldOptions options);
  // In memory, for worlds that nothing of is to be kept.
  Storage();
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  const WorldOptions& options() const { return options_; }
  bool in_memory() const { return lock_ == nullptr; }

  // Thread-safe, as are the stores.
  kv::Store& shared() { return *shared_; }
  kv::Store& keyspace() { return *keyspace_; }
  blob::Store& blobs() { return *blobs_; }

  // Puts the damaged Redis data aside and opens an empty database in its place; `why` is what its
  // reading said. Throws StorageFault with a line for a person unless the options allow it.
  // REQUIRES: no section of the database is in use.
  void set_keyspace_aside(const std::string& why);
  // Compares the identities of the two databases (identity.h). REQUIRES: not in memory.
  void check_identity();

  // Whether a blob that no record names is of no use: not so while records are lost or kept aside.
  bool may_sweep() const;

  // The worlds beside the main one.
  Sections& worlds() { return *worlds_; }
  // What the vault of a world is sealed under; empty: in memory. By the prefix of the world's keys,
  // since each has its own.
  std::filesystem::path root_key_file(std::string_view prefix) const;
  // To be called before a section is added anywhere: an older program would not know it for one.
  void expect_sections();

  // Thread-safe: see World.
  std::vector<base::Figure> figures(kv::Database database) const;
  std::vector<base::Figure> blob_figures() const;
  void sync();
  std::optional<std::string> fault() const;
  // By one thread at a time.
  void tend();

 private:
  void open_stores();  // those that are not open
  void open_blobs();
  void check_format();
  void write_format(std::uint32_t version);

  const WorldOptions options_;
  // In the order they stand on each other, so that they go in the reverse one.
  std::unique_ptr<FolderLock> lock_;      // none: in memory
  std::unique_ptr<kv::Reserve> reserve_;  // none: nothing is kept back
  std::unique_ptr<kv::Store> shared_;
  std::unique_ptr<kv::Store> keyspace_;
  std::unique_ptr<blob::Store> blobs_;
  std::unique_ptr<Sections> worlds_;
};

}  // namespace bodega::world
