// The access keys this server knows, and the account each belongs to. Only `--auth verify` asks for
// secrets; otherwise any key is welcome and merely names an account.
//
// Credentials is what the authenticator asks; KeyRing holds those that the server was started with,
// which come from a file. Those of sessions come from the identity engine (sts/session_keys.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::aws {

// The account of requests whose key does not name one.
inline constexpr std::string_view kDefaultAccount = "000000000000";

// Where a request comes from when its credential scope names no region.
inline constexpr std::string_view kDefaultRegion = "us-east-1";

struct Credential {
  static constexpr std::int64_t kNever = INT64_MAX;

  std::string access_key_id = {};
  std::string secret_access_key = {};
  std::string session_token = {};      // empty: a long-term key
  std::string account = {};            // 12 digits
  std::int64_t expires_at_s = kNever;  // seconds since the epoch; from then on it is refused
  std::string principal_arn = {};      // empty: the account's root
  std::string user_id = {};            // empty: the account
};

// Whether a text has the form of an account: 12 digits.
bool is_account(std::string_view text);

// A 12-digit access key is the account itself, that of a session holds it (access_key.h); every
// other one belongs to kDefaultAccount.
std::string account_of(std::string_view access_key_id);

class Credentials {
 public:
  virtual ~Credentials() = default;

  // What is known of a key, expired or not, or null. It stays valid when the key is replaced or
  // removed meanwhile. Thread-safe.
  virtual std::shared_ptr<const Credential> find(std::string_view access_key_id) const = 0;
};

// REQUIRES: the last add() is over before other threads call find().
class KeyRing final : public Credentials {
 public:
  KeyRing() = default;
  explicit KeyRing(std::vector<Credential> credentials);

  // Replaces what was known of the key.
  void add(Credential credential);

  std::shared_ptr<const Credential> find(std::string_view access_key_id) const override;

 private:
  std::map<std::string, std::shared_ptr<const Credential>, std::less<>> by_key_;
};

// Reads a file in the form of ~/.aws/credentials: sections in brackets, and in each
// aws_access_key_id, aws_secret_access_key, optionally aws_session_token and aws_account_id (else
// the account is account_of() the key). Throws std::runtime_error with one line that names the
// file and the line number when it cannot be read or understood.
std::vector<Credential> read_credentials_file(const std::filesystem::path& path);

}  // namespace bodega::aws
