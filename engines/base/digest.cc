#include "engines/base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <new>

#include "engines/base/bytes.h"
#include "engines/base/check.h"

namespace bodega::base {
namespace {

constexpr std::size_t kMostDigestBytes = 64;

// Looking an algorithm up costs OpenSSL 3 more than hashing a short string, so each is fetched once
// and kept for the life of the process.
const EVP_MD* algorithm(DigestKind kind) {
  switch (kind) {
    case DigestKind::kMd5: {
      static const EVP_MD* const md = EVP_MD_fetch(nullptr, "MD5", nullptr);
      return md;
    }
    case DigestKind::kSha1: {
      static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA1", nullptr);
      return md;
    }
    case DigestKind::kSha256: {
      static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
      return md;
    }
    case DigestKind::kSha512: {
      static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
      return md;
    }
    case DigestKind::kCrc32:
    case DigestKind::kCrc32c:
    case DigestKind::kCrc64Nvme: break;
  }
  return nullptr;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using ContextPointer = std::unique_ptr<EVP_MD_CTX, FreeContext>;

ContextPointer make_context() {
  ContextPointer context(EVP_MD_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

void start(EVP_MD_CTX* context, DigestKind kind) {
  const EVP_MD* md = algorithm(kind);
  BODEGA_CHECK(md != nullptr);
  BODEGA_CHECK(EVP_DigestInit_ex2(context, md, nullptr) == 1);
}

void add(EVP_MD_CTX* context, std::string_view bytes) {
  BODEGA_CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

std::string end(EVP_MD_CTX* context) {
  std::array<unsigned char, kMostDigestBytes> out;
  unsigned length = 0;
  BODEGA_CHECK(EVP_DigestFinal_ex(context, out.data(), &length) == 1);
  return {reinterpret_cast<const char*>(out.data()), length};
}

// One context a thread for what is hashed in one go; signatures hash a dozen short strings a
// request.
EVP_MD_CTX* thread_context() {
  thread_local const ContextPointer context = make_context();
  return context.get();
}

std::string crc_bytes(DigestKind kind, std::uint64_t value) {
  std::string out;
  if (kind == DigestKind::kCrc64Nvme) {
    put_u64(out, value);
  } else {
    put_u32(out, static_cast<std::uint32_t>(value));
  }
  return out;
}

std::uint64_t crc_update(DigestKind kind, std::uint64_t before, std::string_view bytes) {
  if (kind == DigestKind::kCrc64Nvme) return crc64nvme(bytes, before);
  const auto narrow = static_cast<std::uint32_t>(before);
  return kind == DigestKind::kCrc32 ? crc32(bytes, narrow) : crc32c(bytes, narrow);
}

// RFC 2104 over a hash with blocks of 64 bytes, which MD5, SHA-1 and SHA-256 have.
std::string hmac(DigestKind kind, std::string_view key, std::string_view bytes) {
  constexpr std::size_t kBlockBytes = 64;
  std::string shortened;
  if (key.size() > kBlockBytes) {
    shortened = digest(kind, key);
    key = shortened;
  }
  std::array<char, kBlockBytes> inner;
  std::array<char, kBlockBytes> outer;
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    const char byte = i < key.size() ? key[i] : '\0';
    inner[i] = static_cast<char>(byte ^ 0x36);
    outer[i] = static_cast<char>(byte ^ 0x5c);
  }
  EVP_MD_CTX* const context = thread_context();
  start(context, kind);
  add(context, {inner.data(), inner.size()});
  add(context, bytes);
  const std::string inside = end(context);
  start(context, kind);
  add(context, {outer.data(), outer.size()});
  add(context, inside);
  return end(context);
}

}  // namespace

struct Digest::Context {
  ContextPointer evp = make_context();
};

std::size_t digest_size(DigestKind kind) {
  switch (kind) {
    case DigestKind::kMd5: return 16;
    case DigestKind::kSha1: return 20;
    case DigestKind::kSha256: return 32;
    case DigestKind::kSha512: return 64;
    case DigestKind::kCrc32:
    case DigestKind::kCrc32c: return 4;
    case DigestKind::kCrc64Nvme: return 8;
  }
  return 0;
}

bool is_crc(DigestKind kind) {
  return kind == DigestKind::kCrc32 || kind == DigestKind::kCrc32c ||
         kind == DigestKind::kCrc64Nvme;
}

Digest::Digest(DigestKind kind) : kind_(kind) {
  if (is_crc(kind)) return;
  context_ = std::make_unique<Context>();
  start(context_->evp.get(), kind);
}

Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::update(std::string_view bytes) {
  if (context_) {
    add(context_->evp.get(), bytes);
  } else {
    crc_ = crc_update(kind_, crc_, bytes);
  }
}

std::string Digest::finish() {
  return context_ ? end(context_->evp.get()) : crc_bytes(kind_, crc_);
}

std::string digest(DigestKind kind, std::string_view bytes) {
  if (is_crc(kind)) return crc_bytes(kind, crc_update(kind, 0, bytes));
  EVP_MD_CTX* const context = thread_context();
  start(context, kind);
  add(context, bytes);
  return end(context);
}

std::string md5(std::string_view bytes) { return digest(DigestKind::kMd5, bytes); }
std::string sha1(std::string_view bytes) { return digest(DigestKind::kSha1, bytes); }
std::string sha256(std::string_view bytes) { return digest(DigestKind::kSha256, bytes); }
std::string sha512(std::string_view bytes) { return digest(DigestKind::kSha512, bytes); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  return hmac(DigestKind::kSha256, key, bytes);
}
std::string hmac_sha1(std::string_view key, std::string_view bytes) {
  return hmac(DigestKind::kSha1, key, bytes);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string combine_crc(DigestKind kind, std::string_view first, std::string_view second,
                        std::uint64_t second_length_bytes) {
  BODEGA_CHECK(is_crc(kind));
  BODEGA_CHECK(first.size() == digest_size(kind) && second.size() == digest_size(kind));
  if (kind == DigestKind::kCrc64Nvme) {
    return crc_bytes(kind,
                     crc64nvme_combine(read_u64(first), read_u64(second), second_length_bytes));
  }
  const auto together = kind == DigestKind::kCrc32 ? crc32_combine : crc32c_combine;
  return crc_bytes(kind, together(read_u32(first), read_u32(second), second_length_bytes));
}

}  // namespace bodega::base
