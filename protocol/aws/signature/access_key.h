// The access key ids of sessions: ASIA and 16 characters, in which the account stands in the way of
// AWS, so that every server can tell which account a key belongs to without having made it.
//
//   ASIA | base32 of 10 bytes: 1 bit set | account, 40 bits | 39 random bits
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bodega::aws {

// A new one. REQUIRES: an account of 12 digits.
std::string make_session_key(std::string_view account);

bool is_session_key(std::string_view access_key_id);

// Returns nullopt when it is no session's key, or holds no account.
std::optional<std::string> account_in_session_key(std::string_view access_key_id);

}  // namespace bodega::aws
