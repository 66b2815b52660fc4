// The ARN of a role, and what sessions of it are called. Roles need not exist: there is no list of
// them yet, so every role may be assumed.
#pragma once

#include <string>
#include <string_view>

namespace bodega::sts {

struct Role {
  std::string arn;
  std::string account;
  std::string name;  // without its path

  // "AROA…", the same each time for the same ARN.
  std::string id() const;
  std::string session_arn(std::string_view session_name) const;
};

// Throws ValidationError for a text that is no ARN, AccessDenied for the ARN of something else.
// `caller_arn` stands in that message.
Role read_role(std::string_view arn, std::string_view caller_arn, std::string_view operation);

}  // namespace bodega::sts
