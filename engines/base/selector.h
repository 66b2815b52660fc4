// Which engine serves a request: the one of the world that its access key picks. Services hold a
// Selector and never an engine, so that several worlds can live in one process.
#pragma once

#include <string_view>

namespace bodega::base {

template <class Engine>
class Selector {
 public:
  virtual ~Selector() = default;

  // The engine for this access key id (empty: an anonymous request). The reference stays valid for
  // the whole of the request. Thread-safe.
  virtual Engine& engine_for(std::string_view access_key_id) = 0;
};

// Always the same engine: for tests, and for a process with one world.
template <class Engine>
class SingleSelector : public Selector<Engine> {
 public:
  explicit SingleSelector(Engine& engine) : engine_(engine) {}
  Engine& engine_for(std::string_view) override { return engine_; }

 private:
  Engine& engine_;
};

}  // namespace bodega::base
