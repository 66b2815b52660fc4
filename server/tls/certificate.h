// Makes keys and certificates (ECDSA on P-256) and writes them as PEM: those of the certificate
// authority of this server, and those that the authority signs for the names of the server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/tls/openssl.h"

namespace bodega::server {

// A certificate and the key that belongs to it.
struct KeyedCertificate {
  KeyPointer key;
  CertificatePointer certificate;
};

// What a certificate is for. REQUIRES of both: names consist of letters, digits, '-', '_' and '.',
// addresses are literals without brackets.
struct SubjectNames {
  std::vector<std::string> hosts;
  std::vector<std::string> addresses;
};

// All throw std::runtime_error when OpenSSL fails, which only want of memory makes it do.

KeyPointer make_key();

// An authority with a name and a key of its own, valid for ten years.
KeyedCertificate make_authority();

// A server's certificate for these names and that key, signed by the authority.
CertificatePointer make_leaf(const KeyedCertificate& authority, EVP_PKEY& key,
                             const SubjectNames& names);

std::string to_pem(const X509& certificate);
std::string to_pem(const EVP_PKEY& key);

// A key and the certificate for it, one behind the other in either order. Null pointers when the
// text has no such pair, or the two do not belong together.
KeyedCertificate parse_pem(std::string_view text);

}  // namespace bodega::server
