#include "protocol/aws/caller.h"

#include <utility>

namespace bodega::aws {

std::string Caller::principal_arn() const {
  if (credential && !credential->principal_arn.empty()) return credential->principal_arn;
  return "arn:aws:iam::" + account + ":root";
}

std::string Caller::user_id() const {
  if (credential && !credential->user_id.empty()) return credential->user_id;
  return account;
}

Caller caller_of(std::string_view access_key_id, std::string_view region,
                 std::shared_ptr<const Credential> credential) {
  Caller caller;
  caller.access_key_id = access_key_id;
  caller.account = credential ? credential->account : account_of(access_key_id);
  if (!region.empty()) caller.region = region;
  caller.anonymous = false;
  caller.credential = std::move(credential);
  return caller;
}

}  // namespace bodega::aws
