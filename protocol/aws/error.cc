#include "protocol/aws/error.h"

#include "engines/base/check.h"

namespace bodega::aws {

const ErrorRow* Catalogue::find(std::string_view name) const {
  for (const ErrorRow& row : rows_) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const ErrorRow& Catalogue::at(std::string_view name) const {
  const ErrorRow* row = find(name);
  BODEGA_CHECK(row != nullptr);
  return *row;
}

std::string not_implemented_message(std::string_view operation) {
  return "The operation " + std::string(operation) + " is not implemented";
}

}  // namespace bodega::aws
