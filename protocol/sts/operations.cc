#include "protocol/sts/operations.h"

#include <array>

namespace bodega::sts {
namespace {

constexpr std::array kMissing{
    // Not signed, so that the answer is this one and not that a signature is missing.
    Operation{{"AssumeRoleWithSAML", nullptr, aws::OperationRow::Access::kAnyone}, nullptr},
    Operation{{"AssumeRoot"}, nullptr},
    Operation{{"GetDelegatedAccessToken"}, nullptr},
    Operation{{"GetScopedCredentials"}, nullptr},
    Operation{{"GetWebIdentityToken"}, nullptr},
};

}  // namespace

std::span<const Operation> missing_operations() { return kMissing; }

std::span<const std::span<const Operation>> operation_families() {
  static const std::array<std::span<const Operation>, 4> families{
      role_operations(), token_operations(), caller_operations(), missing_operations()};
  return families;
}

const Operation* find_operation(std::string_view name) {
  return aws::find_row(operation_families(), name);
}

}  // namespace bodega::sts
