// Ciphertexts of symmetric keys, codes, and key pairs of the vault.
#include "tests/engines/vault/fixture.h"

using namespace bodega;
using namespace bodega::vault;
using testing::Fixture;

TEST_CASE("Vault: a ciphertext names its key and material, and opens with the same context") {
  Fixture test;
  const Key key = test.create();
  const Fields context{{"a", "1"}, {"b", "2"}};
  const std::string ciphertext = test.engine->encrypt(key, "text", context);
  const auto facts = Engine::read_ciphertext(ciphertext);
  REQUIRE(facts);
  CHECK(facts->key_id == key.id);
  CHECK(facts->material_id == key.materials[0].id);
  CHECK(test.decrypt(key, ciphertext, context) == "text");
  CHECK(test.decrypt(key, ciphertext) == "(none)");
  CHECK(test.decrypt(key, ciphertext, {{"a", "1"}}) == "(none)");
  CHECK(test.decrypt(key, ciphertext, {{"a", "2"}, {"b", "1"}}) == "(none)");
}

TEST_CASE("Vault: pairs of a context cannot be moved across their borders") {
  Fixture test;
  const Key key = test.create();
  const std::string ciphertext = test.engine->encrypt(key, "text", {{"ab", "c"}});
  CHECK(test.decrypt(key, ciphertext, {{"a", "bc"}}) == "(none)");
  CHECK(test.decrypt(key, ciphertext, {{"abc", ""}}) == "(none)");
}

TEST_CASE("Vault: a ciphertext that was changed anywhere does not open") {
  Fixture test;
  const Key key = test.create();
  const std::string ciphertext = test.engine->encrypt(key, "text", {});
  for (std::size_t i = 0; i < ciphertext.size(); ++i) {
    std::string changed = ciphertext;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(test.decrypt(key, changed) == "(none)");
    CHECK(test.decrypt(key, ciphertext.substr(0, i)) == "(none)");
  }
  CHECK(test.decrypt(key, ciphertext + "x") == "(none)");
}

TEST_CASE("Vault: another key does not open a ciphertext") {
  Fixture test;
  const Key key = test.create();
  const std::string ciphertext = test.engine->encrypt(key, "text", {});
  CHECK(test.decrypt(test.create(), ciphertext) == "(none)");
}

TEST_CASE("Vault: codes differ between keys and specs, and repeat for a key") {
  Fixture test;
  const Key key = test.create(KeySpec::kHmac384, KeyUsage::kMac);
  const std::string code = test.engine->mac(key, "message");
  CHECK(code.size() == 48);
  CHECK(test.engine->mac(key, "message") == code);
  CHECK(test.engine->mac(key, "another") != code);
  CHECK(test.engine->mac(test.create(KeySpec::kHmac384, KeyUsage::kMac), "message") != code);
  CHECK(test.engine->mac(test.create(KeySpec::kHmac224, KeyUsage::kMac), "message").size() == 28);
}

TEST_CASE("Vault: a key pair is the same each time it is asked for") {
  Fixture test;
  const Key key = test.create(KeySpec::kP256, KeyUsage::kSign);
  const SigningScheme scheme{Padding::kEcdsa, Hash::kSha256};
  const std::string digest = hash_of(Hash::kSha256, "message");
  const std::string signature = test.engine->key_pair(key).sign(scheme, digest);
  CHECK(test.engine->key_pair(key).verify(scheme, digest, signature));
}
