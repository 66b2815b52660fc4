#include "engines/base/digest.h"

#include <array>

#include "engines/base/bytes.h"
#include "engines/base/random.h"
#include "tests/catch.h"

using namespace bodega;
using base::DigestKind;
using base::to_hex;

namespace {

constexpr std::array kAllKinds = {DigestKind::kMd5,      DigestKind::kSha1,  DigestKind::kSha256,
                                  DigestKind::kSha512,   DigestKind::kCrc32, DigestKind::kCrc32c,
                                  DigestKind::kCrc64Nvme};

}  // namespace

TEST_CASE("digest: the published values of \"abc\" and of nothing") {
  CHECK(to_hex(base::md5("")) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(to_hex(base::md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(to_hex(base::sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(to_hex(base::sha256("")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(base::sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(base::sha512("abc")) ==
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  CHECK(to_hex(base::digest(DigestKind::kCrc32, "123456789")) == "cbf43926");
  CHECK(to_hex(base::digest(DigestKind::kCrc32c, "123456789")) == "e3069283");
  CHECK(to_hex(base::digest(DigestKind::kCrc64Nvme, "123456789")) == "ae8b14860a799888");
}

TEST_CASE("hmac: RFC 4231 and RFC 2202") {
  CHECK(to_hex(base::hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(to_hex(base::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(base::hmac_sha256(std::string(131, '\xaa'),
                                 "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(to_hex(base::hmac_sha1("Jefe", "what do ya want for nothing?")) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST_CASE("digest: a stream in random pieces equals the bytes in one go") {
  base::seed_random_for_test(3);
  for (int round = 0; round < 60; ++round) {
    std::string bytes(base::random_below(4000), '\0');
    for (char& byte : bytes) byte = static_cast<char>(base::random_u64());
    for (const DigestKind kind : kAllKinds) {
      base::Digest stream(kind);
      std::string_view rest = bytes;
      while (!rest.empty()) {
        const std::string_view piece = rest.substr(0, base::random_below(rest.size()) + 1);
        stream.update(piece);
        rest.remove_prefix(piece.size());
      }
      const std::string value = stream.finish();
      REQUIRE(value == base::digest(kind, bytes));
      REQUIRE(value.size() == base::digest_size(kind));
    }
  }
}

TEST_CASE("digest: a stream moved half-way goes on where it was") {
  base::Digest first(DigestKind::kSha256);
  first.update("a");
  base::Digest second = std::move(first);
  second.update("bc");
  CHECK(second.finish() == base::sha256("abc"));
}

TEST_CASE("combine_crc: raw digests of two parts give the digest of the whole") {
  for (const DigestKind kind : {DigestKind::kCrc32, DigestKind::kCrc32c, DigestKind::kCrc64Nvme}) {
    CHECK(base::combine_crc(kind, base::digest(kind, "12345"), base::digest(kind, "6789"), 4) ==
          base::digest(kind, "123456789"));
    CHECK(base::combine_crc(kind, base::digest(kind, "12345"), base::digest(kind, ""), 0) ==
          base::digest(kind, "12345"));
  }
}

TEST_CASE("equal_in_constant_time: compares lengths and bytes") {
  CHECK(base::equal_in_constant_time("abc", "abc"));
  CHECK(base::equal_in_constant_time("", ""));
  CHECK_FALSE(base::equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(base::equal_in_constant_time("abc", "ab"));
}
