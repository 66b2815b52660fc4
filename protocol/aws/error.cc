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

std::string missing_part(std::string_view operation, std::string_view message) {
  std::string part(operation);
  if (message == not_implemented_message(operation)) return part;
  for (const std::string_view end : {" is not implemented", " are not implemented"}) {
    if (message.ends_with(end)) message.remove_suffix(end.size());
  }
  return part.append(": ").append(message);
}

}  // namespace bodega::aws
