#include "tests/engines/table/table_test.h"

#include <cstdlib>

namespace bodega::table::testing {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bodega-table-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

}  // namespace bodega::table::testing
