// Grants and their tokens. A token is sealed under the root key, so nothing of it is stored and
// no other program can make one.
#include <limits>

#include "engines/base/bytes.h"
#include "engines/base/random.h"
#include "engines/vault/engine.h"
#include "engines/vault/inside.h"

namespace bodega::vault {
namespace {

// What a token is bound to, besides what it says.
std::string token_context(const Place& place) { return place_prefix("grant token ", place); }

bool says_the_same(Grant one, const Grant& other) {
  one.id = other.id;
  one.created_us = other.created_us;
  return encode_grant(one) == encode_grant(other);
}

bool agrees(const Grant& grant, const GrantFilter& filter) {
  const auto fits = [](const std::string& wanted, const std::string& actual) {
    return wanted.empty() || wanted == actual;
  };
  return fits(filter.id, grant.id) && fits(filter.grantee, grant.grantee) &&
         fits(filter.grantee_service, grant.grantee_service) &&
         fits(filter.retiring, grant.retiring) &&
         fits(filter.retiring_service, grant.retiring_service);
}

}  // namespace

Result<Granted> Engine::create_grant(const Place& place, Grant grant, const Check& check) {
  tend();
  const base::Lock lock(impl_->changing);
  const std::optional<Key> key = impl_->read_key(place, grant.key_id);
  if (!key) return Outcome::kNoSuchKey;
  check(*key);
  grant.created_us = impl_->clock.now_us();
  if (!grant.name.empty()) {
    const PageRequest all{{}, std::numeric_limits<std::size_t>::max()};
    for (const Grant& existing : impl_->read_grants(place, grant.key_id, {}, all).elements) {
      if (says_the_same(grant, existing)) grant.id = existing.id;
    }
  }
  if (grant.id.empty()) {
    grant.id = base::to_hex(base::secret_bytes(32));
    kv::Batch batch;
    batch.put(kv::Family::kVault, grant_key(place, grant.key_id, grant.id), encode_grant(grant));
    impl_->store.commit(batch);
  }
  std::string reference;
  base::put_string(reference, grant.key_id);
  base::put_string(reference, grant.id);
  return Granted{grant.id, base::to_base64(seal(impl_->root_secret().bytes(), token_context(place),
                                                reference))};
}

std::optional<GrantReference> Engine::read_grant_token(const Place& place, std::string_view token) {
  const auto box = base::from_base64(token);
  if (!box || !impl_->store.get(kv::Family::kVault, kProofKey)) return std::nullopt;
  const auto reference = unseal(impl_->root_secret().bytes(), token_context(place), *box);
  if (!reference) return std::nullopt;
  base::ByteReader in(reference->bytes());
  GrantReference read;
  read.key_id = in.string();
  read.grant_id = in.string();
  return read;
}

Page<Grant> Engine::Impl::read_grants(const Place& place, std::string_view key_id,
                                      const GrantFilter& filter, const PageRequest& request) const {
  const std::string prefix = key_id.empty() ? place_prefix(kGrantsPrefix, place)
                                            : key_prefix(kGrantsPrefix, place, key_id);
  return read_page<Grant>(store, prefix, request,
                          [&filter](std::string_view value) -> std::optional<Grant> {
                            Grant grant = decode_grant(value);
                            if (!agrees(grant, filter)) return std::nullopt;
                            return grant;
                          });
}

std::optional<Grant> Engine::Impl::read_grant(const Place& place, std::string_view key_id,
                                              std::string_view grant_id) const {
  const auto bytes = store.get(kv::Family::kVault, grant_key(place, key_id, grant_id));
  if (!bytes) return std::nullopt;
  return decode_grant(*bytes);
}

Page<Grant> Engine::list_grants(const Place& place, std::string_view key_id,
                                const GrantFilter& filter, const PageRequest& request) {
  tend();
  return impl_->read_grants(place, key_id, filter, request);
}

std::optional<Grant> Engine::find_grant(const Place& place, std::string_view key_id,
                                        std::string_view grant_id) {
  tend();
  return impl_->read_grant(place, key_id, grant_id);
}

Result<void> Engine::delete_grant(const Place& place, std::string_view key_id,
                                  std::string_view grant_id) {
  tend();
  const base::Lock lock(impl_->changing);
  if (!impl_->read_grant(place, key_id, grant_id)) return Outcome::kNoSuchGrant;
  kv::Batch batch;
  batch.mark_frees_room();
  batch.remove(kv::Family::kVault, grant_key(place, key_id, grant_id));
  impl_->store.commit(batch);
  return {};
}

}  // namespace bodega::vault
