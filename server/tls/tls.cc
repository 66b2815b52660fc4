#include "server/tls/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "engines/base/log.h"
#include "protocol/http/host.h"
#include "server/net/start_error.h"
#include "server/tls/authority.h"

namespace bodega::server {
namespace {

// Certificates that are kept. When there are more names, all are made again as they come.
constexpr std::size_t kMaxLeaves = 1000;
// After this a certificate is made again, long before it expires.
constexpr long kRenewAfterS = 30L * 24 * 60 * 60;
// Foreign names that are told of in the log.
constexpr int kMaxToldNames = 20;
constexpr std::size_t kMaxHostBytes = 253;

TlsSession& session_of(SSL* ssl) { return *static_cast<TlsSession*>(SSL_get_app_data(ssl)); }

// Redis clients offer nothing. HTTP clients that can only speak another version of it are refused.
int choose_protocol(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned offered_bytes, void*) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (session_of(ssl).protocol() != TlsProtocol::kHttp) return SSL_TLSEXT_ERR_NOACK;
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, chosen_bytes, kOurs, sizeof kOurs, offered, offered_bytes);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A key that is locked by a password would make OpenSSL ask for it at the terminal.
int no_password(char*, int, int, void*) { return -1; }

ContextPointer make_context() {
  ContextPointer context(SSL_CTX_new(TLS_server_method()));
  if (!context) fail_in_openssl("set up TLS");
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  // Requests and commands tell their own length, so an end without a word cuts nothing off.
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  // Sessions are resumed by tickets alone, which take no memory here.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 1);
  // One call to the kernel for a record, where there would be two.
  SSL_CTX_set_read_ahead(raw, 1);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(raw, no_password);
  return context;
}

// The address of our side, as a literal; empty when it has none.
std::string local_address(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  }
  if (address.ss_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    constexpr std::size_t kPrefixBytes = 12;
    return ::inet_ntop(AF_INET, v6.sin6_addr.s6_addr + kPrefixBytes, text, sizeof text);
  }
  return ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
}

// What may stand in a certificate as it is.
bool is_plain_host(std::string_view host) {
  return !host.empty() && host.size() <= kMaxHostBytes && host.front() != '.' &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
             std::string_view::npos;
}

SubjectNames names_of(const std::string& host, const std::string& address) {
  if (!host.empty()) return {{host}, {}};
  SubjectNames names{{std::string(http::kLocalhost)}, {"127.0.0.1", "::1"}};
  const bool known =
      std::find(names.addresses.begin(), names.addresses.end(), address) != names.addresses.end();
  if (!address.empty() && !known) names.addresses.push_back(address);
  return names;
}

bool is_due(const X509& certificate) {
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(&certificate), nullptr);
  return days * 24L * 60 * 60 + seconds > kRenewAfterS;
}

Tls::Settings with_plain_domains(Tls::Settings settings) {
  for (std::string& domain : settings.domains) domain = http::host_name(domain);
  return settings;
}

std::string_view word(TlsProtocol protocol) {
  return protocol == TlsProtocol::kHttp ? "HTTP" : "Redis";
}

}  // namespace

Tls::Tls(Settings settings) : settings_(with_plain_domains(std::move(settings))) {
  if (settings_.certificate_file.empty() != settings_.key_file.empty()) {
    throw StartError("--tls-cert and --tls-key belong together: give both or none");
  }
  if (settings_.mode == Mode::kOff) return;
  // A file that is of no use should be told of now, not to the first client.
  if (settings_.clients != Clients::kNotAsked) ask_for_certificates(*make_context());
  if (settings_.certificate_file.empty()) return;
  const base::Lock lock(mutex_);
  use_given_files();
}

void Tls::ask_for_certificates(SSL_CTX& context) const {
  const std::string file = settings_.client_authorities_file.string();
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr) {
    throw StartError("--tls-ca: " + file +
                     " cannot be read as certificates in PEM: " + take_openssl_error());
  }
  SSL_CTX_set_client_CA_list(&context, names);  // which owns them now
  if (SSL_CTX_load_verify_locations(&context, file.c_str(), nullptr) != 1) {
    throw StartError("--tls-ca: " + file + " cannot be used: " + take_openssl_error());
  }
  const bool required = settings_.clients == Clients::kRequired;
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  // A ticket says that the client was verified, so it must be one of ours.
  constexpr std::string_view kContext = "bodega";
  SSL_CTX_set_session_id_context(&context, reinterpret_cast<const unsigned char*>(kContext.data()),
                                 kContext.size());
}

void Tls::keep_authority_in(const std::filesystem::path& file) {
  authority_file_ = file;
  if (settings_.mode == Mode::kOff || !settings_.certificate_file.empty()) return;
  const base::Lock lock(mutex_);
  authority_ = load_authority(file);
}

