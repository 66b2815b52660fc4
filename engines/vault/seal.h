// Secret bytes: wiped when they are no longer needed, and sealed with AES-256-GCM where they are
// stored or handed out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bodega::vault {

inline constexpr std::size_t kSealKeyBytes = 32;
// What seal() adds to the plaintext: the nonce in front, the tag behind.
inline constexpr std::size_t kSealNonceBytes = 12;
inline constexpr std::size_t kSealTagBytes = 16;

// Bytes that are overwritten when their owner goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  Secret(const Secret&) = default;
  // By swapping: a moved short string would leave its bytes behind.
  Secret(Secret&& other) noexcept { bytes_.swap(other.bytes_); }
  Secret& operator=(Secret other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
  }
  ~Secret();

  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// nonce | ciphertext | tag. `context` is authenticated and not stored: it has to be the same when
// the box is opened. REQUIRES: the key has kSealKeyBytes.
std::string seal(std::string_view key, std::string_view context, std::string_view plaintext);

// Returns nullopt when a bit of key, context or box differs from what was sealed.
std::optional<Secret> unseal(std::string_view key, std::string_view context, std::string_view box);

}  // namespace bodega::vault
