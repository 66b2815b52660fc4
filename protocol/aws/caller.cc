#include "protocol/aws/caller.h"

namespace bodega::aws {

std::string Caller::principal_arn() const {
  if (credential && !credential->principal_arn.empty()) return credential->principal_arn;
  return "arn:aws:iam::" + account + ":root";
}

std::string Caller::user_id() const {
  if (credential && !credential->user_id.empty()) return credential->user_id;
  return account;
}

}  // namespace bodega::aws
