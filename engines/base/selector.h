// Which engine serves a request: the one of the world that its access key picks. Services hold a
// Selector and never an engine, so that several worlds can live in one process.
#pragma once

#include <memory>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/base/service_state.h"

namespace bodega::base {

// An engine, and with it its whole world: while a copy of this lives, the engine, its stores, the
// clock and the state stay, even when the world has been dropped. Whatever outlives the call that
// asked for it (a body that is sent, a body that is received, a task) holds a copy.
template <class Engine>
struct Pinned {
  std::shared_ptr<Engine> engine;  // never null
  const Clock* clock = nullptr;    // the world's
  ServiceState* state = nullptr;   // the world's
};

template <class Engine>
class Selector {
 public:
  virtual ~Selector() = default;

  // The engine for this access key id (empty: an anonymous request). Thread-safe, takes no lock.
  virtual Pinned<Engine> engine_for(std::string_view access_key_id) = 0;
};

// Always the same engine, which must outlive every request: for tests of one service.
template <class Engine>
class SingleSelector : public Selector<Engine> {
 public:
  SingleSelector(Engine& engine, const Clock& clock)
      : engine_(std::shared_ptr<void>(), &engine), clock_(clock) {}
  Pinned<Engine> engine_for(std::string_view) override { return {engine_, &clock_, &state_}; }

 private:
  std::shared_ptr<Engine> engine_;  // owns nothing
  const Clock& clock_;
  ServiceState state_;
};

}  // namespace bodega::base
