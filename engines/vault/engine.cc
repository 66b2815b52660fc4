#include "engines/vault/engine.h"

#include <limits>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/random.h"
#include "engines/vault/inside.h"

namespace bodega::vault {
namespace {

constexpr std::string_view kProofText = "bodega vault";
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// After a fault of the store, what is due waits so long.
constexpr std::int64_t kRetryUs = 60'000'000;
// A clock that leapt by decades gives a key so many materials and no more.
constexpr int kMaxRotationsAtOnce = 64;

// When something has to be done with the key.
std::int64_t due_us(const Key& key) {
  switch (key.state) {
    case KeyState::kPendingDeletion: return key.deletion_us;
    case KeyState::kEnabled: return key.rotation.next_us != 0 ? key.rotation.next_us : kNever;
    case KeyState::kDisabled: break;  // rotates once it is enabled again
  }
  return kNever;
}

void lower_to(std::atomic<std::int64_t>& value, std::int64_t bound) {
  std::int64_t seen = value.load();
  while (bound < seen && !value.compare_exchange_weak(seen, bound)) {
  }
}

Secret new_material(KeySpec spec) {
  if (spec == KeySpec::kSymmetric) return Secret(base::secret_bytes(kSealKeyBytes));
  if (const auto hash = hmac_hash(spec)) return Secret(base::secret_bytes(hash_size(*hash)));
  return KeyPair::generate(spec).private_der();
}

void remove_prefix(kv::Batch& batch, const std::string& prefix) {
  batch.remove_range(kv::Family::kVault, prefix, base::prefix_end(prefix));
}

}  // namespace

std::optional<Hash> hmac_hash(KeySpec spec) {
  switch (spec) {
    case KeySpec::kHmac224: return Hash::kSha224;
    case KeySpec::kHmac256: return Hash::kSha256;
    case KeySpec::kHmac384: return Hash::kSha384;
    case KeySpec::kHmac512: return Hash::kSha512;
    case KeySpec::kSymmetric:
    case KeySpec::kRsa2048:
    case KeySpec::kRsa3072:
    case KeySpec::kRsa4096:
    case KeySpec::kP256:
    case KeySpec::kP384:
    case KeySpec::kP521:
    case KeySpec::kSecp256k1: break;
  }
  return std::nullopt;
}

Engine::Engine(kv::Store& store, const base::Clock& clock, RootKey root_key, kv::Damage damage)
    : impl_(std::make_unique<Impl>(store, clock, std::move(root_key))) {
  impl_->check_root_key(damage);
}

Engine::~Engine() = default;

void Engine::tend() {
  if (impl_->clock.now_us() >= impl_->next_due_us) impl_->settle_all();
}

void Engine::Impl::check_root_key(kv::Damage damage) {
  const auto proof = store.get(kv::Family::kVault, kProofKey);
  if (!proof) return;
  const base::Lock lock(root_lock);
  std::string what;
  try {
    root = root_key.load();
    if (root && unseal(root->bytes(), kProofKey, *proof)) return;
    what = root_key.file().string() +
           (root ? " is not the root key of this data folder" : " is missing");
  } catch (const RootKeyDamaged& fault) {
    what = fault.what();
  }
  if (damage == kv::Damage::kRefuse) {
    throw base::StorageFault(what +
                             ": the keys of KMS are sealed under it. Restore the file, or start "
                             "once with --repair, which goes on without those keys");
  }
  log::warn(what + ": the keys of KMS that were sealed under it cannot be used");
  if (!root) root_key.set_aside();
  root.reset();
  kv::Batch batch;
  batch.remove(kv::Family::kVault, kProofKey);
  store.commit(batch);
}

Secret Engine::Impl::root_secret() {
  const base::Lock lock(root_lock);
  if (root) return *root;
  std::optional<Secret> secret = root_key.load();
  if (!secret) secret = root_key.create();
  kv::Batch batch;
  batch.put(kv::Family::kVault, kProofKey, seal(secret->bytes(), kProofKey, kProofText));
  store.commit(batch);
  root = secret;
  return *secret;
}

std::optional<Key> Engine::Impl::read_key(const Place& place, std::string_view key_id) const {
  const auto bytes = store.get(kv::Family::kVault, key_record_key(place, key_id));
  if (!bytes) return std::nullopt;
  return decode_key(*bytes);
}

void Engine::Impl::put_key(kv::Batch& batch, const Key& key) {
  batch.put(kv::Family::kVault, key_record_key(key.place, key.id), encode_key(key));
  lower_to(next_due_us, due_us(key));
}

void Engine::Impl::add_material(kv::Batch& batch, Key& key, RotationKind rotation,
                                std::int64_t created_us) {
  Material added{base::to_hex(base::secret_bytes(32)), created_us, rotation};
  const std::string record = material_key(key.place, key.id, added.id);
  const Secret secret = new_material(key.spec);
  batch.put(kv::Family::kVault, record, seal(root_secret().bytes(), record, secret.bytes()));
  key.materials.push_back(std::move(added));
}

Secret Engine::Impl::material(const Key& key, std::string_view material_id) {
  const std::string record = material_key(key.place, key.id, material_id);
  const auto box = store.get(kv::Family::kVault, record);
  if (!box) throw base::StorageFault("the material of a key is missing");
  auto secret = unseal(root_secret().bytes(), record, *box);
  if (!secret) throw base::StorageFault("the material of a key is not sealed under the root key");
  return std::move(*secret);
}

void Engine::Impl::remove_key(kv::Batch& batch, const Key& key) const {
  batch.mark_frees_room();
  batch.remove(kv::Family::kVault, key_record_key(key.place, key.id));
  remove_prefix(batch, key_prefix(kMaterialsPrefix, key.place, key.id));
  remove_prefix(batch, key_prefix(kGrantsPrefix, key.place, key.id));
  const std::string aliases = place_prefix(kAliasesPrefix, key.place);
  const auto cursor = store.cursor(kv::Family::kVault, aliases, base::prefix_end(aliases));
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    if (decode_alias(cursor->value()).key_id == key.id) {
      batch.remove(kv::Family::kVault, cursor->key());
    }
  }
}

