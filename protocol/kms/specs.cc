#include "protocol/kms/specs.h"

#include <algorithm>
#include <array>

#include "engines/base/check.h"

namespace bodega::kms {
namespace {

using std::string_view;
using vault::Hash;
using vault::KeySpec;
using vault::KeyUsage;
using vault::Padding;

constexpr std::array<string_view, 1> kSymmetricAlgorithm{kSymmetricDefault};
constexpr std::array<string_view, 2> kOaep{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"};
constexpr std::array<string_view, 6> kRsaSignatures{
    "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",        "RSASSA_PSS_SHA_384",        "RSASSA_PSS_SHA_512"};
constexpr std::array<string_view, 1> kEcdsa256{"ECDSA_SHA_256"};
constexpr std::array<string_view, 1> kEcdsa384{"ECDSA_SHA_384"};
constexpr std::array<string_view, 1> kEcdsa512{"ECDSA_SHA_512"};
constexpr std::array<string_view, 1> kEcdh{"ECDH"};
constexpr std::array<string_view, 1> kMac224{"HMAC_SHA_224"};
constexpr std::array<string_view, 1> kMac256{"HMAC_SHA_256"};
constexpr std::array<string_view, 1> kMac384{"HMAC_SHA_384"};
constexpr std::array<string_view, 1> kMac512{"HMAC_SHA_512"};

constexpr std::array kSpecs{
    SpecRow{KeySpec::kSymmetric, kSymmetricDefault, kSymmetricAlgorithm},
    SpecRow{KeySpec::kRsa2048, "RSA_2048", kOaep, kRsaSignatures},
    SpecRow{KeySpec::kRsa3072, "RSA_3072", kOaep, kRsaSignatures},
    SpecRow{KeySpec::kRsa4096, "RSA_4096", kOaep, kRsaSignatures},
    SpecRow{KeySpec::kP256, "ECC_NIST_P256", {}, kEcdsa256, {}, kEcdh},
    SpecRow{KeySpec::kP384, "ECC_NIST_P384", {}, kEcdsa384, {}, kEcdh},
    SpecRow{KeySpec::kP521, "ECC_NIST_P521", {}, kEcdsa512, {}, kEcdh},
    SpecRow{KeySpec::kSecp256k1, "ECC_SECG_P256K1", {}, kEcdsa256},
    SpecRow{KeySpec::kHmac224, "HMAC_224", {}, {}, kMac224},
    SpecRow{KeySpec::kHmac256, "HMAC_256", {}, {}, kMac256},
    SpecRow{KeySpec::kHmac384, "HMAC_384", {}, {}, kMac384},
    SpecRow{KeySpec::kHmac512, "HMAC_512", {}, {}, kMac512},
};

struct SchemeRow {
  string_view name;
  vault::SigningScheme scheme;
};

constexpr std::array kSchemes{
    SchemeRow{"RSASSA_PKCS1_V1_5_SHA_256", {Padding::kPkcs1, Hash::kSha256}},
    SchemeRow{"RSASSA_PKCS1_V1_5_SHA_384", {Padding::kPkcs1, Hash::kSha384}},
    SchemeRow{"RSASSA_PKCS1_V1_5_SHA_512", {Padding::kPkcs1, Hash::kSha512}},
    SchemeRow{"RSASSA_PSS_SHA_256", {Padding::kPss, Hash::kSha256}},
    SchemeRow{"RSASSA_PSS_SHA_384", {Padding::kPss, Hash::kSha384}},
    SchemeRow{"RSASSA_PSS_SHA_512", {Padding::kPss, Hash::kSha512}},
    SchemeRow{"ECDSA_SHA_256", {Padding::kEcdsa, Hash::kSha256}},
    SchemeRow{"ECDSA_SHA_384", {Padding::kEcdsa, Hash::kSha384}},
    SchemeRow{"ECDSA_SHA_512", {Padding::kEcdsa, Hash::kSha512}},
};

}  // namespace

const SpecRow& spec_row(KeySpec spec) {
  const auto found = std::find_if(kSpecs.begin(), kSpecs.end(),
                                  [spec](const SpecRow& row) { return row.spec == spec; });
  BODEGA_CHECK(found != kSpecs.end());
  return *found;
}

const SpecRow* find_spec(string_view name) {
  const auto found = std::find_if(kSpecs.begin(), kSpecs.end(),
                                  [name](const SpecRow& row) { return row.name == name; });
  return found == kSpecs.end() ? nullptr : &*found;
}

Names algorithms(const SpecRow& row, KeyUsage usage) {
  switch (usage) {
    case KeyUsage::kEncrypt: return row.encryption;
    case KeyUsage::kSign: return row.signing;
    case KeyUsage::kMac: return row.mac;
    case KeyUsage::kAgree: return row.agreement;
  }
  return {};
}

bool contains(Names names, string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

string_view usage_name(KeyUsage usage) {
  switch (usage) {
    case KeyUsage::kEncrypt: return "ENCRYPT_DECRYPT";
    case KeyUsage::kSign: return "SIGN_VERIFY";
    case KeyUsage::kMac: return "GENERATE_VERIFY_MAC";
    case KeyUsage::kAgree: return "KEY_AGREEMENT";
  }
  return "";
}

std::optional<KeyUsage> find_usage(string_view name) {
  for (const KeyUsage usage :
       {KeyUsage::kEncrypt, KeyUsage::kSign, KeyUsage::kMac, KeyUsage::kAgree}) {
    if (usage_name(usage) == name) return usage;
  }
  return std::nullopt;
}

string_view state_name(vault::KeyState state) {
  switch (state) {
    case vault::KeyState::kEnabled: return "Enabled";
    case vault::KeyState::kDisabled: return "Disabled";
    case vault::KeyState::kPendingDeletion: return "PendingDeletion";
  }
  return "";
}

vault::SigningScheme signing_scheme(string_view algorithm) {
  const auto found = std::find_if(kSchemes.begin(), kSchemes.end(),
                                  [&](const SchemeRow& row) { return row.name == algorithm; });
  BODEGA_CHECK(found != kSchemes.end());
  return found->scheme;
}

Hash oaep_hash(string_view algorithm) {
  BODEGA_CHECK(contains(kOaep, algorithm));
  return algorithm == kOaep[0] ? Hash::kSha1 : Hash::kSha256;
}

}  // namespace bodega::kms
