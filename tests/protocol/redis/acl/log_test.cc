#include "protocol/redis/acl/log.h"

#include <string>

#include "tests/catch.h"

namespace bodega::redis::test {
namespace {

AclLog::Entry denied(const std::string& key, const std::string& client) {
  return {.reason = AclLog::Reason::kKey,
          .context = AclLog::Context::kTopLevel,
          .object = key,
          .user = "alice",
          .client = client};
}

}  // namespace

TEST_CASE("AclLog: the same denial within a minute counts, and comes to the front") {
  AclLog log;
  log.add(denied("a", "1"), 1000, 10);
  log.add(denied("b", "1"), 2000, 10);
  log.add(denied("a", "2"), 61'000, 10);
  REQUIRE(log.entries().size() == 2);
  const AclLog::Entry& first = log.entries().front();
  CHECK(first.object == "a");
  CHECK(first.count == 2);
  CHECK(first.id == 0);
  CHECK(first.client == "2");
  CHECK(first.created_ms == 1000);
  CHECK(first.updated_ms == 61'000);
  log.add(denied("a", "2"), 121'001, 10);
  CHECK(log.entries().size() == 3);
  CHECK(log.entries().front().id == 2);
}

TEST_CASE("AclLog: the oldest go when there are too many") {
  AclLog log;
  for (int i = 0; i < 5; ++i) log.add(denied(std::to_string(i), ""), 1000, 3);
  REQUIRE(log.entries().size() == 3);
  CHECK(log.entries().back().object == "2");
  log.add(denied("x", ""), 1000, 0);
  CHECK(log.entries().empty());
}

}  // namespace bodega::redis::test
