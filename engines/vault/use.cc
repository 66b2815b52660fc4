// What keys are for: ciphertexts, codes and key pairs, each with the material that never leaves the
// engine.
#include <algorithm>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/vault/engine.h"
#include "engines/vault/inside.h"

namespace bodega::vault {

std::string Engine::encrypt(const Key& key, std::string_view plaintext, const Fields& context) {
  BODEGA_CHECK(key.spec == KeySpec::kSymmetric);
  const std::string& material_id = key.materials.back().id;
  const std::string head = encode_ciphertext_head(key.id, material_id);
  const Secret material = impl_->material(key, material_id);
  return head + seal(material.bytes(), ciphertext_context(head, context), plaintext);
}

std::optional<CiphertextFacts> Engine::read_ciphertext(std::string_view ciphertext) {
  return decode_ciphertext_head(ciphertext);
}

std::optional<Secret> Engine::decrypt(const Key& key, std::string_view ciphertext,
                                      const Fields& context) {
  BODEGA_CHECK(key.spec == KeySpec::kSymmetric);
  const auto facts = decode_ciphertext_head(ciphertext);
  if (!facts || facts->key_id != key.id) return std::nullopt;
  const auto of_the_key = [&](const Material& one) { return one.id == facts->material_id; };
  if (std::none_of(key.materials.begin(), key.materials.end(), of_the_key)) return std::nullopt;
  const Secret material = impl_->material(key, facts->material_id);
  const std::string_view head = ciphertext.substr(0, kCiphertextHeadBytes);
  return unseal(material.bytes(), ciphertext_context(head, context),
                ciphertext.substr(kCiphertextHeadBytes));
}

std::string Engine::mac(const Key& key, std::string_view message) {
  const auto hash = hmac_hash(key.spec);
  BODEGA_CHECK(hash);
  const Secret material = impl_->material(key, key.materials.back().id);
  return hmac(*hash, material.bytes(), message);
}

KeyPair Engine::key_pair(const Key& key) {
  const Secret material = impl_->material(key, key.materials.back().id);
  auto pair = KeyPair::from_private_der(material.bytes());
  if (!pair) throw base::StorageFault("the material of a key is no private key");
  return std::move(*pair);
}

}  // namespace bodega::vault
