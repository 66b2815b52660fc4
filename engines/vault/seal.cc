#include "engines/vault/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

#include "engines/base/check.h"
#include "engines/base/random.h"

namespace bodega::vault {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using ContextPointer = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* data_of(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace

Secret::~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

std::string seal(std::string_view key, std::string_view context, std::string_view plaintext) {
  BODEGA_CHECK(key.size() == kSealKeyBytes);
  std::string box = base::secret_bytes(kSealNonceBytes);
  box.resize(kSealNonceBytes + plaintext.size() + kSealTagBytes);
  unsigned char* const text = data_of(box) + kSealNonceBytes;
  const ContextPointer cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  BODEGA_CHECK(cipher != nullptr);
  BODEGA_CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, data_of(key),
                                  data_of(box)) == 1);
  BODEGA_CHECK(EVP_EncryptUpdate(cipher.get(), nullptr, &length, data_of(context),
                                 static_cast<int>(context.size())) == 1);
  BODEGA_CHECK(EVP_EncryptUpdate(cipher.get(), text, &length, data_of(plaintext),
                                 static_cast<int>(plaintext.size())) == 1);
  BODEGA_CHECK(EVP_EncryptFinal_ex(cipher.get(), text + length, &length) == 1);
  BODEGA_CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kSealTagBytes,
                                   text + plaintext.size()) == 1);
  return box;
}

std::optional<Secret> unseal(std::string_view key, std::string_view context, std::string_view box) {
  if (key.size() != kSealKeyBytes || box.size() < kSealNonceBytes + kSealTagBytes) {
    return std::nullopt;
  }
  const std::string_view text =
      box.substr(kSealNonceBytes, box.size() - kSealNonceBytes - kSealTagBytes);
  std::string tag(box.substr(box.size() - kSealTagBytes));
  std::string plaintext(text.size(), '\0');
  const ContextPointer cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  BODEGA_CHECK(cipher != nullptr);
  BODEGA_CHECK(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, data_of(key),
                                  data_of(box)) == 1);
  BODEGA_CHECK(
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kSealTagBytes, data_of(tag)) == 1);
  BODEGA_CHECK(EVP_DecryptUpdate(cipher.get(), nullptr, &length, data_of(context),
                                 static_cast<int>(context.size())) == 1);
  BODEGA_CHECK(EVP_DecryptUpdate(cipher.get(), data_of(plaintext), &length, data_of(text),
                                 static_cast<int>(text.size())) == 1);
  Secret secret(std::move(plaintext));
  std::array<unsigned char, kSealTagBytes> nothing;
  if (EVP_DecryptFinal_ex(cipher.get(), nothing.data(), &length) != 1) return std::nullopt;
  return secret;
}

}  // namespace bodega::vault
