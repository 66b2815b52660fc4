#include "engines/vault/key_pair.h"

#include "engines/base/bytes.h"
#include "tests/catch.h"
#include "tests/engines/vault/known_answers.h"

using namespace bodega;
using namespace bodega::vault;
using namespace bodega::vault::testing;

namespace {

std::string bytes_of(std::string_view base64) { return *base::from_base64(base64); }

KeyPair known(std::string_view base64) {
  auto pair = KeyPair::from_private_der(bytes_of(base64));
  REQUIRE(pair);
  return std::move(*pair);
}

constexpr KeySpec kPairs[] = {KeySpec::kRsa2048, KeySpec::kP256, KeySpec::kP384, KeySpec::kP521,
                              KeySpec::kSecp256k1};

}  // namespace

TEST_CASE("HMAC: the answers of RFC 4231, test case 2") {
  const auto hex = [](Hash hash) {
    return base::to_hex(hmac(hash, "Jefe", "what do ya want for nothing?"));
  };
  CHECK(hex(Hash::kSha224) == "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44");
  CHECK(hex(Hash::kSha256) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(
      hex(Hash::kSha384) ==
      "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab2"
      "1649");
  CHECK(
      hex(Hash::kSha512) ==
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0"
      "e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST_CASE("KeyPair: another implementation's keys have the public keys that it says") {
  CHECK(known(kRsaPrivate).public_der() == bytes_of(kRsaPublic));
  CHECK(known(kP256Private).public_der() == bytes_of(kP256Public));
}

TEST_CASE("KeyPair: PKCS1 signatures are the same as another implementation's") {
  const SigningScheme scheme{Padding::kPkcs1, Hash::kSha256};
  const std::string digest = hash_of(Hash::kSha256, kMessage);
  CHECK(known(kRsaPrivate).sign(scheme, digest) == bytes_of(kRsaPkcs1Sha256));
}

TEST_CASE("KeyPair: another implementation's PSS and ECDSA signatures are verified") {
  const SigningScheme pss{Padding::kPss, Hash::kSha384};
  const std::string digest384 = hash_of(Hash::kSha384, kMessage);
  CHECK(known(kRsaPrivate).verify(pss, digest384, bytes_of(kRsaPssSha384)));
  const SigningScheme ecdsa{Padding::kEcdsa, Hash::kSha256};
  const std::string digest256 = hash_of(Hash::kSha256, kMessage);
  CHECK(known(kP256Private).verify(ecdsa, digest256, bytes_of(kP256EcdsaSha256)));
}

TEST_CASE("KeyPair: another implementation's OAEP ciphertexts are decrypted") {
  const KeyPair pair = known(kRsaPrivate);
  const auto sha1 = pair.decrypt(Hash::kSha1, bytes_of(kRsaOaepSha1));
  REQUIRE(sha1);
  CHECK(sha1->bytes() == kMessage);
  const auto sha256 = pair.decrypt(Hash::kSha256, bytes_of(kRsaOaepSha256));
  REQUIRE(sha256);
  CHECK(sha256->bytes() == kMessage);
  CHECK_FALSE(pair.decrypt(Hash::kSha1, bytes_of(kRsaOaepSha256)));
  CHECK_FALSE(pair.decrypt(Hash::kSha1, "short"));
}

TEST_CASE("KeyPair: the shared secret is the one another implementation finds") {
  const KeyPair pair = known(kP256Private);
  const auto shared = pair.agree(bytes_of(kPeerPublic));
  REQUIRE(shared);
  CHECK(shared->bytes() == bytes_of(kShared));
  CHECK_FALSE(pair.agree(bytes_of(kRsaPublic)));
  CHECK_FALSE(pair.agree(KeyPair::generate(KeySpec::kP384).public_der()));
  CHECK_FALSE(pair.agree("no key"));
}

TEST_CASE("KeyPair: every kind signs, and verifies only what it signed") {
  for (const KeySpec spec : kPairs) {
    const KeyPair pair = KeyPair::generate(spec);
    const bool rsa = spec == KeySpec::kRsa2048;
    const SigningScheme scheme{rsa ? Padding::kPss : Padding::kEcdsa, Hash::kSha512};
    const std::string digest = hash_of(Hash::kSha512, "message");
    std::string signature = pair.sign(scheme, digest);
    CHECK(pair.verify(scheme, digest, signature));
    CHECK_FALSE(pair.verify(scheme, hash_of(Hash::kSha512, "another"), signature));
    CHECK_FALSE(KeyPair::generate(spec).verify(scheme, digest, signature));
    CHECK_FALSE(pair.verify(scheme, digest, "no signature"));
    signature.back() = static_cast<char>(signature.back() ^ 1);
    CHECK_FALSE(pair.verify(scheme, digest, signature));
  }
}

TEST_CASE("KeyPair: a private key comes back from its bytes") {
  for (const KeySpec spec : kPairs) {
    const KeyPair pair = KeyPair::generate(spec);
    const auto again = KeyPair::from_private_der(pair.private_der().bytes());
    REQUIRE(again);
    CHECK(again->public_der() == pair.public_der());
  }
  CHECK_FALSE(KeyPair::from_private_der("no key"));
}

TEST_CASE("KeyPair: OAEP takes as much as the key's size leaves") {
  const KeyPair pair = KeyPair::generate(KeySpec::kRsa2048);
  CHECK(pair.oaep_limit(Hash::kSha1) == 214);
  CHECK(pair.oaep_limit(Hash::kSha256) == 190);
  const std::string longest(190, 'x');
  const auto opened = pair.decrypt(Hash::kSha256, pair.encrypt(Hash::kSha256, longest));
  REQUIRE(opened);
  CHECK(opened->bytes() == longest);
}
