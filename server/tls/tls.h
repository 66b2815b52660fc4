// TLS as the whole process speaks it: the certificates it shows, and what every connection has in
// common. Nothing is made before the first TLS client comes or the authority is asked for. Without
// files of the user, each name of this server gets a certificate of its own when a client asks for
// it (SNI), signed by an authority that is kept in a file (authority.h).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engines/base/mutex.h"
#include "server/tls/certificate.h"
#include "server/tls/session.h"

namespace bodega::server {

class Tls {
 public:
  // kOnly: plain clients are turned away.
  enum class Mode : std::uint8_t { kOff, kAuto, kOnly };
  // Whether a client is asked for a certificate, and whether it goes on without one.
  enum class Clients : std::uint8_t { kNotAsked, kOptional, kRequired };

  struct Settings {
    Mode mode = Mode::kAuto;
    std::vector<std::string> domains;  // names of this server, besides those everybody has
    // Given by the user, both or none; then there is no authority.
    std::filesystem::path certificate_file = {};
    std::filesystem::path key_file = {};
    Clients clients = Clients::kNotAsked;
    std::filesystem::path client_authorities_file = {};  // who signs certificates of clients
  };

  // Reads the files of the user. Throws StartError, in one line for a person.
  explicit Tls(Settings settings);
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  // Where the authority is kept. Reads it when it is there; otherwise it is made when it is needed.
  // Throws StorageFault when it cannot be used. REQUIRES: before the first connection, once.
  void keep_authority_in(const std::filesystem::path& file);

  // Whether a client that does not begin with TLS is to be turned away.
  bool refuses_plain() const { return settings_.mode == Mode::kOnly; }

  // ---- All below is thread-safe. REQUIRES: keep_authority_in() was called ----

  // The server's side of a connection whose first bytes (not empty, the first is kTlsFirstByte)
  // were read from the socket `fd`, which does not block. Returns null when TLS is off, which is
  // said in the log, and when it cannot be had now (no memory). The session must not outlive this.
  std::unique_ptr<TlsSession> accept(int fd, TlsProtocol protocol, std::string_view first,
                                     std::string_view peer);

  // Writes to the log why a session failed.
  void note_failure(const TlsSession& session, std::string_view peer);

  // The authority's certificate as PEM; nothing when there is none, because TLS is off or the user
  // gave files. Throws StorageFault when it cannot be read or made.
  std::optional<std::string> authority_pem();

 private:
  static int choose_certificate(SSL* ssl, void* tls);

  void ask_for_certificates(SSL_CTX& context) const;

  void use_given_files() REQUIRES_LOCK(mutex_);
  SSL_CTX& context() REQUIRES_LOCK(mutex_);
  const KeyedCertificate& authority() REQUIRES_LOCK(mutex_);
  void show_certificate(SSL& ssl);
  CertificatePointer certificate_for(const std::string& host, const std::string& address)
      REQUIRES_LOCK(mutex_);
  void tell_of_foreign_name(const std::string& host);

  const Settings settings_;
  std::array<std::atomic<bool>, 2> told_that_off_{};  // of each protocol
  std::atomic<bool> told_of_distrust_{false};
  std::atomic<int> told_of_names_{0};
  std::filesystem::path authority_file_;
  base::Mutex mutex_;
  ContextPointer context_ GUARDED_BY(mutex_);
  std::optional<KeyedCertificate> authority_ GUARDED_BY(mutex_);
  KeyPointer leaf_key_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, CertificatePointer> leaves_ GUARDED_BY(mutex_);
};

}  // namespace bodega::server
