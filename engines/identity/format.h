// The records of the identity family.
//
//   01 access key id                  ->  session record
//   02 expires us u64 | access key id ->  nothing; in the order in which sessions are removed
//
//   session record  format u8 = 1 | access key id text | secret access key text
//                   | session token text | account text | arn text | user id text
//                   | source identity text | issued us u64 | expires us u64
#pragma once

#include <string>
#include <string_view>

#include "engines/identity/model.h"

namespace bodega::identity {

inline constexpr std::string_view kSessionsPrefix = "\x01";
inline constexpr std::string_view kExpiriesPrefix = "\x02";

std::string session_key(std::string_view access_key_id);
std::string expiry_key(const Session& session);
// What is smaller expires before that time.
std::string expiry_bound(std::int64_t expires_us);
// The access key id in an expiry_key().
std::string_view expiring_access_key(std::string_view key);

std::string encode_session(const Session& session);
Session decode_session(std::string_view bytes);  // throws StorageFault

// Whether a stored record can be understood. Throws StorageFault, which says what is wrong.
void check_record(std::string_view key, std::string_view value);

}  // namespace bodega::identity