std::vector<Key> Engine::Impl::due_keys(std::int64_t now_us) {
  std::vector<Key> due;
  const auto cursor = store.cursor(kv::Family::kVault, kKeysPrefix, base::prefix_end(kKeysPrefix));
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    try {
      Key key = decode_key(cursor->value());
      if (due_us(key) > now_us) {
        lower_to(next_due_us, due_us(key));
      } else {
        due.push_back(std::move(key));
      }
    } catch (const base::StorageFault& fault) {
      postpone(fault, now_us);
    }
  }
  return due;
}

void Engine::Impl::settle(Key key, std::int64_t now_us) {
  kv::Batch batch;
  if (key.state == KeyState::kPendingDeletion) {
    remove_key(batch, key);
    return store.commit(batch);
  }
  const std::int64_t period_us = key.rotation.period_days * kDayUs;
  for (int i = 0; key.rotation.next_us <= now_us && i < kMaxRotationsAtOnce; ++i) {
    add_material(batch, key, RotationKind::kAutomatic, key.rotation.next_us);
    key.rotation.next_us += period_us;
  }
  if (key.rotation.next_us <= now_us) key.rotation.next_us = now_us + period_us;
  put_key(batch, key);
  store.commit(batch);
}

void Engine::Impl::settle_all() {
  const base::Lock lock(changing);
  const std::int64_t now_us = clock.now_us();
  if (now_us < next_due_us) return;
  next_due_us = kNever;
  std::vector<Key> due;
  try {
    due = due_keys(now_us);
  } catch (const base::StorageFault& fault) {
    postpone(fault, now_us);
  }
  for (Key& key : due) {
    try {
      settle(std::move(key), now_us);
    } catch (const base::StorageFault& fault) {
      postpone(fault, now_us);
    }
  }
}

void Engine::Impl::postpone(const base::StorageFault& fault, std::int64_t now_us) {
  lower_to(next_due_us, now_us + kRetryUs);
  log::warn(std::string("the deletion or rotation of a key may be due and waits: ") + fault.what());
}

}  // namespace bodega::vault
