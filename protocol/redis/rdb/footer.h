// The footer of a DUMP payload: the version of the format and a checksum of all before it.
//
//   body | version, 2 bytes little-endian | CRC-64/REDIS of body and version, 8 bytes little-endian
//
// DUMP and FUNCTION DUMP put it behind what they serialise; RESTORE, FUNCTION RESTORE and MIGRATE
// check it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bodega::redis {

// Versions of the format: what redis-server 7.0 writes, what 7.2 and Valkey 8 do, and what 7.4
// does, which is the newest that is read.
inline constexpr unsigned kRdbVersion70 = 10;
inline constexpr unsigned kRdbVersion72 = 11;
inline constexpr unsigned kNewestRdbVersion = 12;

// Appends the footer to `payload`, which holds the body.
void put_footer(std::string& payload, unsigned version);

// The body in front of the footer; absent when the checksum is wrong or the version newer than
// kNewestRdbVersion, which Redis answers with "DUMP payload version or checksum are wrong".
std::optional<std::string_view> checked_body(std::string_view payload);

}  // namespace bodega::redis
