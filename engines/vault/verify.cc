#include "engines/vault/verify.h"

#include "engines/base/fault.h"
#include "engines/vault/format.h"
#include "engines/vault/seal.h"

namespace bodega::vault {

void check_record(std::string_view key, std::string_view value) {
  if (key.starts_with(kKeysPrefix)) {
    decode_key(value);
  } else if (key.starts_with(kAliasesPrefix)) {
    decode_alias(value);
  } else if (key.starts_with(kGrantsPrefix)) {
    decode_grant(value);
  } else if (key != kProofKey && !key.starts_with(kMaterialsPrefix)) {
    throw base::StorageFault("a record of the vault cannot be understood");
  } else if (value.size() <= kSealNonceBytes + kSealTagBytes) {
    throw base::StorageFault("sealed bytes of the vault are damaged");
  }
}

}  // namespace bodega::vault
