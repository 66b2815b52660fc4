// KeyPair: an RSA or elliptic key and what can be done with it, all by OpenSSL. Keys travel as DER:
// the private one as PKCS#8, the public one as SubjectPublicKeyInfo.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/vault/model.h"
#include "engines/vault/seal.h"

namespace bodega::vault {

enum class Padding : std::uint8_t { kPkcs1, kPss, kEcdsa };
enum class Hash : std::uint8_t { kSha1, kSha224, kSha256, kSha384, kSha512 };

struct SigningScheme {
  Padding padding;
  Hash hash;
};

std::size_t hash_size(Hash hash);

// The hash of a message, e.g. the 32 bytes of SHA-256.
std::string hash_of(Hash hash, std::string_view message);

std::string hmac(Hash hash, std::string_view key, std::string_view message);

class KeyPair {
 public:
  // A new key. REQUIRES: the spec is of RSA or an elliptic curve.
  static KeyPair generate(KeySpec spec);
  // Returns nullopt when the bytes are no PKCS#8 key.
  static std::optional<KeyPair> from_private_der(std::string_view der);

  KeyPair(KeyPair&&) noexcept;
  KeyPair& operator=(KeyPair&&) noexcept;
  ~KeyPair();

  Secret private_der() const;
  std::string public_der() const;

  // Of a digest that was made with the scheme's hash. ECDSA signatures are DER. REQUIRES: the
  // scheme is one of the key's kind, `digest` has hash_size() bytes.
  std::string sign(const SigningScheme& scheme, std::string_view digest) const;
  bool verify(const SigningScheme& scheme, std::string_view digest,
              std::string_view signature) const;

  // RSAES-OAEP with this hash for both label and mask. REQUIRES: an RSA key; the plaintext has at
  // most oaep_limit() bytes.
  std::string encrypt(Hash hash, std::string_view plaintext) const;
  // Returns nullopt when the ciphertext is none of this key.
  std::optional<Secret> decrypt(Hash hash, std::string_view ciphertext) const;
  // How many bytes encrypt() takes.
  std::size_t oaep_limit(Hash hash) const;

  // ECDH with the other side's public key in DER: the raw x coordinate. Returns nullopt when it is
  // no key on the same curve. REQUIRES: an elliptic key.
  std::optional<Secret> agree(std::string_view peer_public_der) const;

 private:
  struct Impl;
  explicit KeyPair(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::vault
