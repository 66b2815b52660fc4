// Keys: create, find, list, change, rotate.
#include "engines/base/bytes.h"
#include "engines/base/random.h"
#include "engines/vault/engine.h"
#include "engines/vault/inside.h"

namespace bodega::vault {
namespace {

Key make_key(NewKey&& request, std::int64_t now_us) {
  Key key;
  key.place = std::move(request.place);
  key.id = base::random_uuid();
  key.spec = request.spec;
  key.usage = request.usage;
  key.created_us = now_us;
  key.description = std::move(request.description);
  key.policy = std::move(request.policy);
  key.tags = std::move(request.tags);
  return key;
}

}  // namespace

Key Engine::create_key(NewKey request) {
  Key key = make_key(std::move(request), impl_->clock.now_us());
  kv::Batch batch;
  impl_->add_material(batch, key, RotationKind::kFirst, key.created_us);
  impl_->put_key(batch, key);
  impl_->store.commit(batch);
  return key;
}

std::optional<Key> Engine::find_key(const Place& place, std::string_view key_id) {
  tend();
  return impl_->read_key(place, key_id);
}

Page<Key> Engine::list_keys(const Place& place, const PageRequest& request) {
  tend();
  return read_page<Key>(
      impl_->store, place_prefix(kKeysPrefix, place), request,
      [](std::string_view value) { return std::optional<Key>(decode_key(value)); });
}

std::size_t Engine::count_keys(std::size_t limit) const {
  std::size_t count = 0;
  const auto cursor =
      impl_->store.cursor(kv::Family::kVault, kKeysPrefix, base::prefix_end(kKeysPrefix));
  for (cursor->seek_first(); cursor->valid() && count < limit; cursor->next()) ++count;
  return count;
}

Result<Key> Engine::change_key(const Place& place, std::string_view key_id, const Change& change) {
  tend();
  const base::Lock lock(impl_->changing);
  std::optional<Key> key = impl_->read_key(place, key_id);
  if (!key) return Outcome::kNoSuchKey;
  change(*key);
  kv::Batch batch;
  impl_->put_key(batch, *key);
  impl_->store.commit(batch);
  return std::move(*key);
}

Result<Key> Engine::rotate_key(const Place& place, std::string_view key_id, const Check& check) {
  tend();
  const base::Lock lock(impl_->changing);
  std::optional<Key> key = impl_->read_key(place, key_id);
  if (!key) return Outcome::kNoSuchKey;
  check(*key);
  kv::Batch batch;
  impl_->add_material(batch, *key, RotationKind::kOnDemand, impl_->clock.now_us());
  impl_->put_key(batch, *key);
  impl_->store.commit(batch);
  return std::move(*key);
}

void Engine::clear(std::string_view account) {
  const base::Lock lock(impl_->changing);
  kv::Batch batch;
  batch.mark_frees_room();
  for (const std::string_view kind :
       {kKeysPrefix, kMaterialsPrefix, kAliasesPrefix, kGrantsPrefix}) {
    std::string prefix(kind);
    if (!account.empty()) base::put_ordered(prefix, account);
    const auto cursor = impl_->store.cursor(kv::Family::kVault, prefix, base::prefix_end(prefix));
    cursor->seek_first();
    if (cursor->valid()) {
      batch.remove_range(kv::Family::kVault, prefix, base::prefix_end(prefix));
    }
  }
  if (!batch.empty()) impl_->store.commit(batch);
}

Key Engine::managed_key(const Place& place, std::string_view alias) {
  tend();
  if (auto key = impl_->read_key_of_alias(place, alias)) return std::move(*key);
  const base::Lock lock(impl_->changing);
  // Another thread may have made it meanwhile.
  if (auto key = impl_->read_key_of_alias(place, alias)) return std::move(*key);
  const std::int64_t now_us = impl_->clock.now_us();
  NewKey request;
  request.place = place;
  Key key = make_key(std::move(request), now_us);
  key.manager = KeyManager::kService;
  key.rotation.next_us = now_us + kDefaultRotationPeriodDays * kDayUs;
  kv::Batch batch;
  impl_->add_material(batch, key, RotationKind::kFirst, now_us);
  impl_->put_key(batch, key);
  batch.put(kv::Family::kVault, alias_key(place, alias),
            encode_alias({std::string(alias), key.id, now_us, now_us}));
  impl_->store.commit(batch);
  return key;
}

}  // namespace bodega::vault
