#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {

TEST_CASE("HSET: counts new fields and wants pairs") {
  World world;
  Client c(world);
  CHECK(c.run({"HSET", "h", "a", "1", "b", "2"}) == ":2\r\n");
  CHECK(c.run({"HSET", "h", "a", "3", "c", "4"}) == ":1\r\n");
  CHECK(c.run({"HSET", "h", "a", "1", "b"}) ==
        "-ERR wrong number of arguments for 'hset' command\r\n");
  CHECK(c.run({"HMSET", "h", "a"}) == "-ERR wrong number of arguments for 'hmset' command\r\n");
  CHECK(c.run({"HMSET", "h", "a", "5"}) == "+OK\r\n");
  CHECK(c.run({"HGET", "h", "a"}) == "$1\r\n5\r\n");
  CHECK(c.run({"HGET", "h", "nope"}) == "$-1\r\n");
  CHECK(c.run({"HMGET", "h", "b", "nope"}) == "*2\r\n$1\r\n2\r\n$-1\r\n");
  CHECK(c.run({"HSETNX", "h", "a", "6"}) == ":0\r\n");
  CHECK(c.run({"HSETNX", "h", "new", "6"}) == ":1\r\n");
}

TEST_CASE("HGETALL: a map in RESP3, flat in RESP2, empty when absent") {
  World world;
  Client c2(world);
  Client c3(world, 3);
  c2.run({"HSET", "h", "f", "2.5"});
  CHECK(c2.run({"HGETALL", "h"}) == "*2\r\n$1\r\nf\r\n$3\r\n2.5\r\n");
  CHECK(c3.run({"HGETALL", "h"}) == "%1\r\n$1\r\nf\r\n$3\r\n2.5\r\n");
  CHECK(c3.run({"HGETALL", "nope"}) == "%0\r\n");
  CHECK(c3.run({"HKEYS", "h"}) == "*1\r\n$1\r\nf\r\n");
  CHECK(c3.run({"HVALS", "nope"}) == "*0\r\n");
}

TEST_CASE("HDEL: the last field takes the key along") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1", "b", "2"});
  CHECK(c.run({"HDEL", "h", "a", "a", "x"}) == ":1\r\n");
  CHECK(c.run({"HLEN", "h"}) == ":1\r\n");
  CHECK(c.run({"HDEL", "h", "b"}) == ":1\r\n");
  CHECK(c.run({"EXISTS", "h"}) == ":0\r\n");
  CHECK(c.run({"HDEL", "h", "b"}) == ":0\r\n");
}

TEST_CASE("HINCRBY: its errors name the hash value") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "text", "abc", "big", "9223372036854775807"});
  CHECK(c.run({"HINCRBY", "h", "n", "5"}) == ":5\r\n");
  CHECK(c.run({"HINCRBY", "h", "n", "-7"}) == ":-2\r\n");
  CHECK(c.run({"HINCRBY", "h", "n", "x"}) == "-ERR value is not an integer or out of range\r\n");
  CHECK(c.run({"HINCRBY", "h", "text", "1"}) == "-ERR hash value is not an integer\r\n");
  CHECK(c.run({"HINCRBY", "h", "big", "1"}) == "-ERR increment or decrement would overflow\r\n");
}

TEST_CASE("HINCRBYFLOAT: fixed notation without trailing zeros") {
  World world;
  Client c(world);
  CHECK(c.run({"HINCRBYFLOAT", "h", "f", "10.5"}) == "$4\r\n10.5\r\n");
  CHECK(c.run({"HINCRBYFLOAT", "h", "f", "0.1"}) == "$4\r\n10.6\r\n");
  CHECK(c.run({"HINCRBYFLOAT", "h", "g", "5.0e3"}) == "$4\r\n5000\r\n");
  CHECK(c.run({"HINCRBYFLOAT", "h", "g", "2.0e2"}) == "$4\r\n5200\r\n");
  CHECK(c.run({"HINCRBYFLOAT", "h", "f", "inf"}) == "-ERR value is NaN or Infinity\r\n");
  CHECK(c.run({"HINCRBYFLOAT", "h", "f", "abc"}) == "-ERR value is not a valid float\r\n");
  c.run({"HSET", "h", "text", "abc"});
  CHECK(c.run({"HINCRBYFLOAT", "h", "text", "1"}) == "-ERR hash value is not a float\r\n");
}

TEST_CASE("HRANDFIELD: counts, repetition and pairs") {
  World world;
  Client c2(world);
  Client c3(world, 3);
  c2.run({"HSET", "h", "f", "v"});
  CHECK(c2.run({"HRANDFIELD", "h"}) == "$1\r\nf\r\n");
  CHECK(c2.run({"HRANDFIELD", "h", "-2"}) == "*2\r\n$1\r\nf\r\n$1\r\nf\r\n");
  CHECK(c2.run({"HRANDFIELD", "h", "5", "WITHVALUES"}) == "*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
  CHECK(c3.run({"HRANDFIELD", "h", "5", "WITHVALUES"}) == "*1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
  CHECK(c2.run({"HRANDFIELD", "nope"}) == "$-1\r\n");
  CHECK(c2.run({"HRANDFIELD", "nope", "2"}) == "*0\r\n");
  CHECK(c2.run({"HRANDFIELD", "h", "abc"}) == "-ERR value is not an integer or out of range\r\n");
  CHECK(c2.run({"HRANDFIELD", "h", "-9223372036854775807", "WITHVALUES"}) ==
        "-ERR value is out of range\r\n");
  for (int i = 0; i < 200; ++i) c2.run({"HSET", "big", std::to_string(i), "v"});
  CHECK(c2.run({"HRANDFIELD", "big", "10"}).substr(0, 5) == "*10\r\n");
  CHECK(c2.run({"HRANDFIELD", "big", "190"}).substr(0, 6) == "*190\r\n");
}

TEST_CASE("HSCAN: a small hash comes whole, options follow the cursor") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1", "b", "2"});
  CHECK(c.run({"HSCAN", "h", "0", "COUNT", "1"}) ==
        "*2\r\n$1\r\n0\r\n*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n");
  CHECK(c.run({"HSCAN", "h", "0", "MATCH", "b*"}) ==
        "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n");
  CHECK(c.run({"HSCAN", "h", "0", "NOVALUES"}) == "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  CHECK(c.run({"HSCAN", "nope", "0"}) == "*2\r\n$1\r\n0\r\n*0\r\n");
  CHECK(c.run({"HSCAN", "h", "x"}) == "-ERR invalid cursor\r\n");
  CHECK(c.run({"HSCAN", "h", "0", "COUNT", "0"}) == "-ERR syntax error\r\n");
}

TEST_CASE("Hashes: another type is refused, a change is told to watchers") {
  World world;
  Client c(world);
  Client other(world);
  c.run({"SET", "s", "x"});
  CHECK(c.run({"HSET", "s", "f", "v"}) ==
        "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
  c.run({"WATCH", "h"});
  other.run({"HSET", "h", "f", "v"});
  c.run({"MULTI"});
  c.run({"PING"});
  CHECK(c.run({"EXEC"}) == "*-1\r\n");
}

}  // namespace bodega::redis::test
