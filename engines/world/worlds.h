// Which world a request belongs to: its access key picks it, so that parallel test runs never meet.
// Today every key picks the one world there is; services already ask here and not there.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "engines/base/selector.h"
#include "engines/world/world.h"

namespace bodega::world {

class Worlds {
 public:
  explicit Worlds(const std::shared_ptr<World>& main)
      : objects_(main), tables_(main), vaults_(main), identities_(main) {}
  Worlds(const Worlds&) = delete;
  Worlds& operator=(const Worlds&) = delete;

  base::Selector<object::Engine>& objects() { return objects_; }
  base::Selector<table::Engine>& tables() { return tables_; }
  base::Selector<vault::Engine>& vaults() { return vaults_; }
  base::Selector<identity::Engine>& identities() { return identities_; }

 private:
  template <class Engine, Engine& (World::*Member)()>
  class Pick : public base::Selector<Engine> {
   public:
    explicit Pick(std::shared_ptr<World> main) : main_(std::move(main)) {}
    base::Pinned<Engine> engine_for(std::string_view) override {
      return {std::shared_ptr<Engine>(main_, &(main_.get()->*Member)()), &main_->clock(),
              &main_->service_state()};
    }

   private:
    const std::shared_ptr<World> main_;
  };

  Pick<object::Engine, &World::objects> objects_;
  Pick<table::Engine, &World::tables> tables_;
  Pick<vault::Engine, &World::vault> vaults_;
  Pick<identity::Engine, &World::identities> identities_;
};

}  // namespace bodega::world
