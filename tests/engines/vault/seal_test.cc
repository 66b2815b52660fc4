#include "engines/vault/seal.h"

#include "engines/base/bytes.h"
#include "engines/base/random.h"
#include "tests/catch.h"

using namespace bodega;
using namespace bodega::vault;

namespace {

// Key 00 01 … 1f, nonce 00 01 … 0b: what the Python package cryptography makes of "plaintext".
constexpr std::string_view kKnownBox =
    "000102030405060708090a0b376eb772ab91a763f90ea7045d203c3cd9702e370de705f0b9";

std::string known_key() {
  std::string key;
  for (char byte = 0; byte < 32; ++byte) key.push_back(byte);
  return key;
}

}  // namespace

TEST_CASE("seal: what was sealed is opened with the same key and context") {
  const std::string key = base::secret_bytes(kSealKeyBytes);
  for (const std::size_t size : {0, 1, 15, 16, 17, 4096}) {
    const std::string plaintext = base::secret_bytes(size);
    const std::string box = seal(key, "context", plaintext);
    REQUIRE(box.size() == size + kSealNonceBytes + kSealTagBytes);
    const auto opened = unseal(key, "context", box);
    REQUIRE(opened);
    REQUIRE(opened->bytes() == plaintext);
  }
}

TEST_CASE("seal: another implementation's AES-256-GCM is opened") {
  const auto opened = unseal(known_key(), "context", *base::from_hex(kKnownBox));
  REQUIRE(opened);
  CHECK(opened->bytes() == "plaintext");
}

TEST_CASE("seal: any change of a bit, of the context or of the key closes the box") {
  const std::string key = base::secret_bytes(kSealKeyBytes);
  const std::string box = seal(key, "context", "plaintext");
  for (std::size_t i = 0; i < box.size(); ++i) {
    std::string changed = box;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(unseal(key, "context", changed));
  }
  CHECK_FALSE(unseal(key, "contexT", box));
  CHECK_FALSE(unseal(base::secret_bytes(kSealKeyBytes), "context", box));
  CHECK_FALSE(unseal(key.substr(1), "context", box));
  for (std::size_t length = 0; length < box.size(); ++length) {
    CHECK_FALSE(unseal(key, "context", box.substr(0, length)));
  }
  CHECK_FALSE(unseal(key, "context", box + '\0'));
}

TEST_CASE("seal: the same text gives another box each time") {
  const std::string key = base::secret_bytes(kSealKeyBytes);
  CHECK(seal(key, "", "text") != seal(key, "", "text"));
}

TEST_CASE("Secret: a moved secret is in one place only") {
  Secret first("short");
  const Secret second(std::move(first));
  CHECK(second.bytes() == "short");
  CHECK(first.bytes().empty());  // NOLINT: that is what is tested
}
