// Digests of bytes, whole or as a stream, behind one small face. A digest is raw bytes in a
// std::string; put to_hex or to_base64 (bytes.h) around it for the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engines/base/crc.h"

namespace bodega::base {

// Explicit values: they reach the disk in object records. Never renumber.
enum class DigestKind : std::uint8_t {
  kMd5 = 1,
  kSha1 = 2,
  kSha256 = 3,
  kSha512 = 4,
  kCrc32 = 5,
  kCrc32c = 6,
  kCrc64Nvme = 7,
};

// How many bytes the digest has, e.g. 16 for MD5.
std::size_t digest_size(DigestKind kind);

// Whether it is one of the CRCs, which can be combined and cost next to nothing.
bool is_crc(DigestKind kind);

// A digest that grows with its input. Movable, not thread-safe.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();

  DigestKind kind() const { return kind_; }
  void update(std::string_view bytes);

  // The raw bytes; CRCs are big-endian, as S3 puts them in base64. REQUIRES: called once, and no
  // update after it.
  std::string finish();

 private:
  struct Context;

  DigestKind kind_;
  std::uint64_t crc_ = 0;             // the CRCs keep their value here
  std::unique_ptr<Context> context_;  // the others keep theirs here
};

// The digest of bytes at hand.
std::string digest(DigestKind kind, std::string_view bytes);
std::string md5(std::string_view bytes);
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string sha512(std::string_view bytes);

// RFC 2104. The raw 32 (20) bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);
std::string hmac_sha1(std::string_view key, std::string_view bytes);

// Whether both are equal, in a time that depends only on their lengths: for signatures and secrets.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// The CRC (raw, big-endian) of two runs of bytes behind each other from the raw CRCs of both.
// REQUIRES: is_crc(kind), both have digest_size(kind) bytes.
std::string combine_crc(DigestKind kind, std::string_view first, std::string_view second,
                        std::uint64_t second_length_bytes);

}  // namespace bodega::base
