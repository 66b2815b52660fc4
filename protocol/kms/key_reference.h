// How requests name keys: by key id, key ARN, alias name or alias ARN; and what has to be true of a
// key before it is used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engines/vault/model.h"
#include "protocol/kms/request.h"

namespace bodega::kms {

inline constexpr std::string_view kAliasPrefix = "alias/";
inline constexpr std::string_view kServiceAliasPrefix = "alias/aws/";

std::string key_arn(const vault::Place& place, std::string_view key_id);
inline std::string key_arn(const vault::Key& key) { return key_arn(key.place, key.id); }
std::string alias_arn(const vault::Place& place, std::string_view name);

enum class Accept : std::uint8_t { kKeys, kKeysAndAliases };

// The id of the key that a text names, which need not exist unless an alias names it. An alias of a
// service (alias/aws/s3) is given its key when it is first named. Throws Error.
std::string resolve_key(const Request& request, std::string_view text, Accept accept);

// The key that a member names. Throws NotFoundException and what resolve_key() throws.
vault::Key find_key(const Request& request, std::string_view member, Accept accept);

// What a key id that is none of the place's is answered with.
[[noreturn]] void throw_no_such_key(const vault::Place& place, std::string_view key_id);

// Throws DisabledException, or KMSInvalidStateException when its deletion is pending.
void require_enabled(const vault::Key& key);
// Throws KMSInvalidStateException when its deletion is pending.
void require_not_pending_deletion(const vault::Key& key);
// Throws AccessDeniedException for a key that a service manages.
void require_customer_managed(const Request& request, const vault::Key& key,
                              std::string_view operation);

// Enabled, for that usage, with an algorithm that the spec has. Throws Error.
void require_use(const vault::Key& key, vault::KeyUsage usage, std::string_view operation,
                 std::string_view algorithm);

// Changes the record of the key that KeyId names, under its lock, where `change` may throw Error.
vault::Key change_key(const Request& request, const vault::Engine::Change& change);

}  // namespace bodega::kms
