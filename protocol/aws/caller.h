// Who sends a request, the same for every AWS service: the key that signed it, the account it
// belongs to, the region the request is for, and the session if the key is a temporary one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "protocol/aws/signature/credentials.h"

namespace bodega::aws {

struct Caller {
  std::string access_key_id;  // empty: the request is not signed, or not in a readable way
  std::string account = std::string(kDefaultAccount);  // 12 digits
  std::string region = std::string(kDefaultRegion);
  bool anonymous = true;  // no signature at all
  // What is known of the key. Null for a key that the server was not told of, which only a server
  // that does not verify lets in.
  std::shared_ptr<const Credential> credential = nullptr;

  // Signed with a key that STS made.
  bool is_session() const { return credential && !credential->session_token.empty(); }

  // "arn:aws:iam::ACCOUNT:root" for a long-term key, the assumed role's for a session.
  std::string principal_arn() const;
  // The account for a long-term key, "AROA…:SESSION" for a session.
  std::string user_id() const;
};

// Who signed with that key, of which `credential` is known, or nothing. An empty region is the
// default one.
Caller caller_of(std::string_view access_key_id, std::string_view region,
                 std::shared_ptr<const Credential> credential);

}  // namespace bodega::aws
