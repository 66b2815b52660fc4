#include "engines/base/process/allocator.h"

#include <string>
#include <vector>

#include "tests/catch.h"

namespace bodega::base::test {
namespace {

// The sizes of jemalloc 5.3, of which its manual has the table.
TEST_CASE("Allocator: what an allocation takes") {
  CHECK(allocated_bytes(1) == 8);
  CHECK(allocated_bytes(9) == 16);
  CHECK(allocated_bytes(63) == 64);
  CHECK(allocated_bytes(128) == 128);
  CHECK(allocated_bytes(129) == 160);
  CHECK(allocated_bytes(257) == 320);
  CHECK(allocated_bytes(4097) == 5120);
  CHECK(allocated_bytes(10'000'000) == 10'002'432);
}

TEST_CASE("Allocator: figures are whole or absent") {
  release_unused_memory();
  const auto figures = allocator_figures();
  CHECK(figures.has_value() == allocator_name().starts_with("jemalloc"));
  if (figures) CHECK(figures->allocated <= figures->resident);
  CHECK(system_memory_bytes() > 1'000'000);
  CHECK(!allocator_report().empty());
}

}  // namespace
}  // namespace bodega::base::test
