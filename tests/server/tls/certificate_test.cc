// Certificates as a client checks them, and PEM that is damaged.
#include "server/tls/certificate.h"

#include <openssl/x509v3.h>

#include "tests/catch.h"

using namespace bodega::server;

namespace {

// Whether a client that trusts `authority` takes the certificate for a server's.
bool is_trusted(X509& authority, X509& certificate) {
  const std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), &authority);
  const std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>> check(
      X509_STORE_CTX_new());
  X509_STORE_CTX_init(check.get(), store.get(), &certificate, nullptr);
  X509_STORE_CTX_set_purpose(check.get(), X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(check.get()), X509_V_FLAG_X509_STRICT);
  return X509_verify_cert(check.get()) == 1;
}

bool is_for_host(X509& certificate, const char* host) {
  return X509_check_host(&certificate, host, 0, 0, nullptr) == 1;
}

bool is_for_address(X509& certificate, const char* address) {
  return X509_check_ip_asc(&certificate, address, 0) == 1;
}

}  // namespace

TEST_CASE("certificates: a leaf is trusted for its names, and for no others") {
  const KeyedCertificate authority = make_authority();
  const KeyPointer key = make_key();
  const CertificatePointer leaf =
      make_leaf(authority, *key, {{"localhost", "a_b.s3.localhost"}, {"127.0.0.1", "::1"}});
  CHECK(is_trusted(*authority.certificate, *leaf));
  CHECK(X509_check_private_key(leaf.get(), key.get()) == 1);
  CHECK(is_for_host(*leaf, "localhost"));
  CHECK(is_for_host(*leaf, "a_b.s3.localhost"));
  CHECK_FALSE(is_for_host(*leaf, "other.localhost"));
  CHECK(is_for_address(*leaf, "127.0.0.1"));
  CHECK(is_for_address(*leaf, "::1"));
  CHECK_FALSE(is_for_address(*leaf, "127.0.0.2"));
}

TEST_CASE("certificates: another authority's leaf is not trusted") {
  const KeyedCertificate authority = make_authority();
  const KeyedCertificate other = make_authority();
  const KeyPointer key = make_key();
  const CertificatePointer leaf = make_leaf(other, *key, {{"localhost"}, {}});
  CHECK_FALSE(is_trusted(*authority.certificate, *leaf));
  CHECK(X509_NAME_cmp(X509_get_subject_name(authority.certificate.get()),
                      X509_get_subject_name(other.certificate.get())) != 0);
}

TEST_CASE("certificates: a leaf signs nothing, and no two have one number") {
  const KeyedCertificate authority = make_authority();
  KeyedCertificate leaf{make_key(), nullptr};
  leaf.certificate = make_leaf(authority, *leaf.key, {{"localhost"}, {}});
  const KeyPointer key = make_key();
  const CertificatePointer below = make_leaf(leaf, *key, {{"bank.example"}, {}});
  CHECK_FALSE(is_trusted(*authority.certificate, *below));
  const CertificatePointer second = make_leaf(authority, *leaf.key, {{"localhost"}, {}});
  CHECK(ASN1_INTEGER_cmp(X509_get0_serialNumber(leaf.certificate.get()),
                         X509_get0_serialNumber(second.get())) != 0);
}

TEST_CASE("certificates: PEM is read back, in either order") {
  const KeyedCertificate made = make_authority();
  const std::string key = to_pem(*made.key);
  const std::string certificate = to_pem(*made.certificate);
  for (const std::string& text : {key + certificate, certificate + key}) {
    const KeyedCertificate read = parse_pem(text);
    REQUIRE(read.certificate);
    CHECK(X509_cmp(read.certificate.get(), made.certificate.get()) == 0);
    CHECK(EVP_PKEY_eq(read.key.get(), made.key.get()) == 1);
  }
}

TEST_CASE("certificates: what is no pair is none") {
  const KeyedCertificate made = make_authority();
  const KeyedCertificate other = make_authority();
  const std::string key = to_pem(*made.key);
  const std::string certificate = to_pem(*made.certificate);
  const std::string cut = (key + certificate).substr(0, key.size() + certificate.size() / 2);
  for (const std::string& text : {std::string(), std::string("text\n"), key, certificate, cut,
                                  key + to_pem(*other.certificate)}) {
    CHECK_FALSE(parse_pem(text).certificate);
    CHECK_FALSE(parse_pem(text).key);
  }
}
