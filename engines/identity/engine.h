// identity::Engine stores who may be calling: today the sessions that STS gave out. Users, roles
// and policies will stand here.
//
// All methods are thread-safe and atomic. They throw StorageFault.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/identity/model.h"
#include "engines/kv/store.h"

namespace bodega::identity {

// A session is remembered so long after its end, so that its user is told that it expired.
inline constexpr std::int64_t kRememberedUs = std::int64_t{24} * 60 * 60 * 1'000'000;

class Engine {
 public:
  // Both must outlive the engine.
  Engine(kv::Store& store, const base::Clock& clock) : store_(store), clock_(clock) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Removes some of those that are long over, too. REQUIRES: the access key id is new.
  void add_session(const Session& session);

  // Ends all sessions of that account, or of all accounts when it is empty. For one account it
  // reads all there are.
  void clear(std::string_view account = {});

  // Returns nullopt when there is none, or it is long over. It may have expired.
  std::optional<Session> find_session(std::string_view access_key_id) const;

 private:
  kv::Store& store_;
  const base::Clock& clock_;
};

}  // namespace bodega::identity