void Tls::use_given_files() {
  const std::string certificate = settings_.certificate_file.string();
  const std::string key = settings_.key_file.string();
  context_ = make_context();
  if (settings_.clients != Clients::kNotAsked) ask_for_certificates(*context_);
  if (SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str()) != 1) {
    throw StartError("--tls-cert: " + certificate +
                     " cannot be read as a certificate in PEM: " + take_openssl_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    throw StartError(
        "--tls-key: " + key +
        (other ? " is not the key of the certificate in " + certificate
               : " cannot be read as a key in PEM without a password: " + take_openssl_error()));
  }
}

SSL_CTX& Tls::context() {
  if (!context_) {
    ContextPointer made = make_context();
    if (settings_.clients != Clients::kNotAsked) ask_for_certificates(*made);
    SSL_CTX_set_cert_cb(made.get(), choose_certificate, this);
    context_ = std::move(made);
  }
  return *context_;
}

const KeyedCertificate& Tls::authority() {
  if (!authority_) authority_ = load_or_make_authority(authority_file_);
  return *authority_;
}

std::optional<std::string> Tls::authority_pem() {
  if (settings_.mode == Mode::kOff || !settings_.certificate_file.empty()) return std::nullopt;
  const base::Lock lock(mutex_);
  return to_pem(*authority().certificate);
}

// ---- Connections ----

std::unique_ptr<TlsSession> Tls::accept(int fd, TlsProtocol protocol, std::string_view first,
                                        std::string_view peer) {
  if (settings_.mode == Mode::kOff) {
    const std::string line = "a client at " + std::string(peer) + " speaks TLS to the port of " +
                             std::string(word(protocol)) +
                             ", and --tls is off: its connection is closed";
    if (told_that_off_[static_cast<std::size_t>(protocol)].exchange(true)) {
      log::debug(line);
    } else {
      log::warn(line + " (further ones are told of at debug)");
    }
    return nullptr;
  }
  try {
    const base::Lock lock(mutex_);
    return std::make_unique<TlsSession>(context(), fd, protocol, first);
  } catch (const std::exception& fault) {
    log::error(std::string("TLS: ") + fault.what());
    return nullptr;
  }
}

int Tls::choose_certificate(SSL* ssl, void* tls) {
  try {
    static_cast<Tls*>(tls)->show_certificate(*ssl);
    return 1;
  } catch (const std::exception& fault) {
    log::error(std::string("TLS: there is no certificate to show: ") + fault.what());
    return 0;
  }
}

void Tls::show_certificate(SSL& ssl) {
  const char* asked = SSL_get_servername(&ssl, TLSEXT_NAMETYPE_host_name);
  std::string host = asked == nullptr ? std::string() : http::host_name(asked);
  if (!host.empty() && (!is_plain_host(host) || !http::is_own_name(host, settings_.domains))) {
    tell_of_foreign_name(host);
    host.clear();
  }
  if (http::is_ip_address(host)) host.clear();  // no name; the certificate for none has addresses
  const std::string address = host.empty() ? local_address(session_of(&ssl).fd()) : std::string();
  const base::Lock lock(mutex_);
  const CertificatePointer certificate = certificate_for(host, address);
  if (SSL_use_certificate(&ssl, certificate.get()) != 1 ||
      SSL_use_PrivateKey(&ssl, leaf_key_.get()) != 1) {
    fail_in_openssl("use a certificate");
  }
}

// One for a name, or for an address where no name was asked for.
CertificatePointer Tls::certificate_for(const std::string& host, const std::string& address) {
  const std::string& label = host.empty() ? address : host;
  auto found = leaves_.find(label);
  if (found == leaves_.end() || is_due(*found->second)) {
    const KeyedCertificate& signer = authority();
    if (!leaf_key_) leaf_key_ = make_key();
    CertificatePointer made = make_leaf(signer, *leaf_key_, names_of(host, address));
    if (leaves_.size() >= kMaxLeaves) leaves_.clear();
    found = leaves_.insert_or_assign(label, std::move(made)).first;
  }
  X509_up_ref(found->second.get());
  return CertificatePointer(found->second.get());
}

void Tls::tell_of_foreign_name(const std::string& host) {
  if (!is_plain_host(host)) return;
  if (told_of_names_.fetch_add(1, std::memory_order_relaxed) >= kMaxToldNames) return;
  log::warn("a TLS client asked for " + host +
            ", which is no name of this server, and is shown the certificate of localhost; "
            "--domains " +
            host + " makes it one");
}

void Tls::note_failure(const TlsSession& session, std::string_view peer) {
  const std::string who = std::string(peer) + " (" + std::string(word(session.protocol())) + ")";
  if (session.failure() == TlsSession::Failure::kDistrust && !told_of_distrust_.exchange(true)) {
    const bool given = !settings_.certificate_file.empty();
    log::warn("the TLS client at " + who + " does not trust this server's certificate (" +
              session.failure_text() + "); give it " +
              (given ? "the authority that signed " + settings_.certificate_file.string()
                     : "the certificate authority, which bodega ca prints and GET "
                       "/_bodega/ca.pem answers") +
              " (further ones are told of at debug)");
    return;
  }
  if (!log::enabled(log::Level::kDebug)) return;
  log::debug("TLS with " + who + " failed: " + session.failure_text());
}

}  // namespace bodega::server
