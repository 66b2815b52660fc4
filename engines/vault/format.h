// The vault's records in the vault family. `place` is account, ordered | region, ordered.
//
//   00                                       ->  proof: a text sealed under the root key
//   01 place | key id                        ->  key record
//   02 place | key id, ordered | material id ->  material, sealed under the root key
//   03 place | alias name                    ->  alias record
//   04 place | key id, ordered | grant id    ->  grant record
//
//   key record    format u8 = 1 | account text | region text | id text | spec u8 | usage u8
//                 | manager u8 | state u8 | created us u64 | deletion us u64 | description text
//                 | policy text | tags | rotation period varint | next rotation us u64
//                 | count varint | count x (material id text | created us u64 | rotation u8)
//   alias record  format u8 = 1 | name text | key id text | created us u64 | updated us u64
//   grant record  format u8 = 1 | id text | key id text | name text | grantee text | retiring text
//                 | grantee service text | retiring service text | issuer text
//                 | count varint | count x operation text | context subset | context equals
//                 | source arn text | created us u64
//   fields        count varint | count x (name text | value text)
//   sealed        nonce, 12 bytes | ciphertext | tag, 16 bytes
//                 AES-256-GCM, with the record's key as additional data, so that sealed bytes
//                 cannot change places
//
//   material      symmetric: 32 bytes; HMAC: as many as its hash has; else a PKCS#8 key in DER
//
// What encrypt() gives to clients, which has to be readable for ever:
//
//   ciphertext    format u8 = 1 | key id, 16 bytes | material id, 32 bytes
//                 | nonce, 12 bytes | ciphertext | tag, 16 bytes
//                 additional data: the first 49 bytes | the encryption context as fields, by name
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engines/vault/model.h"
#include "engines/vault/requests.h"

namespace bodega::vault {

inline constexpr std::string_view kProofKey{"\0", 1};
inline constexpr std::string_view kKeysPrefix = "\x01";
inline constexpr std::string_view kMaterialsPrefix = "\x02";
inline constexpr std::string_view kAliasesPrefix = "\x03";
inline constexpr std::string_view kGrantsPrefix = "\x04";

// What all records of a place (and of a key in it) begin with.
std::string place_prefix(std::string_view prefix, const Place& place);
std::string key_prefix(std::string_view prefix, const Place& place, std::string_view key_id);

std::string key_record_key(const Place& place, std::string_view key_id);
std::string material_key(const Place& place, std::string_view key_id, std::string_view material_id);
std::string alias_key(const Place& place, std::string_view name);
std::string grant_key(const Place& place, std::string_view key_id, std::string_view grant_id);

std::string encode_key(const Key& key);
std::string encode_alias(const Alias& alias);
std::string encode_grant(const Grant& grant);

// These throw StorageFault when the bytes are no such record.
Key decode_key(std::string_view bytes);
Alias decode_alias(std::string_view bytes);
Grant decode_grant(std::string_view bytes);

// The part of a ciphertext in front of its sealed bytes. REQUIRES: a UUID, and 64 hex digits.
std::string encode_ciphertext_head(std::string_view key_id, std::string_view material_id);
inline constexpr std::size_t kCiphertextHeadBytes = 49;
// Returns nullopt when it is no ciphertext of this format.
std::optional<CiphertextFacts> decode_ciphertext_head(std::string_view ciphertext);

// The additional data of a ciphertext.
std::string ciphertext_context(std::string_view head, const Fields& context);

// A UUID as 16 bytes; nothing when the text is none in its canonical form (lower case).
std::optional<std::string> uuid_bytes(std::string_view text);

}  // namespace bodega::vault
