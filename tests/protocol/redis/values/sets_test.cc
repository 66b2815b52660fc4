#include <set>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {

TEST_CASE("SADD and SREM: counts, and the last member takes the key along") {
  World world;
  Client c(world);
  CHECK(c.run({"SADD", "s", "a", "b", "a"}) == ":2\r\n");
  CHECK(c.run({"SADD", "s", "a"}) == ":0\r\n");
  CHECK(c.run({"SISMEMBER", "s", "a"}) == ":1\r\n");
  CHECK(c.run({"SMISMEMBER", "s", "a", "x"}) == "*2\r\n:1\r\n:0\r\n");
  CHECK(c.run({"SMISMEMBER", "nope", "a"}) == "*1\r\n:0\r\n");
  CHECK(c.run({"SCARD", "s"}) == ":2\r\n");
  CHECK(c.run({"SREM", "s", "a", "b", "c"}) == ":2\r\n");
  CHECK(c.run({"EXISTS", "s"}) == ":0\r\n");
}

TEST_CASE("SMEMBERS: a set in RESP3, an array in RESP2") {
  World world;
  Client c2(world);
  Client c3(world, 3);
  c2.run({"SADD", "s", "1", "2"});
  CHECK(c2.run({"SMEMBERS", "s"}) == "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
  CHECK(c3.run({"SMEMBERS", "s"}) == "~2\r\n$1\r\n1\r\n$1\r\n2\r\n");
  CHECK(c3.run({"SMEMBERS", "nope"}) == "~0\r\n");
  CHECK(c3.run({"SINTER", "s", "s"}) == "~2\r\n$1\r\n1\r\n$1\r\n2\r\n");
}

TEST_CASE("SMOVE: between sets, to itself, and types") {
  World world;
  Client c(world);
  c.run({"SADD", "a", "1", "2"});
  c.run({"SET", "str", "x"});
  CHECK(c.run({"SMOVE", "a", "b", "1"}) == ":1\r\n");
  CHECK(c.run({"SMOVE", "a", "b", "1"}) == ":0\r\n");
  CHECK(c.run({"SMOVE", "a", "a", "2"}) == ":1\r\n");
  CHECK(c.run({"SMOVE", "nope", "str", "2"}) == ":0\r\n");
  CHECK(c.run({"SMOVE", "a", "str", "2"}).substr(0, 10) == "-WRONGTYPE");
  CHECK(c.run({"SMOVE", "a", "b", "2"}) == ":1\r\n");
  CHECK(c.run({"EXISTS", "a"}) == ":0\r\n");
}

TEST_CASE("SPOP and SRANDMEMBER: counts") {
  World world;
  Client c(world);
  CHECK(c.run({"SPOP", "s"}) == "$-1\r\n");
  CHECK(c.run({"SPOP", "s", "2"}) == "*0\r\n");
  c.run({"SADD", "s", "a", "b", "c"});
  CHECK(c.run({"SPOP", "s", "-1"}) == "-ERR value is out of range, must be positive\r\n");
  CHECK(c.run({"SRANDMEMBER", "s", "-5"}).substr(0, 4) == "*5\r\n");
  CHECK(c.run({"SRANDMEMBER", "s", "5"}).substr(0, 4) == "*3\r\n");
  CHECK(c.run({"SRANDMEMBER", "nope", "5"}) == "*0\r\n");
  CHECK(c.run({"SPOP", "s", "2"}).substr(0, 4) == "*2\r\n");
  CHECK(c.run({"SCARD", "s"}) == ":1\r\n");
  CHECK(c.run({"SPOP", "s"}).substr(0, 4) == "$1\r\n");
  CHECK(c.run({"EXISTS", "s"}) == ":0\r\n");
  for (int i = 0; i < 1000; ++i) c.run({"SADD", "big", "m" + std::to_string(i)});
  CHECK(c.run({"SPOP", "big", "900"}).substr(0, 6) == "*900\r\n");
  CHECK(c.run({"SCARD", "big"}) == ":100\r\n");
}

TEST_CASE("SINTER, SUNION, SDIFF and their stores") {
  World world;
  Client c(world);
  c.run({"SADD", "a", "1", "2", "3"});
  c.run({"SADD", "b", "2", "3", "4"});
  CHECK(c.run({"SINTER", "a", "b"}) == "*2\r\n$1\r\n2\r\n$1\r\n3\r\n");
  CHECK(c.run({"SINTER", "a", "nope"}) == "*0\r\n");
  CHECK(c.run({"SDIFF", "a", "b"}) == "*1\r\n$1\r\n1\r\n");
  CHECK(c.run({"SUNIONSTORE", "u", "a", "b"}) == ":4\r\n");
  CHECK(c.run({"SINTERSTORE", "a", "a", "b"}) == ":2\r\n");
  CHECK(c.run({"SMEMBERS", "a"}) == "*2\r\n$1\r\n2\r\n$1\r\n3\r\n");
  CHECK(c.run({"SDIFFSTORE", "a", "a", "b"}) == ":0\r\n");
  CHECK(c.run({"EXISTS", "a"}) == ":0\r\n");
  c.run({"SET", "str", "x"});
  CHECK(c.run({"SINTER", "nope", "str"}).substr(0, 10) == "-WRONGTYPE");
}

TEST_CASE("SINTERCARD: limit and errors") {
  World world;
  Client c(world);
  c.run({"SADD", "a", "1", "2", "3"});
  CHECK(c.run({"SINTERCARD", "2", "a", "a"}) == ":3\r\n");
  CHECK(c.run({"SINTERCARD", "1", "a", "LIMIT", "2"}) == ":2\r\n");
  CHECK(c.run({"SINTERCARD", "1", "a", "LIMIT", "0"}) == ":3\r\n");
  CHECK(c.run({"SINTERCARD", "0", "a"}) == "-ERR numkeys should be greater than 0\r\n");
  CHECK(c.run({"SINTERCARD", "1", "a", "LIMIT", "-1"}) == "-ERR LIMIT can't be negative\r\n");
  CHECK(c.run({"SINTERCARD", "3", "a"}) ==
        "-ERR Number of keys can't be greater than number of args\r\n");
}

TEST_CASE("SSCAN: a whole round over a large set that changes sees all that stay") {
  World world;
  Client c(world);
  for (int i = 0; i < 500; ++i) c.run({"SADD", "s", "stay" + std::to_string(i)});
  std::set<std::string> seen;
  std::string cursor = "0";
  int added = 0;
  do {
    const std::string reply = c.run({"SSCAN", "s", cursor, "COUNT", "20"});
    const std::size_t at = reply.find("\r\n", 4) + 2;
    cursor = reply.substr(at, reply.find("\r\n", at) - at);
    for (std::size_t p = reply.find("stay"); p != std::string::npos;
         p = reply.find("stay", p + 1)) {
      seen.insert(reply.substr(p, reply.find("\r\n", p) - p));
    }
    for (int i = 0; i < 50; ++i) c.run({"SADD", "s", "new" + std::to_string(added++)});
  } while (cursor != "0" && added < 100'000);
  CHECK(seen.size() == 500);
}

}  // namespace bodega::redis::test
