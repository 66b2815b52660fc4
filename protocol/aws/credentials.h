// The access keys this server knows, and the account each belongs to. Only `--auth verify` asks for
// secrets; otherwise any key is welcome and merely names an account.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::aws {

// The account of requests whose key does not name one.
inline constexpr std::string_view kDefaultAccount = "000000000000";

// Where a request comes from when its credential scope names no region.
inline constexpr std::string_view kDefaultRegion = "us-east-1";

struct Credential {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty: a long-term key
  std::string account;        // 12 digits
};

// A 12-digit access key is the account itself; every other one belongs to kDefaultAccount.
std::string_view account_of(std::string_view access_key_id);

class Credentials {
 public:
  Credentials() = default;

  // Reads a file in the form of ~/.aws/credentials: sections in brackets, and in each
  // aws_access_key_id, aws_secret_access_key, optionally aws_session_token and aws_account_id (else
  // the account is account_of() the key). Throws std::runtime_error with one line that names the
  // file and the line number when it cannot be read or understood.
  static Credentials from_file(const std::filesystem::path& path);

  void add(Credential credential);
  // The view is valid until the next add(). Null when the key is unknown.
  const Credential* find(std::string_view access_key_id) const;
  bool empty() const { return by_key_.empty(); }

 private:
  std::map<std::string, Credential, std::less<>> by_key_;
};

}  // namespace bodega::aws
