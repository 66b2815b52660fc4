// What is asked of the vault, and what it answers with: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/vault/model.h"

namespace bodega::vault {

struct NewKey {
  Place place;
  KeySpec spec = KeySpec::kSymmetric;
  KeyUsage usage = KeyUsage::kEncrypt;
  std::string description;
  std::string policy;
  Fields tags;
};

// A part of a list. `after` is where the next part continues; empty: this was the last one.
template <class Element>
struct Page {
  std::vector<Element> elements;
  std::string after;
};

struct PageRequest {
  std::string after;  // from a page before; empty: from the start
  std::size_t limit = 0;
};

// Which grants are listed: those that agree with all that is not empty.
struct GrantFilter {
  std::string id;
  std::string grantee;
  std::string grantee_service;
  std::string retiring;
  std::string retiring_service;
};

struct Granted {
  std::string grant_id;
  std::string token;
};

// What a token of CreateGrant stands for.
struct GrantReference {
  std::string key_id;
  std::string grant_id;
};

// What a ciphertext of a symmetric key says of itself, unverified.
struct CiphertextFacts {
  std::string key_id;
  std::string material_id;
};

}  // namespace bodega::vault
