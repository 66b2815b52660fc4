#include "protocol/sts/role.h"

#include <array>

#include "engines/base/digest.h"
#include "protocol/aws/signature/credentials.h"
#include "protocol/sts/errors.h"

namespace bodega::sts {

std::string Role::id() const {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t kLength = 17;
  std::string text = "AROA";
  const std::string digest = base::sha256(arn);
  for (std::size_t i = 0; i < kLength; ++i) {
    text += kAlphabet[static_cast<unsigned char>(digest[i]) % kAlphabet.size()];
  }
  return text;
}

std::string Role::session_arn(std::string_view session_name) const {
  return "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + std::string(session_name);
}

Role read_role(std::string_view arn, std::string_view caller_arn, std::string_view operation) {
  std::array<std::string_view, 5> parts;  // arn, partition, service, region, account
  std::string_view resource = arn;
  for (std::string_view& part : parts) {
    const std::size_t colon = resource.find(':');
    if (colon == std::string_view::npos) throw validation(std::string(arn) + " is invalid");
    part = resource.substr(0, colon);
    resource.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn" || parts[1].empty() || parts[2].empty() || resource.empty()) {
    throw validation(std::string(arn) + " is invalid");
  }
  constexpr std::string_view kRole = "role/";
  const std::string_view name = resource.substr(resource.rfind('/') + 1);
  if (parts[2] != "iam" || !aws::is_account(parts[4]) || !resource.starts_with(kRole) ||
      name.empty()) {
    throw not_authorized(caller_arn, operation, arn);
  }
  return {std::string(arn), std::string(parts[4]), std::string(name)};
}

}  // namespace bodega::sts
