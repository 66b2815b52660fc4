#include "engines/table/model.h"

#include <algorithm>

namespace bodega::table {

bool KeySchema::contains(std::string_view attribute) const {
  const auto named = [attribute](const KeyAttribute& key) { return key.name == attribute; };
  return std::any_of(hash.begin(), hash.end(), named) ||
         std::any_of(range.begin(), range.end(), named);
}

const Index* Table::find_index(std::string_view index_name) const {
  for (const Index& index : indexes) {
    if (index.name == index_name) return &index;
  }
  return nullptr;
}

bool Table::has_local_indexes() const {
  return std::any_of(indexes.begin(), indexes.end(),
                     [](const Index& index) { return index.kind == IndexKind::kLocal; });
}

}  // namespace bodega::table
