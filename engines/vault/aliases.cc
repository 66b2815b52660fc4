// Aliases: find, list, create, point elsewhere, delete.
#include "engines/base/bytes.h"
#include "engines/vault/engine.h"
#include "engines/vault/inside.h"

namespace bodega::vault {

std::optional<Alias> Engine::Impl::read_alias(const Place& place, std::string_view name) const {
  const auto bytes = store.get(kv::Family::kVault, alias_key(place, name));
  if (!bytes) return std::nullopt;
  return decode_alias(*bytes);
}

std::optional<Key> Engine::Impl::read_key_of_alias(const Place& place,
                                                   std::string_view name) const {
  const auto alias = read_alias(place, name);
  return alias ? read_key(place, alias->key_id) : std::nullopt;
}

std::optional<Alias> Engine::find_alias(const Place& place, std::string_view name) {
  tend();
  return impl_->read_alias(place, name);
}

Page<Alias> Engine::list_aliases(const Place& place, std::string_view key_id,
                                 const PageRequest& request) {
  tend();
  return read_page<Alias>(impl_->store, place_prefix(kAliasesPrefix, place), request,
                          [key_id](std::string_view value) -> std::optional<Alias> {
                            Alias alias = decode_alias(value);
                            if (!key_id.empty() && alias.key_id != key_id) return std::nullopt;
                            return alias;
                          });
}

Result<void> Engine::create_alias(const Place& place, std::string_view name,
                                  std::string_view key_id, const Check& check) {
  tend();
  const base::Lock lock(impl_->changing);
  if (impl_->read_alias(place, name)) return Outcome::kAliasExists;
  const std::optional<Key> key = impl_->read_key(place, key_id);
  if (!key) return Outcome::kNoSuchKey;
  check(*key);
  const std::int64_t now_us = impl_->clock.now_us();
  kv::Batch batch;
  batch.put(kv::Family::kVault, alias_key(place, name),
            encode_alias({std::string(name), key->id, now_us, now_us}));
  impl_->store.commit(batch);
  return {};
}

Result<void> Engine::update_alias(const Place& place, std::string_view name,
                                  std::string_view key_id, const CheckBoth& check) {
  tend();
  const base::Lock lock(impl_->changing);
  std::optional<Alias> alias = impl_->read_alias(place, name);
  if (!alias) return Outcome::kNoSuchAlias;
  const std::optional<Key> key = impl_->read_key(place, key_id);
  if (!key) return Outcome::kNoSuchKey;
  check(impl_->read_key(place, alias->key_id), *key);
  alias->key_id = key->id;
  alias->updated_us = impl_->clock.now_us();
  kv::Batch batch;
  batch.put(kv::Family::kVault, alias_key(place, name), encode_alias(*alias));
  impl_->store.commit(batch);
  return {};
}

Result<void> Engine::delete_alias(const Place& place, std::string_view name) {
  tend();
  const base::Lock lock(impl_->changing);
  if (!impl_->read_alias(place, name)) return Outcome::kNoSuchAlias;
  kv::Batch batch;
  batch.mark_frees_room();
  batch.remove(kv::Family::kVault, alias_key(place, name));
  impl_->store.commit(batch);
  return {};
}

}  // namespace bodega::vault
