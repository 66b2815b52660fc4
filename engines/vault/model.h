// What the vault stores: keys, their aliases and grants, and the outcomes that are not success.
// Plain values. What is asked of the engine, and its pages, are in requests.h. Key material is no
// part of a key's record and never leaves the engine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/result.h"

namespace bodega::vault {

inline constexpr std::int64_t kDayUs = std::int64_t{24} * 60 * 60 * 1'000'000;
// Rotations on demand, over the life of a key (the service's own limit).
inline constexpr std::size_t kMaxOnDemandRotations = 25;
inline constexpr std::uint32_t kDefaultRotationPeriodDays = 365;

using base::Fields;

// Where keys live: nothing of one account and region is seen from another.
struct Place {
  std::string account;
  std::string region;

  friend bool operator==(const Place&, const Place&) = default;
};

// On disk as these numbers.
enum class KeySpec : std::uint8_t {
  kSymmetric = 1,  // AES-256-GCM
  kRsa2048 = 2,
  kRsa3072 = 3,
  kRsa4096 = 4,
  kP256 = 5,
  kP384 = 6,
  kP521 = 7,
  kSecp256k1 = 8,
  kHmac224 = 9,
  kHmac256 = 10,
  kHmac384 = 11,
  kHmac512 = 12,
};

// On disk as these numbers.
enum class KeyUsage : std::uint8_t { kEncrypt = 1, kSign = 2, kMac = 3, kAgree = 4 };
enum class KeyState : std::uint8_t { kEnabled = 1, kDisabled = 2, kPendingDeletion = 3 };
// The account's owner, or the service for which the key was made (alias/aws/…).
enum class KeyManager : std::uint8_t { kCustomer = 1, kService = 2 };
enum class RotationKind : std::uint8_t { kFirst = 0, kAutomatic = 1, kOnDemand = 2 };

// One generation of what a key encrypts with.
struct Material {
  std::string id;  // 64 hex digits
  std::int64_t created_us = 0;
  RotationKind rotation = RotationKind::kFirst;
};

struct Rotation {
  std::uint32_t period_days = kDefaultRotationPeriodDays;
  std::int64_t next_us = 0;  // 0: not rotated automatically
};

struct Key {
  Place place;
  std::string id;  // a UUID
  KeySpec spec = KeySpec::kSymmetric;
  KeyUsage usage = KeyUsage::kEncrypt;
  KeyManager manager = KeyManager::kCustomer;
  KeyState state = KeyState::kEnabled;
  std::int64_t created_us = 0;
  std::int64_t deletion_us = 0;  // kPendingDeletion: when it takes effect
  std::string description;
  std::string policy;  // as the protocol gave it; empty: the default policy
  Fields tags;
  Rotation rotation;
  std::vector<Material> materials;  // in the order of their creation; the last one encrypts
};

struct Alias {
  std::string name;  // with its prefix: "alias/…"
  std::string key_id;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
};

struct Grant {
  std::string id;  // 64 hex digits; given by the engine
  std::string key_id;
  std::string name;  // empty: none
  std::string grantee;
  std::string retiring;         // empty: none
  std::string grantee_service;  // these two are services, where the two above are principals
  std::string retiring_service;
  std::string issuer;  // account
  std::vector<std::string> operations;
  Fields context_subset;  // what the encryption context of a request has to contain
  Fields context_equals;  // what it has to be
  std::string source_arn;
  std::int64_t created_us = 0;
};

enum class Outcome : std::uint8_t {
  kNoSuchKey,
  kNoSuchAlias,
  kAliasExists,
  kNoSuchGrant,
};

template <class T>
using Result = base::Result<T, Outcome>;

}  // namespace bodega::vault
