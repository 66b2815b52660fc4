// Checks a stored record of the vault: whether it can be understood. What is sealed in it only the
// root key opens.
#pragma once

#include <string_view>

namespace bodega::vault {

// Throws StorageFault, which says what is wrong.
void check_record(std::string_view key, std::string_view value);

}  // namespace bodega::vault
