#include "protocol/kms/operations.h"

#include <array>

namespace bodega::kms {
namespace {

// Keys of several regions, imported material, key stores outside and ML-KEM.
constexpr std::array kMissing{
    Operation{{"ConnectCustomKeyStore"}, nullptr},
    Operation{{"CreateCustomKeyStore"}, nullptr},
    Operation{{"Decapsulate"}, nullptr},
    Operation{{"DeleteCustomKeyStore"}, nullptr},
    Operation{{"DeleteImportedKeyMaterial"}, nullptr},
    Operation{{"DescribeCustomKeyStores"}, nullptr},
    Operation{{"DisconnectCustomKeyStore"}, nullptr},
    Operation{{"Encapsulate"}, nullptr},
    Operation{{"GetKeyLastUsage"}, nullptr},
    Operation{{"GetParametersForImport"}, nullptr},
    Operation{{"ImportKeyMaterial"}, nullptr},
    Operation{{"ReplicateKey"}, nullptr},
    Operation{{"UpdateCustomKeyStore"}, nullptr},
    Operation{{"UpdatePrimaryRegion"}, nullptr},
};

}  // namespace

std::span<const Operation> missing_operations() { return kMissing; }

std::span<const std::span<const Operation>> operation_families() {
  static const std::array<std::span<const Operation>, 10> families{
      key_operations(),     alias_operations(),    encryption_operations(), data_key_operations(),
      signing_operations(), rotation_operations(), grant_operations(),      policy_operations(),
      tag_operations(),     missing_operations(),
  };
  return families;
}

const Operation* find_operation(std::string_view name) {
  return aws::find_row(operation_families(), name);
}

}  // namespace bodega::kms
