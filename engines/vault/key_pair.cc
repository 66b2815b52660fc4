#include "engines/vault/key_pair.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>

#include "engines/base/check.h"

namespace bodega::vault {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(PKCS8_PRIV_KEY_INFO* info) const { PKCS8_PRIV_KEY_INFO_free(info); }
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* data_of(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

const EVP_MD* md_of(Hash hash) {
  switch (hash) {
    case Hash::kSha1: return EVP_sha1();
    case Hash::kSha224: return EVP_sha224();
    case Hash::kSha256: return EVP_sha256();
    case Hash::kSha384: return EVP_sha384();
    case Hash::kSha512: return EVP_sha512();
  }
  return nullptr;
}

EVP_PKEY* new_key(KeySpec spec) {
  const auto rsa = [](std::size_t bits) {
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits);
  };
  const auto elliptic = [](const char* curve) {
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve);
  };
  switch (spec) {
    case KeySpec::kRsa2048: return rsa(2048);
    case KeySpec::kRsa3072: return rsa(3072);
    case KeySpec::kRsa4096: return rsa(4096);
    case KeySpec::kP256: return elliptic("P-256");
    case KeySpec::kP384: return elliptic("P-384");
    case KeySpec::kP521: return elliptic("P-521");
    case KeySpec::kSecp256k1: return elliptic("secp256k1");
    case KeySpec::kSymmetric:
    case KeySpec::kHmac224:
    case KeySpec::kHmac256:
    case KeySpec::kHmac384:
    case KeySpec::kHmac512: break;
  }
  return nullptr;
}

// What an operation that may fail for its input leaves in OpenSSL's queue is of no use to the next.
bool succeeded(int result) {
  if (result == 1) return true;
  ERR_clear_error();
  return false;
}

// The bytes that one of OpenSSL's i2d functions gives.
template <class T>
std::string der_of(const T* value, int (*encode)(const T*, unsigned char**)) {
  unsigned char* start = nullptr;
  const int length = encode(value, &start);
  BODEGA_CHECK(length > 0);
  const Owned<unsigned char> owned(start);
  std::string der(reinterpret_cast<const char*>(start), static_cast<std::size_t>(length));
  OPENSSL_cleanse(start, static_cast<std::size_t>(length));
  return der;
}

}  // namespace

std::size_t hash_size(Hash hash) { return static_cast<std::size_t>(EVP_MD_get_size(md_of(hash))); }

std::string hash_of(Hash hash, std::string_view message) {
  std::string digest(hash_size(hash), '\0');
  BODEGA_CHECK(EVP_Digest(message.data(), message.size(), data_of(digest), nullptr, md_of(hash),
                          nullptr) == 1);
  return digest;
}

std::string hmac(Hash hash, std::string_view key, std::string_view message) {
  std::string mac(hash_size(hash), '\0');
  BODEGA_CHECK(HMAC(md_of(hash), key.data(), static_cast<int>(key.size()), data_of(message),
                    message.size(), data_of(mac), nullptr) != nullptr);
  return mac;
}

struct KeyPair::Impl {
  Owned<EVP_PKEY> key;

