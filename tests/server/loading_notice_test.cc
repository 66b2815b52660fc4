// Numbers as people read them.
#include "server/loading_notice.h"

#include "tests/catch.h"

using bodega::server::counted;

TEST_CASE("Counted: groups of three, and one is no plural") {
  CHECK(counted(0, "key") == "0 keys");
  CHECK(counted(1, "request") == "1 request");
  CHECK(counted(999, "key") == "999 keys");
  CHECK(counted(1'000, "key") == "1,000 keys");
  CHECK(counted(12'345'678, "key") == "12,345,678 keys");
}
