// vault::Engine stores keys behind KMS: their records, aliases and grants, and their material,
// which is sealed under the root key (root_key.h) and used in here only. It knows no wire syntax.
//
// What is due happens when the key is next looked at, and in tend(): a key whose deletion is due is
// gone with its material, aliases and grants; one whose rotation is due has new material, and what
// the older material encrypted can still be decrypted.
//
// Each public method is atomic, and all of them are thread-safe. A callback runs under a lock: it
// must not call the engine. It may throw: then nothing is written and the exception passes through.
// Throws StorageFault.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/base/result.h"
#include "engines/kv/store.h"
#include "engines/vault/key_pair.h"
#include "engines/vault/model.h"
#include "engines/vault/requests.h"
#include "engines/vault/root_key.h"

namespace bodega::vault {

class Engine {
 public:
  // Store and clock must outlive the engine. Throws StorageFault, in one line for a person, when
  // the store's keys are sealed under another root key than this one; with Damage::kSetAside it
  // goes on, and those keys cannot be used.
  Engine(kv::Store& store, const base::Clock& clock, RootKey root_key,
         kv::Damage damage = kv::Damage::kRefuse);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- Keys (keys.cc) ---

  // Makes the key and its material, which for a large RSA key takes a second.
  Key create_key(NewKey request);

  // The key as it is now; nothing when there is none.
  std::optional<Key> find_key(const Place& place, std::string_view key_id);

  // In the order of their ids.
  Page<Key> list_keys(const Place& place, const PageRequest& request);

  // How many there are in all accounts and regions; counts no further than `limit`.
  std::size_t count_keys(std::size_t limit) const;

  // Changes what may change of a record: state, description, policy, tags, rotation. The key as it
  // is then. kNoSuchKey.
  using Change = std::function<void(Key&)>;
  Result<Key> change_key(const Place& place, std::string_view key_id, const Change& change);

  // Gives the key new material at once. `check` may throw to refuse. kNoSuchKey. REQUIRES: the key
  // is symmetric.
  using Check = std::function<void(const Key&)>;
  Result<Key> rotate_key(const Place& place, std::string_view key_id, const Check& check);

  // Carries out the deletions and rotations that are due, each by itself: one that fails is tried
  // again a minute later. Cheap while none is.
  void tend();

  // Removes all keys of that account, or of all accounts when it is empty, with their material,
  // aliases and grants. The root key stays.
  void clear(std::string_view account = {});

  // --- Aliases (aliases.cc) ---

  std::optional<Alias> find_alias(const Place& place, std::string_view name);
  // In the order of their names; with a key id: those of that key.
  Page<Alias> list_aliases(const Place& place, std::string_view key_id, const PageRequest& request);
  // kAliasExists, kNoSuchKey. `check` sees the key and may throw to refuse.
  Result<void> create_alias(const Place& place, std::string_view name, std::string_view key_id,
                            const Check& check);
  // Points the alias at another key. kNoSuchAlias, kNoSuchKey. `check` sees the old key, where
  // there is one, and the new one.
  using CheckBoth = std::function<void(const std::optional<Key>& old_key, const Key& new_key)>;
  Result<void> update_alias(const Place& place, std::string_view name, std::string_view key_id,
                            const CheckBoth& check);
  // kNoSuchAlias.
  Result<void> delete_alias(const Place& place, std::string_view name);

  // The key that a service uses under this alias, made when it is first asked for.
  Key managed_key(const Place& place, std::string_view alias);

  // --- Grants (grants.cc) ---

  // Gives the grant its id, or finds the one of the same name that says the same. Every call gives
  // a token of its own. kNoSuchKey. `check` sees the key and may throw to refuse.
  Result<Granted> create_grant(const Place& place, Grant grant, const Check& check);
  // What a token stands for; nothing when it is none of ours.
  std::optional<GrantReference> read_grant_token(const Place& place, std::string_view token);
  // Of one key, or of all keys of the place when `key_id` is empty; in the order of key and grant.
  Page<Grant> list_grants(const Place& place, std::string_view key_id, const GrantFilter& filter,
                          const PageRequest& request);
  std::optional<Grant> find_grant(const Place& place, std::string_view key_id,
                                  std::string_view grant_id);
  // kNoSuchGrant.
  Result<void> delete_grant(const Place& place, std::string_view key_id, std::string_view grant_id);

  // --- Cryptography (use.cc) ---
  // With the current material, whatever the key's state is: states are the caller's to check.

  // A ciphertext that says which key and material it is of. REQUIRES: the key is symmetric.
  std::string encrypt(const Key& key, std::string_view plaintext, const Fields& context);
  // Returns nullopt when `ciphertext` is not one of encrypt(), so an asymmetric one too.
  static std::optional<CiphertextFacts> read_ciphertext(std::string_view ciphertext);
  // Returns nullopt when a bit of it or the context differs, or when it is of another key.
  // REQUIRES: the key is symmetric.
  std::optional<Secret> decrypt(const Key& key, std::string_view ciphertext, const Fields& context);

  // HMAC of the spec's hash. REQUIRES: an HMAC key.
  std::string mac(const Key& key, std::string_view message);

  // REQUIRES for all of these: an RSA or elliptic key.
  KeyPair key_pair(const Key& key);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::vault
