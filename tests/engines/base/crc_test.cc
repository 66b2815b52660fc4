#include "engines/base/crc.h"

#include <zlib.h>

#include <algorithm>
#include <string>

#include "engines/base/random.h"
#include "tests/catch.h"

using namespace bodega;

namespace {

constexpr std::string_view kCheck = "123456789";

// The definition, bit by bit: what every faster way has to equal.
template <class Word>
Word bitwise(Word generator, std::string_view bytes) {
  Word state = static_cast<Word>(~Word{0});
  for (const char byte : bytes) {
    state ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      state = (state & 1) != 0 ? (state >> 1) ^ generator : state >> 1;
    }
  }
  return static_cast<Word>(~state);
}

std::uint32_t bitwise_crc32(std::string_view bytes) {
  return bitwise<std::uint32_t>(0xedb88320, bytes);
}
std::uint32_t bitwise_crc32c(std::string_view bytes) {
  return bitwise<std::uint32_t>(0x82f63b78, bytes);
}
std::uint64_t bitwise_crc64(std::string_view bytes) {
  return bitwise<std::uint64_t>(0x9a6c9329ac4bc9b5, bytes);
}

std::string random_bytes(std::size_t length) {
  std::string bytes(length, '\0');
  for (char& byte : bytes) byte = static_cast<char>(base::random_u64());
  return bytes;
}

}  // namespace

TEST_CASE("crc: the published check values") {
  CHECK(base::crc32(kCheck) == 0xcbf43926);
  CHECK(base::crc32c(kCheck) == 0xe3069283);
  CHECK(base::crc64nvme(kCheck) == 0xae8b14860a799888);
  CHECK(base::portable::crc32(kCheck) == 0xcbf43926);
  CHECK(base::portable::crc32c(kCheck) == 0xe3069283);
  CHECK(base::portable::crc64nvme(kCheck) == 0xae8b14860a799888);
  CHECK(base::crc64redis(kCheck) == 0xe9c6d914c4b8d9ca);
  CHECK(base::portable::crc64redis(kCheck) == 0xe9c6d914c4b8d9ca);
  CHECK(base::crc32("") == 0);
  CHECK(base::crc32c("") == 0);
  CHECK(base::crc64nvme("") == 0);
  CHECK(base::crc64redis("") == 0);
}

TEST_CASE("crc: that of Redis is the same by tables, by folding and in parts") {
  const std::string bytes = random_bytes(1000);
  for (const std::size_t length : {0u, 1u, 15u, 127u, 128u, 129u, 500u, 1000u}) {
    const std::string_view part = std::string_view(bytes).substr(0, length);
    CHECK(base::crc64redis(part) == base::portable::crc64redis(part));
    const std::uint64_t first = base::crc64redis(part.substr(0, length / 3));
    CHECK(base::crc64redis(part.substr(length / 3), first) == base::crc64redis(part));
  }
}

TEST_CASE("crc: the NVMe specification's test patterns of 4 KiB") {
  std::string rising(4096, '\0');
  std::string falling(4096, '\0');
  for (std::size_t i = 0; i < 4096; ++i) {
    rising[i] = static_cast<char>(i);
    falling[i] = static_cast<char>(~i);
  }
  CHECK(base::crc64nvme(std::string(4096, '\0')) == 0x6482d367eb22b64e);
  CHECK(base::crc64nvme(std::string(4096, '\xff')) == 0xc0ddba7302eca3ac);
  CHECK(base::crc64nvme(rising) == 0x3e729f5f6750449c);
  CHECK(base::crc64nvme(falling) == 0x9a2df64b8e9e517e);
}

TEST_CASE("crc: RFC 3720's patterns for CRC-32C") {
  std::string rising(32, '\0');
  for (std::size_t i = 0; i < 32; ++i) rising[i] = static_cast<char>(i);
  CHECK(base::crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(base::crc32c(std::string(32, '\xff')) == 0x62a8ab43);
  CHECK(base::crc32c(rising) == 0x46dd794e);
}

TEST_CASE("crc: every length to 700 equals the bitwise definition, at every alignment") {
  base::seed_random_for_test(7);
  const std::string bytes = random_bytes(800);
  for (std::size_t length = 0; length <= 700; ++length) {
    const std::string_view part = std::string_view(bytes).substr(length % 17, length);
    REQUIRE(base::crc32(part) == bitwise_crc32(part));
    REQUIRE(base::crc32c(part) == bitwise_crc32c(part));
    REQUIRE(base::crc64nvme(part) == bitwise_crc64(part));
    REQUIRE(base::portable::crc32(part) == bitwise_crc32(part));
    REQUIRE(base::portable::crc32c(part) == bitwise_crc32c(part));
    REQUIRE(base::portable::crc64nvme(part) == bitwise_crc64(part));
  }
}

TEST_CASE("crc: random splits chain and combine to the value of the whole") {
  base::seed_random_for_test(11);
  for (int round = 0; round < 300; ++round) {
    const std::string bytes = random_bytes(base::random_below(5000));
    const std::string_view whole = bytes;
    const std::size_t at = base::random_below(bytes.size() + 1);
    const std::string_view first = whole.substr(0, at);
    const std::string_view second = whole.substr(at);
    REQUIRE(base::crc32(whole) == bitwise_crc32(whole));
    REQUIRE(base::crc32(second, base::crc32(first)) == base::crc32(whole));
    REQUIRE(base::crc32c(second, base::crc32c(first)) == base::crc32c(whole));
    REQUIRE(base::crc64nvme(second, base::crc64nvme(first)) == base::crc64nvme(whole));
    REQUIRE(base::crc32_combine(base::crc32(first), base::crc32(second), second.size()) ==
            base::crc32(whole));
    REQUIRE(base::crc32c_combine(base::crc32c(first), base::crc32c(second), second.size()) ==
            base::crc32c(whole));
    REQUIRE(base::crc64nvme_combine(base::crc64nvme(first), base::crc64nvme(second),
                                    second.size()) == base::crc64nvme(whole));
  }
}

TEST_CASE("crc: combining over lengths beyond 4 GiB agrees with zlib and with itself in steps") {
  const std::uint32_t a = 0x12345678;
  const std::uint32_t b = 0x9abcdef0;
  constexpr std::uint64_t kLength = 5'000'000'000;
  CHECK(base::crc32_combine(a, b, kLength) == crc32_combine64(a, b, kLength));
  // Behind `a` come two runs of bytes; it must not matter which two are put together first.
  const std::uint64_t c = 0x0123456789abcdef;
  CHECK(base::crc64nvme_combine(base::crc64nvme_combine(c, 1, kLength), 2, kLength) ==
        base::crc64nvme_combine(c, base::crc64nvme_combine(1, 2, kLength), 2 * kLength));
}
