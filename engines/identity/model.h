// What the identity engine stores: sessions, which are credentials that expire. Plain values.
#pragma once

#include <cstdint>
#include <string>

namespace bodega::identity {

struct Session {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
  std::string account;
  std::string arn;      // of the caller that the session stands for
  std::string user_id;  // as STS shows it
  std::string source_identity;
  std::int64_t issued_us = 0;  // what policies call aws:TokenIssueTime; nothing decides by it yet
  std::int64_t expires_us = 0;
};

}  // namespace bodega::identity
