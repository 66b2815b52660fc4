// World: everything that one Bodega stores, as one thing. It owns the two databases, the blobs and
// the engines over them, in one folder or in memory; whoever needs an engine is handed it
// from here. Several worlds can live in one process and know nothing of each other.
//
//   folder/lock       held while the world is open
//   folder/store/     objects, tables, keys and sessions (kv::Database::kShared)
//   folder/keyspace/  Redis data (kv::Database::kKeyspace)
//   folder/blobs/     large bytes
//   folder/reserve    room kept back, so that deletes work on a full disk
//   folder/root.key   what the vault's keys are sealed under
//   folder/damaged-N/ what the Nth start with Damage::kSetAside kept aside
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/durability.h"
#include "engines/base/executor.h"
#include "engines/base/figure.h"
#include "engines/base/service_state.h"
#include "engines/blob/store.h"
#include "engines/identity/engine.h"
#include "engines/journal/journal.h"
#include "engines/keyspace/engine.h"
#include "engines/kv/store.h"
#include "engines/object/engine.h"
#include "engines/table/engine.h"
#include "engines/vault/engine.h"
#include "engines/world/folder_lock.h"
#include "engines/world/verify.h"

namespace bodega::world {

// Raised when an older program could misread what a newer one writes in any of the engines.
inline constexpr std::uint32_t kFormatVersion = 1;

struct WorldOptions {
  std::filesystem::path folder;  // created when absent
  base::Durability durability = base::Durability::kProcess;
  // The folder is removed when the world closes, so the keyspace need not be written at all.
  bool scratch = false;
  kv::Damage damage = kv::Damage::kRefuse;
  // For what nobody should have to wait for: the sweep of the blobs, freeing what large ones took.
  // Without one, open() and the engines do it. Must outlive the world.
  base::Executor* executor = nullptr;
};

class World {
 public:
  // Opens the world in a folder, or makes one there: takes the lock, reads the keyspace, has the
  // blobs removed that no record names. Throws StorageFault, in one line for a person, when the
  // folder cannot be used, is in use, is damaged, or was written by a newer Bodega. The clock must
  // outlive the world.
  static std::unique_ptr<World> open(const WorldOptions& options, const base::Clock& clock);

  // A world without a folder, for tests.
  static std::unique_ptr<World> in_memory(const base::Clock& clock);

  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  object::Engine& objects() { return *objects_; }
  table::Engine& tables() { return *tables_; }
  // The changes of objects and tables, where someone subscribed to them.
  journal::Journal& journal() { return *journal_; }
  vault::Engine& vault() { return *vault_; }
  identity::Engine& identities() { return *identities_; }
  // REQUIRES: used by one thread at a time; after open() that is the Redis loop.
  keyspace::Engine& keyspace() { return *keyspace_; }
  // What time it is in this world.
  const base::Clock& clock() const { return clock_; }
  // What services keep in memory for this world.
  base::ServiceState& service_state() { return service_state_; }

  // How many blobs the sweep that open() started has removed; 0 until it is through.
  std::uint64_t swept_blobs() const { return swept_blobs_; }

  // What metrics show of the two databases and of the blobs. Thread-safe.
  std::vector<base::Figure> store_figures(kv::Database database) const;
  std::vector<base::Figure> blob_figures() const;

  // Reads everything against its records (verify.h), beside whatever else goes on. Thread-safe.
  VerifyReport verify(const VerifyRequest& request) const;

  // Makes all that was acknowledged so far durable against a power cut. Thread-safe.
  void sync();

  // What is wrong with the stores, in one line for a person; nothing while writes are accepted.
  // Thread-safe.
  std::optional<std::string> fault() const;

  // Brings stores that failed back when the disk allows it, and holds the reserve again when there
  // is room; has the journal give up what no subscription keeps, and deletes keys that are due. To
  // be called a few times a second, by one thread beside those that serve.
  void tend();

 private:
  explicit World(const base::Clock& clock) : clock_(clock) {}
  void start(const WorldOptions& options, const keyspace::Options& keyspace_options);
  // Those that are not open.
  void open_stores(const WorldOptions& options);
  void load_keyspace(const WorldOptions& options, const keyspace::Options& keyspace_options);
  void check_format();
  bool may_sweep(const std::filesystem::path& folder) const;
  void sweep_blobs();

  // In the order they stand on each other, so that they go in the reverse one.
  std::filesystem::path scratch_folder_;  // to be removed at the end; empty: none
  const base::Clock& clock_;
  base::ServiceState service_state_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<kv::Reserve> reserve_;  // none: nothing is kept back
  std::unique_ptr<kv::Store> shared_store_;
  std::unique_ptr<kv::Store> keyspace_store_;
  std::unique_ptr<blob::Store> blobs_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<object::Engine> objects_;
  std::unique_ptr<table::Engine> tables_;
  std::unique_ptr<vault::Engine> vault_;
  std::unique_ptr<identity::Engine> identities_;
  std::unique_ptr<keyspace::Engine> keyspace_;
  std::atomic<std::uint64_t> swept_blobs_ = 0;
  base::Lifeline<World> lifeline_{*this};
};

}  // namespace bodega::world
