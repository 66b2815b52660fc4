#include "server/tls/certificate.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/base/random.h"

namespace bodega::server {
namespace {

constexpr long kDayS = 24 * 60 * 60;
// Clients in a virtual machine or a container may have a clock that is behind ours.
constexpr long kBackdatedS = kDayS;
constexpr long kAuthorityLifeS = 3650 * kDayS;
// What browsers and Apple's systems accept at most is 398 days.
constexpr long kLeafLifeS = 397 * kDayS;

// RFC 5280: positive, at most 20 bytes, unique for each certificate of an issuer.
constexpr std::size_t kSerialBytes = 16;
constexpr unsigned char kPositive = 0x7F;

constexpr std::size_t kNameBytes = 4;  // what tells one authority from another in a list

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) fail_in_openssl("write a part of a certificate");
  const int added = X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
  if (added != 1) fail_in_openssl("add a part to a certificate");
}

void set_serial(X509& certificate) {
  std::string bytes = base::secret_bytes(kSerialBytes);
  bytes[0] = static_cast<char>((static_cast<unsigned char>(bytes[0]) & kPositive) | 1);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  BIGNUM* number = BN_bin2bn(data, static_cast<int>(bytes.size()), nullptr);
  const bool fine = number != nullptr &&
                    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(&certificate)) != nullptr;
  BN_free(number);
  if (!fine) fail_in_openssl("number a certificate");
}

// A certificate of version 3 with all but its issuer and its extensions.
CertificatePointer begin_certificate(EVP_PKEY& key, const std::string& common_name, long life_s) {
  constexpr long kVersion3 = 2;
  CertificatePointer certificate(X509_new());
  if (!certificate) fail_in_openssl("make a certificate");
  set_serial(*certificate);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  const bool fine =
      X509_set_version(certificate.get(), kVersion3) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdatedS) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), life_s) != nullptr &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
      X509_set_pubkey(certificate.get(), &key) == 1;
  if (!fine) fail_in_openssl("make a certificate");
  return certificate;
}

void sign(X509& certificate, EVP_PKEY& key) {
  if (X509_sign(&certificate, &key, EVP_sha256()) == 0) fail_in_openssl("sign a certificate");
}

std::string text_of(BIO& memory) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(&memory, &data);
  return std::string(data, static_cast<std::size_t>(length));
}

BioPointer reader_of(std::string_view text) {
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// A key that is locked by a password would make OpenSSL ask for it at the terminal.
int no_password(char*, int, int, void*) { return -1; }

}  // namespace

KeyPointer make_key() {
  KeyPointer key(EVP_EC_gen("P-256"));
  if (!key) fail_in_openssl("make a key");
  return key;
}

KeyedCertificate make_authority() {
  KeyedCertificate authority;
  authority.key = make_key();
  authority.certificate = begin_certificate(
      *authority.key, "Bodega CA " + base::to_hex(base::secret_bytes(kNameBytes)), kAuthorityLifeS);
  X509& certificate = *authority.certificate;
  X509_set_issuer_name(&certificate, X509_get_subject_name(&certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, *authority.key);
  return authority;
}

CertificatePointer make_leaf(const KeyedCertificate& authority, EVP_PKEY& key,
                             const SubjectNames& names) {
  std::string alternatives;
  for (const std::string& host : names.hosts) alternatives += ",DNS:" + host;
  for (const std::string& address : names.addresses) alternatives += ",IP:" + address;
  CertificatePointer certificate = begin_certificate(key, "Bodega", kLeafLifeS);
  X509& issuer = *authority.certificate;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(&issuer));
  add_extension(*certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*certificate, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(*certificate, issuer, NID_ext_key_usage, "serverAuth");
  add_extension(*certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(*certificate, issuer, NID_authority_key_identifier, "keyid:always");
  add_extension(*certificate, issuer, NID_subject_alt_name, alternatives.substr(1));
  sign(*certificate, *authority.key);
  return certificate;
}

std::string to_pem(const X509& certificate) {
  const BioPointer memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_X509(memory.get(), &certificate) != 1) {
    fail_in_openssl("write a certificate");
  }
  return text_of(*memory);
}

std::string to_pem(const EVP_PKEY& key) {
  const BioPointer memory(BIO_new(BIO_s_secmem()));
  if (!memory ||
      PEM_write_bio_PrivateKey(memory.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    fail_in_openssl("write a key");
  }
  return text_of(*memory);
}

KeyedCertificate parse_pem(std::string_view text) {
  KeyedCertificate found;
  const BioPointer for_key = reader_of(text);
  found.key.reset(PEM_read_bio_PrivateKey(for_key.get(), nullptr, no_password, nullptr));
  const BioPointer for_certificate = reader_of(text);
  found.certificate.reset(PEM_read_bio_X509(for_certificate.get(), nullptr, nullptr, nullptr));
  const bool fine = found.key && found.certificate &&
                    X509_check_private_key(found.certificate.get(), found.key.get()) == 1;
  ERR_clear_error();
  return fine ? std::move(found) : KeyedCertificate{};
}

}  // namespace bodega::server
