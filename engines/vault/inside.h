// Inside the engine: what its sections share. A thread that changes a record holds `changing`;
// readers take no lock, a get or a cursor is one instant by itself. `root_lock` is taken last.
//
// Its functions stand in engine.cc, those that read aliases and grants with their sections.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/mutex.h"
#include "engines/vault/engine.h"
#include "engines/vault/format.h"
#include "engines/vault/seal.h"

namespace bodega::vault {

// The hash of an HMAC key; nothing for other specs.
std::optional<Hash> hmac_hash(KeySpec spec);

struct Engine::Impl {
  Impl(kv::Store& the_store, const base::Clock& the_clock, RootKey the_root_key)
      : store(the_store), clock(the_clock), root_key(std::move(the_root_key)) {}

  kv::Store& store;
  const base::Clock& clock;
  const RootKey root_key;

  base::Mutex changing;
  base::Mutex root_lock LOCKED_AFTER(changing);
  std::optional<Secret> root GUARDED_BY(root_lock);  // nothing until it is needed
  std::atomic<std::int64_t> next_due_us{0};          // nothing is due before

  // The root key, made at the first call that needs one.
  Secret root_secret();
  // Compares the root key with the proof that the store holds.
  void check_root_key(kv::Damage damage);

  std::optional<Key> read_key(const Place& place, std::string_view key_id) const;
  std::optional<Alias> read_alias(const Place& place, std::string_view name) const;
  std::optional<Key> read_key_of_alias(const Place& place, std::string_view name) const;
  std::optional<Grant> read_grant(const Place& place, std::string_view key_id,
                                  std::string_view grant_id) const;
  Page<Grant> read_grants(const Place& place, std::string_view key_id, const GrantFilter& filter,
                          const PageRequest& request) const;
  // Puts the record, and remembers when something of it is due.
  void put_key(kv::Batch& batch, const Key& key);
  // Appends a material of the key's spec to the key and to the batch.
  void add_material(kv::Batch& batch, Key& key, RotationKind rotation, std::int64_t created_us);
  Secret material(const Key& key, std::string_view material_id);
  // With its material, aliases and grants.
  void remove_key(kv::Batch& batch, const Key& key) const;

  // Carries out what is due, key by key: a fault at one leaves the others alone.
  void settle_all();
  // Remembers when something of the other keys is due. Skips records that it cannot read.
  std::vector<Key> due_keys(std::int64_t now_us) REQUIRES_LOCK(changing);
  // Carries out what is due of this key.
  void settle(Key key, std::int64_t now_us) REQUIRES_LOCK(changing);
  // What is due at a key is tried again later.
  void postpone(const base::StorageFault& fault, std::int64_t now_us);
};

// A page of records below `prefix`: `take` is given each value and says whether it is on the page.
// A page ends behind its last element, and says so only where more records follow.
template <class Element, class Take>
Page<Element> read_page(const kv::Store& store, std::string_view prefix, const PageRequest& request,
                        const Take& take) {
  Page<Element> page;
  const std::string lower = std::string(prefix) + request.after;
  const auto cursor = store.cursor(kv::Family::kVault, lower, base::prefix_end(prefix));
  std::string last;
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    if (!request.after.empty() && cursor->key() == lower) continue;
    std::optional<Element> element = take(cursor->value());
    if (!element) continue;
    if (page.elements.size() == request.limit) {
      page.after = last;
      break;
    }
    page.elements.push_back(std::move(*element));
    last = cursor->key().substr(prefix.size());
  }
  return page;
}

}  // namespace bodega::vault
