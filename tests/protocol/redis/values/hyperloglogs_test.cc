// Sketches and counts were taken from redis-server 7.0.15.
#include <string>
#include <vector>

#include "protocol/redis/values/hyperloglog.h"
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

using namespace std::string_literals;

std::string bulk(const std::string& bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + bytes + "\r\n";
}

const std::string kOfXyz =
    "HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x61\x84\x80\x58\xcd\x88\x45\xa0\x84\x08"s;

std::string add_many(Client& c, std::string_view key, int count) {
  std::vector<std::string> elements;
  for (int i = 0; i < count; ++i) elements.push_back("element-" + std::to_string(i));
  std::vector<std::string_view> args{"PFADD", key};
  args.insert(args.end(), elements.begin(), elements.end());
  return c.run(args);
}

}  // namespace

TEST_CASE("PFADD: the string is Redis's to the byte, and PFCOUNT keeps its count in it") {
  World world;
  Client c(world);
  CHECK(c.run({"PFADD", "h", "x", "y", "z"}) == ":1\r\n");
  CHECK(c.run({"GET", "h"}) == bulk(kOfXyz));
  CHECK(c.run({"PFADD", "h", "x", "z"}) == ":0\r\n");
  CHECK(c.run({"PFCOUNT", "h"}) == ":3\r\n");
  std::string counted = kOfXyz;
  counted.replace(8, 8, "\x03\0\0\0\0\0\0\0"s);
  CHECK(c.run({"GET", "h"}) == bulk(counted));
  CHECK(c.run({"PFADD", "h", ""}) == ":1\r\n");
  CHECK(c.run({"GETRANGE", "h", "15", "15"}) == bulk("\x80"));
  CHECK(c.run({"PFCOUNT", "h"}) == ":4\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "h"}) == bulk("raw"));
}

TEST_CASE("PFADD: a key without elements is an empty sketch") {
  World world;
  Client c(world);
  CHECK(c.run({"PFADD", "h"}) == ":1\r\n");
  CHECK(c.run({"PFADD", "h"}) == ":0\r\n");
  CHECK(c.run({"GET", "h"}) == bulk("HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff"s));
  CHECK(c.run({"PFCOUNT", "h"}) == ":0\r\n");
  CHECK(c.run({"PFCOUNT", "none"}) == ":0\r\n");
  CHECK(c.run({"EXISTS", "none"}) == ":0\r\n");
}

TEST_CASE("PFADD: a sketch that outgrows hll-sparse-max-bytes becomes dense") {
  World world;
  Client c(world);
  add_many(c, "h", 100);
  CHECK(c.run({"PFDEBUG", "ENCODING", "h"}) == "+sparse\r\n");
  CHECK(c.run({"PFCOUNT", "h"}) == ":100\r\n");
  c.run({"CONFIG", "SET", "hll-sparse-max-bytes", "100"});
  CHECK(c.run({"PFADD", "h", "one more"}) == ":1\r\n");
  CHECK(c.run({"PFDEBUG", "ENCODING", "h"}) == "+dense\r\n");
  CHECK(c.run({"STRLEN", "h"}) == ":12304\r\n");
  CHECK(c.run({"PFCOUNT", "h"}) == ":101\r\n");
  CHECK(c.run({"PFADD", "h", "and another"}) == ":1\r\n");
  CHECK(c.run({"PFCOUNT", "h"}) == ":102\r\n");
  CHECK(c.run({"PFADD", "h", "and another"}) == ":0\r\n");
}

TEST_CASE("PFADD: what was added is there after a restart, and the time to live stays") {
  World world;
  Client c(world);
  add_many(c, "h", 5000);
  c.run({"PFADD", "small", "x", "y", "z"});
  c.run({"EXPIRE", "small", "100"});
  c.run({"PFADD", "small", "w"});
  const std::string dense = c.run({"GET", "h"});
  const std::string sparse = c.run({"GET", "small"});
  world.engine.reload();
  CHECK(c.run({"GET", "h"}) == dense);
  CHECK(c.run({"GET", "small"}) == sparse);
  CHECK(c.run({"TTL", "small"}) == ":100\r\n");
}

TEST_CASE("PFMERGE: the union of the sketches, the target among them") {
  World world;
  Client c(world);
  c.run({"PFADD", "a", "1", "2", "3"});
  c.run({"PFADD", "b", "3", "4"});
  CHECK(c.run({"PFCOUNT", "a", "b", "none"}) == ":4\r\n");
  CHECK(c.run({"PFMERGE", "a", "b"}) == "+OK\r\n");
  CHECK(c.run({"PFCOUNT", "a"}) == ":4\r\n");
  CHECK(c.run({"PFMERGE", "new"}) == "+OK\r\n");
  CHECK(c.run({"PFCOUNT", "new"}) == ":0\r\n");
  CHECK(c.run({"PFDEBUG", "TODENSE", "b"}) == ":1\r\n");
  CHECK(c.run({"PFDEBUG", "TODENSE", "b"}) == ":0\r\n");
  CHECK(c.run({"PFMERGE", "new", "a", "b"}) == "+OK\r\n");
  CHECK(c.run({"PFDEBUG", "ENCODING", "new"}) == "+dense\r\n");
  CHECK(c.run({"PFCOUNT", "new"}) == ":4\r\n");
}

TEST_CASE("PFCOUNT: strings that are no sketches are told from damaged ones") {
  const std::string not_one = "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n";
  const std::string damaged = "-INVALIDOBJ Corrupted HLL object detected\r\n";
  World world;
  Client c(world);
  c.run({"SET", "text", "bar"});
  c.run({"SET", "number", "1234567890123456789"});
  c.run({"RPUSH", "list", "a"});
  CHECK(c.run({"PFADD", "text", "1"}) == not_one);
  CHECK(c.run({"PFCOUNT", "number"}) == not_one);
  CHECK(c.run({"PFMERGE", "new", "text"}) == not_one);
  CHECK(c.run({"EXISTS", "new"}) == ":0\r\n");
  CHECK(c.run({"PFCOUNT", "list"}) ==
        "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
  c.run({"SET", "dense", "HYLL"s + std::string(12, '\0') + "short"});
  CHECK(c.run({"PFCOUNT", "dense"}) == not_one);
  for (const std::string& runs :
       {""s, "\x7f"s, "\x7f\xff\x7f\xff"s, "\x7f\xff\x80"s, "\x7f\xfe"s}) {
    c.run({"SET", "h", "HYLL\x01"s + std::string(10, '\0') + "\x80" + runs});
    CHECK(c.run({"PFCOUNT", "h"}) == damaged);
    CHECK(c.run({"PFCOUNT", "h", "none"}) == damaged);
    CHECK(c.run({"PFDEBUG", "GETREG", "h"}) == damaged);
  }
}

TEST_CASE("PFDEBUG: shows what a sketch is made of") {
  World world;
  Client c(world);
  c.run({"PFADD", "h", "x", "y", "z"});
  CHECK(c.run({"PFDEBUG", "DECODE", "h"}) == bulk("Z:8581 v:1,1 Z:6350 v:3,1 Z:1441 v:2,1 z:9"));
  CHECK(c.run({"PFDEBUG", "GETREG", "h"}).starts_with("*16384\r\n:0\r\n:0\r\n"));
  CHECK(c.run({"PFDEBUG", "DECODE", "h"}) == "-ERR HLL encoding is not sparse\r\n");
  CHECK(c.run({"PFDEBUG", "nope", "h"}) == "-ERR Unknown PFDEBUG subcommand 'nope'\r\n");
  CHECK(c.run({"PFDEBUG", "DECODE", "none"}) == "-ERR The specified key does not exist\r\n");
  CHECK(c.run({"PFSELFTEST"}) == "+OK\r\n");
}

TEST_CASE("PFADD: raising a register in the middle of a run of values splits it") {
  std::string sketch = empty_sketch();
  for (const std::uint32_t index : {10u, 11u, 12u, 13u}) raise_register(sketch, {index, 2}, 3000);
  CHECK(sketch.substr(16) == "\x09\x87\x7f\xf1"s);
  CHECK(raise_register(sketch, {11, 5}, 3000));
  CHECK(sketch.substr(16) == "\x09\x84\x90\x85\x7f\xf1"s);
  CHECK(!raise_register(sketch, {11, 4}, 3000));
  CHECK(raise_register(sketch, {11, 33}, 3000));  // does not fit a run
  CHECK(sketch.size() == kDenseSketchBytes);
}

}  // namespace bodega::redis::test
