// Worlds: the worlds of one process, by name. The main one is always there; others lie beside it in
// its folder, as sections of its databases, or in memory. Also which world a request belongs to:
// its access key picks it. Today every key picks the main one; services already ask here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/function_ref.h"
#include "engines/base/job.h"
#include "engines/base/mutex.h"
#include "engines/base/selector.h"
#include "engines/world/world.h"

namespace bodega::world {

class Worlds {
 public:
  // Opens the worlds that lie beside the main one. Throws StorageFault. `process`, which the clocks
  // of new worlds follow, must outlive all of them.
  Worlds(std::shared_ptr<World> main, const base::Clock& process);
  Worlds(const Worlds&) = delete;
  Worlds& operator=(const Worlds&) = delete;

  const std::shared_ptr<World>& main() const { return main_; }

  // What follows is thread-safe.

  // Beside the main world. Null when there is none of that name.
  std::shared_ptr<World> find(std::string_view name) const;
  std::vector<std::string> names() const;

  // The world of that name, made when there is none. kOnDisk: as durable as the main world; the
  // other is gone at the end of the process. REQUIRES: the name is not empty. Throws StorageFault.
  enum class Kept : std::uint8_t { kInMemory, kOnDisk };
  std::shared_ptr<World> open(std::string_view name, Kept kept);

  // Who holds the world may go on; what is in it goes when they have let go. False: there is none
  // of that name. Throws StorageFault.
  bool drop(std::string_view name);

  // Calls `visit` for every job of every world with the clock that it goes by, and for the upkeep
  // of the storage, which goes by the process's. A world is held while its job is visited.
  void for_each_job(base::FunctionRef<void(const base::Clock&, base::Job&)> visit);

  // All worlds, one after the other: see World::verify.
  VerifyReport verify(const VerifyRequest& request) const;

  // Which engine serves a request.
  base::Selector<object::Engine>& objects() { return objects_; }
  base::Selector<table::Engine>& tables() { return tables_; }
  base::Selector<vault::Engine>& vaults() { return vaults_; }
  base::Selector<identity::Engine>& identities() { return identities_; }

 private:
  template <class Engine, Engine& (World::*Member)()>
  class Pick : public base::Selector<Engine> {
   public:
    explicit Pick(const Worlds& worlds) : worlds_(worlds) {}
    base::Pinned<Engine> engine_for(std::string_view access_key_id) override {
      const std::shared_ptr<World>& world = worlds_.world_of(access_key_id);
      return {std::shared_ptr<Engine>(world, &(world.get()->*Member)()), &world->clock(),
              &world->service_state()};
    }

   private:
    const Worlds& worlds_;
  };

  // Brings failed stores back, tends all worlds, and removes what dropped ones have left.
  class Upkeep : public base::Job {
   public:
    explicit Upkeep(Worlds& worlds) : worlds_(worlds) {}
    std::optional<std::int64_t> next_due_us(std::int64_t now_us) override;
    void run(std::int64_t now_us, std::size_t budget) override;

   private:
    Worlds& worlds_;
    std::int64_t due_us_ = 0;
  };

  // The policy: the world that an access key picks.
  const std::shared_ptr<World>& world_of(std::string_view) const { return main_; }

  std::vector<std::shared_ptr<World>> all() const;
  void remove_dropped();
  void remove_contents(std::uint32_t number);

  const std::shared_ptr<World> main_;
  const base::Clock& process_;
  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<World>, std::less<>> beside_ GUARDED_BY(mutex_);
  Upkeep upkeep_{*this};
  Pick<object::Engine, &World::objects> objects_{*this};
  Pick<table::Engine, &World::tables> tables_{*this};
  Pick<vault::Engine, &World::vault> vaults_{*this};
  Pick<identity::Engine, &World::identities> identities_{*this};
};

}  // namespace bodega::world
