#include "engines/vault/format.h"

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/vault/seal.h"

namespace bodega::vault {
namespace {

constexpr std::uint8_t kKeyFormat = 1;
constexpr std::uint8_t kAliasFormat = 1;
constexpr std::uint8_t kGrantFormat = 1;
constexpr std::uint8_t kCiphertextFormat = 1;

constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kMaterialIdBytes = 32;

void put_time(std::string& out, std::int64_t us) {
  base::put_u64(out, static_cast<std::uint64_t>(us));
}

std::int64_t take_time(base::ByteReader& in) { return static_cast<std::int64_t>(in.u64()); }

std::string take_text(base::ByteReader& in) { return std::string(in.string()); }

[[noreturn]] void corrupt() {
  throw base::StorageFault("a record of the vault is damaged, or of a newer Bodega");
}

void check_format(base::ByteReader& in, std::uint8_t format) {
  if (in.u8() != format) corrupt();
}

void check_whole(const base::ByteReader& in) {
  if (!in.ok() || !in.at_end()) corrupt();
}

}  // namespace

std::string place_prefix(std::string_view prefix, const Place& place) {
  std::string key(prefix);
  base::put_ordered(key, place.account);
  base::put_ordered(key, place.region);
  return key;
}

std::string key_prefix(std::string_view prefix, const Place& place, std::string_view key_id) {
  std::string key = place_prefix(prefix, place);
  base::put_ordered(key, key_id);
  return key;
}

std::string key_record_key(const Place& place, std::string_view key_id) {
  return place_prefix(kKeysPrefix, place).append(key_id);
}

std::string material_key(const Place& place, std::string_view key_id,
                         std::string_view material_id) {
  return key_prefix(kMaterialsPrefix, place, key_id).append(material_id);
}

std::string alias_key(const Place& place, std::string_view name) {
  return place_prefix(kAliasesPrefix, place).append(name);
}

std::string grant_key(const Place& place, std::string_view key_id, std::string_view grant_id) {
  return key_prefix(kGrantsPrefix, place, key_id).append(grant_id);
}

std::string encode_key(const Key& key) {
  std::string out;
  base::put_u8(out, kKeyFormat);
  base::put_string(out, key.place.account);
  base::put_string(out, key.place.region);
  base::put_string(out, key.id);
  base::put_u8(out, static_cast<std::uint8_t>(key.spec));
  base::put_u8(out, static_cast<std::uint8_t>(key.usage));
  base::put_u8(out, static_cast<std::uint8_t>(key.manager));
  base::put_u8(out, static_cast<std::uint8_t>(key.state));
  put_time(out, key.created_us);
  put_time(out, key.deletion_us);
  base::put_string(out, key.description);
  base::put_string(out, key.policy);
  base::put_fields(out, key.tags);
  base::put_varint(out, key.rotation.period_days);
  put_time(out, key.rotation.next_us);
  base::put_varint(out, key.materials.size());
  for (const Material& material : key.materials) {
    base::put_string(out, material.id);
    put_time(out, material.created_us);
    base::put_u8(out, static_cast<std::uint8_t>(material.rotation));
  }
  return out;
}

Key decode_key(std::string_view bytes) {
  base::ByteReader in(bytes);
  check_format(in, kKeyFormat);
  Key key;
  key.place.account = take_text(in);
  key.place.region = take_text(in);
  key.id = take_text(in);
  key.spec = in.enumerator(KeySpec::kSymmetric, KeySpec::kHmac512);
  key.usage = in.enumerator(KeyUsage::kEncrypt, KeyUsage::kAgree);
  key.manager = in.enumerator(KeyManager::kCustomer, KeyManager::kService);
  key.state = in.enumerator(KeyState::kEnabled, KeyState::kPendingDeletion);
  key.created_us = take_time(in);
  key.deletion_us = take_time(in);
  key.description = take_text(in);
  key.policy = take_text(in);
  key.tags = in.fields();
  key.rotation.period_days = static_cast<std::uint32_t>(in.varint());
  key.rotation.next_us = take_time(in);
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
    Material& material = key.materials.emplace_back();
    material.id = take_text(in);
    material.created_us = take_time(in);
    material.rotation = in.enumerator(RotationKind::kFirst, RotationKind::kOnDemand);
  }
  check_whole(in);
  if (key.materials.empty()) throw base::StorageFault("a key of the vault has no material");
  return key;
}

