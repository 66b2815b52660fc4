// World: everything that one Bodega stores, as one thing: the engines, the clock that they go by,
// the keyspaces, and what services keep in memory for it. Several worlds can live in one
// process and know nothing of each other, in one folder (worlds.h), in several or in memory.
//
// Worlds are held by shared_ptr, and an engine that is handed out (base::Pinned, keyspace_named())
// holds its world: one that is dropped lives on until the last byte of the last request is sent.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/executor.h"
#include "engines/base/figure.h"
#include "engines/base/mutex.h"
#include "engines/base/service_state.h"
#include "engines/identity/engine.h"
#include "engines/journal/journal.h"
#include "engines/keyspace/engine.h"
#include "engines/object/engine.h"
#include "engines/table/engine.h"
#include "engines/vault/engine.h"
#include "engines/world/clock.h"
#include "engines/world/sections.h"
#include "engines/world/storage.h"
#include "engines/world/verify.h"

namespace bodega::world {

class World : public std::enable_shared_from_this<World> {
 public:
  // Opens the main world of a folder, or makes one there: takes the lock, reads the keyspaces, has
  // the blobs removed that no record names. Throws StorageFault, in one line for a person, when the
  // folder cannot be used, is in use, is damaged, or was written by a newer Bodega. `process`, the
  // clock that the world's follows, must outlive the world.
  static std::shared_ptr<World> open(const WorldOptions& options, const base::Clock& process);

  // A world of which nothing is kept.
  static std::shared_ptr<World> in_memory(const base::Clock& process);

  // For Worlds: the world of that number in the storage of a main world.
  enum class State : std::uint8_t { kNew, kStored };
  static std::shared_ptr<World> beside(const World& main, std::uint32_t number, State state,
                                       const base::Clock& process);

  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  object::Engine& objects() { return *objects_; }
  table::Engine& tables() { return *tables_; }
  // The changes of objects and tables, where they have subscribers.
  journal::Journal& journal() { return *journal_; }
  vault::Engine& vault() { return *vault_; }
  identity::Engine& identities() { return *identities_; }
  // What time it is in this world.
  Clock& clock() { return clock_; }
  const Clock& clock() const { return clock_; }
  // What services keep in memory for this world, and its jobs.
  base::ServiceState& service_state() { return service_state_; }

  // ---- Keyspaces. Each is used by one thread at a time: after open() that is the Redis loop. ----

  // The one that is always there.
  keyspace::Engine& keyspace() { return *keyspace_; }
  // The keyspace of that name, made when there is none; "" is the one above. Holds the world.
  // Thread-safe, as are those below. Throws StorageFault.
  std::shared_ptr<keyspace::Engine> keyspace_named(std::string_view name);
  std::vector<std::string> keyspace_names() const;  // without ""
  // Who holds it may go on; what is in it goes with the last of them. False: there is none of that
  // name.
  bool drop_keyspace(std::string_view name);

  // How many blobs the sweep that open() started has removed; 0 until it is through.
  std::uint64_t swept_blobs() const { return swept_blobs_; }

  // What metrics show of the two databases and of the blobs. Thread-safe.
  std::vector<base::Figure> store_figures(kv::Database database) const {
    return storage_->figures(database);
  }
  std::vector<base::Figure> blob_figures() const { return storage_->blob_figures(); }

  // Reads everything against its records (verify.h), beside whatever else goes on. Thread-safe.
  VerifyReport verify(const VerifyRequest& request) const;

  // Makes all that was acknowledged so far durable against a power cut. Thread-safe.
  void sync() { storage_->sync(); }

  // What is wrong with the stores, in one line for a person; nothing while writes are accepted.
  // Thread-safe.
  std::optional<std::string> fault() const { return storage_->fault(); }

  // Has the journal give up what no subscription keeps, deletes keys that are due, and removes what
  // dropped keyspaces have left. To be called a few times a second, by one thread beside those that
  // serve; so is storage().tend(). Throws StorageFault.
  void tend();

  // What the world's data lies in.
  Storage& storage() { return *storage_; }
  // Gone when the world has written its last.
  std::weak_ptr<const void> presence() const { return presence_; }

 private:
  struct NamedKeyspace;

  World(std::shared_ptr<Storage> storage, std::string prefix, const base::Clock& process);
  void make_engines();
  void make_keyspaces();
  void load_keyspaces();
  // The same; Redis data that cannot be read is set aside, where the options allow it.
  void load_or_set_aside();
  void start_sweep();
  void sweep_blobs();
  // Calls `visit` for every blob that a world beside this one names.
  void named_beside(const std::function<void(blob::BlobId)>& visit) const;

  // In the order they stand on each other, so that they go in the reverse one.
  std::shared_ptr<const void> presence_;
  const std::shared_ptr<Storage> storage_;
  const std::string prefix_;  // of its keys in both databases; empty: the main world
  Clock clock_;
  const std::unique_ptr<kv::Store> all_shared_;  // the world's keys in the shared database …
  const std::unique_ptr<kv::Store> shared_;      // … that are in no section of it
  std::unique_ptr<kv::Store> redis_;             // likewise in the keyspace's
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<object::Engine> objects_;
  std::unique_ptr<table::Engine> tables_;
  std::unique_ptr<vault::Engine> vault_;
  std::unique_ptr<identity::Engine> identities_;
  std::unique_ptr<keyspace::Engine> keyspace_;
  Sections keyspace_names_;
  mutable base::Mutex named_mutex_;
  std::map<std::string, std::shared_ptr<NamedKeyspace>, std::less<>> named_keyspaces_
      GUARDED_BY(named_mutex_);
  base::ServiceState service_state_;
  std::atomic<std::uint64_t> swept_blobs_ = 0;
  base::Lifeline<World> lifeline_{*this};
};

}  // namespace bodega::world
