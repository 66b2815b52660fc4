// A vault with its store, in memory or on disk, and short words for common steps.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engines/base/clock.h"
#include "engines/kv/store.h"
#include "engines/vault/engine.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

namespace bodega::vault::testing {

enum class Backend { kMemory, kRocks };

class Fixture {
 public:
  explicit Fixture(Backend backend = Backend::kMemory) {
    if (backend == Backend::kRocks) folder.emplace();
    open();
  }

  // Closes and opens engine and store again, as after a restart. REQUIRES: kRocks.
  void reopen(kv::Damage damage = kv::Damage::kRefuse) {
    engine.reset();
    store.reset();
    open(damage);
  }

  Key create(KeySpec spec = KeySpec::kSymmetric, KeyUsage usage = KeyUsage::kEncrypt) {
    NewKey request;
    request.place = place;
    request.spec = spec;
    request.usage = usage;
    return engine->create_key(std::move(request));
  }

  Key find(const Key& key) {
    auto found = engine->find_key(key.place, key.id);
    REQUIRE(found);
    return std::move(*found);
  }

  // The plaintext; "(none)" when the engine refuses.
  std::string decrypt(const Key& key, std::string_view ciphertext, const Fields& context = {}) {
    const auto opened = engine->decrypt(key, ciphertext, context);
    return opened ? std::string(opened->bytes()) : "(none)";
  }

  std::optional<tests::ScratchFolder> folder;  // kRocks
  base::ManualClock clock;
  std::unique_ptr<kv::Store> store;
  std::unique_ptr<Engine> engine;
  Place place{"111122223333", "us-east-1"};

 private:
  void open(kv::Damage damage = kv::Damage::kRefuse) {
    if (!folder) {
      store = kv::make_memory_store(kv::Database::kShared);
      engine = std::make_unique<Engine>(*store, clock, RootKey());
      return;
    }
    kv::OpenOptions options;
    options.directory = *folder / "store";
    store = kv::open_rocks_store(options);
    engine = std::make_unique<Engine>(*store, clock, RootKey(*folder / "root.key"), damage);
  }
};

}  // namespace bodega::vault::testing
