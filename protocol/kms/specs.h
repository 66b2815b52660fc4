// What kinds of keys there are, under the wire's names: the spec, its usages, its algorithms.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engines/vault/key_pair.h"
#include "engines/vault/model.h"

namespace bodega::kms {

using Names = std::span<const std::string_view>;

struct SpecRow {
  vault::KeySpec spec;
  std::string_view name;
  Names encryption = {};  // EncryptionAlgorithms; none: not for ENCRYPT_DECRYPT
  Names signing = {};     // SigningAlgorithms; none: not for SIGN_VERIFY
  Names mac = {};         // MacAlgorithms; none: not for GENERATE_VERIFY_MAC
  Names agreement = {};   // KeyAgreementAlgorithms; none: not for KEY_AGREEMENT
};

const SpecRow& spec_row(vault::KeySpec spec);
// Null for a name that is no spec here.
const SpecRow* find_spec(std::string_view name);

// The algorithms of the spec for one usage.
Names algorithms(const SpecRow& row, vault::KeyUsage usage);
bool contains(Names names, std::string_view name);

std::string_view usage_name(vault::KeyUsage usage);
std::optional<vault::KeyUsage> find_usage(std::string_view name);

std::string_view state_name(vault::KeyState state);

// REQUIRES for both: a name that a spec lists.
vault::SigningScheme signing_scheme(std::string_view algorithm);
vault::Hash oaep_hash(std::string_view algorithm);

inline constexpr std::string_view kSymmetricDefault = "SYMMETRIC_DEFAULT";

}  // namespace bodega::kms
