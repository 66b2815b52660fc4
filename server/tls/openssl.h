// OpenSSL's objects as owning pointers, and its errors as text. Only server/tls includes OpenSSL's
// TLS and X.509 headers.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace bodega::server {

template <auto kFree>
struct OpensslFree {
  template <class Object>
  void operator()(Object* object) const {
    kFree(object);
  }
};

using KeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, OpensslFree<X509_free>>;
using BioPointer = std::unique_ptr<BIO, OpensslFree<BIO_vfree>>;
using ContextPointer = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslPointer = std::unique_ptr<SSL, OpensslFree<SSL_free>>;

// What this thread's OpenSSL last complained of, e.g. "no shared cipher"; empties its queue.
std::string take_openssl_error();

// Throws std::runtime_error: "cannot make a key: …".
[[noreturn]] void fail_in_openssl(std::string_view what);

}  // namespace bodega::server
