#include "protocol/dynamodb/wire/arn.h"

#include <array>

#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

std::string table_arn(const table::TableName& name) {
  return "arn:aws:dynamodb:" + name.region + ":" + name.account + ":table/" + name.name;
}

std::string index_arn(const table::TableName& name, std::string_view index) {
  return table_arn(name) + "/index/" + std::string(index);
}

table::TableName resolve_table_name(const Caller& caller, std::string_view given) {
  if (!given.starts_with("arn:")) {
    return {caller.account, caller.region, std::string(given)};
  }
  // arn:aws:dynamodb:REGION:ACCOUNT:table/NAME
  std::array<std::string_view, 6> parts;
  std::string_view rest = given;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t colon = i + 1 < parts.size() ? rest.find(':') : std::string_view::npos;
    parts[i] = rest.substr(0, colon);
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
  }
  constexpr std::string_view kTable = "table/";
  if (parts[2] != "dynamodb" || parts[3].empty() || parts[4].empty() ||
      !parts[5].starts_with(kTable) || parts[5].size() == kTable.size() ||
      parts[5].find('/', kTable.size()) != std::string_view::npos) {
    throw validation(
        "Invalid table/index name.  Table/index names must be between 3 and 255 "
        "characters long, and may contain only the characters a-z, A-Z, 0-9, '_', "
        "'-', and '.'");
  }
  return {std::string(parts[4]), std::string(parts[3]),
          std::string(parts[5].substr(kTable.size()))};
}

}  // namespace bodega::dynamodb