std::string encode_alias(const Alias& alias) {
  std::string out;
  base::put_u8(out, kAliasFormat);
  base::put_string(out, alias.name);
  base::put_string(out, alias.key_id);
  put_time(out, alias.created_us);
  put_time(out, alias.updated_us);
  return out;
}

Alias decode_alias(std::string_view bytes) {
  base::ByteReader in(bytes);
  check_format(in, kAliasFormat);
  Alias alias;
  alias.name = take_text(in);
  alias.key_id = take_text(in);
  alias.created_us = take_time(in);
  alias.updated_us = take_time(in);
  check_whole(in);
  return alias;
}

std::string encode_grant(const Grant& grant) {
  std::string out;
  base::put_u8(out, kGrantFormat);
  for (const std::string* text :
       {&grant.id, &grant.key_id, &grant.name, &grant.grantee, &grant.retiring,
        &grant.grantee_service, &grant.retiring_service, &grant.issuer}) {
    base::put_string(out, *text);
  }
  base::put_varint(out, grant.operations.size());
  for (const std::string& operation : grant.operations) base::put_string(out, operation);
  base::put_fields(out, grant.context_subset);
  base::put_fields(out, grant.context_equals);
  base::put_string(out, grant.source_arn);
  put_time(out, grant.created_us);
  return out;
}

Grant decode_grant(std::string_view bytes) {
  base::ByteReader in(bytes);
  check_format(in, kGrantFormat);
  Grant grant;
  for (std::string* text : {&grant.id, &grant.key_id, &grant.name, &grant.grantee, &grant.retiring,
                            &grant.grantee_service, &grant.retiring_service, &grant.issuer}) {
    *text = take_text(in);
  }
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
    grant.operations.push_back(take_text(in));
  }
  grant.context_subset = in.fields();
  grant.context_equals = in.fields();
  grant.source_arn = take_text(in);
  grant.created_us = take_time(in);
  check_whole(in);
  return grant;
}

std::string encode_ciphertext_head(std::string_view key_id, std::string_view material_id) {
  const auto key = uuid_bytes(key_id);
  const auto material = base::from_hex(material_id);
  BODEGA_CHECK(key && material && material->size() == kMaterialIdBytes);
  std::string head;
  base::put_u8(head, kCiphertextFormat);
  return head.append(*key).append(*material);
}

std::optional<CiphertextFacts> decode_ciphertext_head(std::string_view ciphertext) {
  base::ByteReader in(ciphertext);
  const std::uint8_t format = in.u8();
  const std::string_view key = in.bytes(kUuidBytes);
  const std::string_view material = in.bytes(kMaterialIdBytes);
  const std::size_t least = kSealNonceBytes + kSealTagBytes;
  if (!in.ok() || format != kCiphertextFormat || in.rest().size() < least) return std::nullopt;
  return CiphertextFacts{base::uuid_text(key), base::to_hex(material)};
}

std::string ciphertext_context(std::string_view head, const Fields& context) {
  std::string out(head);
  base::put_fields(out, context);
  return out;
}

std::optional<std::string> uuid_bytes(std::string_view text) {
  constexpr std::size_t kLength = 36;
  if (text.size() != kLength) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if ((text[i] == '-') != dash) return std::nullopt;
    if (!dash) hex.push_back(text[i]);
  }
  const auto bytes = base::from_hex(hex);
  if (!bytes || base::uuid_text(*bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace bodega::vault