  Owned<EVP_PKEY_CTX> context() const {
    Owned<EVP_PKEY_CTX> made(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    BODEGA_CHECK(made != nullptr);
    return made;
  }
};

namespace {

void set_scheme(EVP_PKEY_CTX* context, const SigningScheme& scheme) {
  if (scheme.padding == Padding::kPkcs1) {
    BODEGA_CHECK(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1);
  } else if (scheme.padding == Padding::kPss) {
    BODEGA_CHECK(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1);
    BODEGA_CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  BODEGA_CHECK(EVP_PKEY_CTX_set_signature_md(context, md_of(scheme.hash)) == 1);
}

void set_oaep(EVP_PKEY_CTX* context, Hash hash) {
  BODEGA_CHECK(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1);
  BODEGA_CHECK(EVP_PKEY_CTX_set_rsa_oaep_md(context, md_of(hash)) == 1);
  BODEGA_CHECK(EVP_PKEY_CTX_set_rsa_mgf1_md(context, md_of(hash)) == 1);
}

}  // namespace

KeyPair::KeyPair(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeyPair::KeyPair(KeyPair&&) noexcept = default;
KeyPair& KeyPair::operator=(KeyPair&&) noexcept = default;
KeyPair::~KeyPair() = default;

KeyPair KeyPair::generate(KeySpec spec) {
  auto impl = std::make_unique<Impl>();
  impl->key.reset(new_key(spec));
  BODEGA_CHECK(impl->key != nullptr);
  return KeyPair(std::move(impl));
}

std::optional<KeyPair> KeyPair::from_private_der(std::string_view der) {
  const unsigned char* start = data_of(der);
  auto impl = std::make_unique<Impl>();
  impl->key.reset(d2i_AutoPrivateKey(nullptr, &start, static_cast<long>(der.size())));
  if (!succeeded(impl->key != nullptr ? 1 : 0)) return std::nullopt;
  return KeyPair(std::move(impl));
}

Secret KeyPair::private_der() const {
  const Owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(impl_->key.get()));
  BODEGA_CHECK(info != nullptr);
  return Secret(der_of<PKCS8_PRIV_KEY_INFO>(info.get(), i2d_PKCS8_PRIV_KEY_INFO));
}

std::string KeyPair::public_der() const { return der_of<EVP_PKEY>(impl_->key.get(), i2d_PUBKEY); }

std::string KeyPair::sign(const SigningScheme& scheme, std::string_view digest) const {
  BODEGA_CHECK(digest.size() == hash_size(scheme.hash));
  const auto context = impl_->context();
  BODEGA_CHECK(EVP_PKEY_sign_init(context.get()) == 1);
  set_scheme(context.get(), scheme);
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get()));
  std::string signature(length, '\0');
  BODEGA_CHECK(EVP_PKEY_sign(context.get(), data_of(signature), &length, data_of(digest),
                             digest.size()) == 1);
  signature.resize(length);
  return signature;
}

bool KeyPair::verify(const SigningScheme& scheme, std::string_view digest,
                     std::string_view signature) const {
  const auto context = impl_->context();
  BODEGA_CHECK(EVP_PKEY_verify_init(context.get()) == 1);
  set_scheme(context.get(), scheme);
  return succeeded(EVP_PKEY_verify(context.get(), data_of(signature), signature.size(),
                                   data_of(digest), digest.size()));
}

std::size_t KeyPair::oaep_limit(Hash hash) const {
  return static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get())) - 2 * hash_size(hash) - 2;
}

std::string KeyPair::encrypt(Hash hash, std::string_view plaintext) const {
  BODEGA_CHECK(plaintext.size() <= oaep_limit(hash));
  const auto context = impl_->context();
  BODEGA_CHECK(EVP_PKEY_encrypt_init(context.get()) == 1);
  set_oaep(context.get(), hash);
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get()));
  std::string ciphertext(length, '\0');
  BODEGA_CHECK(EVP_PKEY_encrypt(context.get(), data_of(ciphertext), &length, data_of(plaintext),
                                plaintext.size()) == 1);
  ciphertext.resize(length);
  return ciphertext;
}

std::optional<Secret> KeyPair::decrypt(Hash hash, std::string_view ciphertext) const {
  const auto context = impl_->context();
  BODEGA_CHECK(EVP_PKEY_decrypt_init(context.get()) == 1);
  set_oaep(context.get(), hash);
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get()));
  std::string plaintext(length, '\0');
  const bool whole = succeeded(EVP_PKEY_decrypt(context.get(), data_of(plaintext), &length,
                                                data_of(ciphertext), ciphertext.size()));
  if (whole) plaintext.resize(length);
  Secret secret(std::move(plaintext));
  if (!whole) return std::nullopt;
  return secret;
}

std::optional<Secret> KeyPair::agree(std::string_view peer_public_der) const {
  const unsigned char* start = data_of(peer_public_der);
  const Owned<EVP_PKEY> peer(
      d2i_PUBKEY(nullptr, &start, static_cast<long>(peer_public_der.size())));
  if (!succeeded(peer != nullptr ? 1 : 0)) return std::nullopt;
  const auto context = impl_->context();
  BODEGA_CHECK(EVP_PKEY_derive_init(context.get()) == 1);
  if (!succeeded(EVP_PKEY_derive_set_peer(context.get(), peer.get()))) return std::nullopt;
  std::size_t length = 0;
  BODEGA_CHECK(EVP_PKEY_derive(context.get(), nullptr, &length) == 1);
  std::string shared(length, '\0');
  BODEGA_CHECK(EVP_PKEY_derive(context.get(), data_of(shared), &length) == 1);
  shared.resize(length);
  return Secret(std::move(shared));
}

}  // namespace bodega::vault
