#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {

TEST_CASE("LPUSH and RPUSH: lengths, and the X forms want a list that exists") {
  World world;
  Client c(world);
  CHECK(c.run({"LPUSHX", "l", "a"}) == ":0\r\n");
  CHECK(c.run({"RPUSH", "l", "a", "b"}) == ":2\r\n");
  CHECK(c.run({"LPUSH", "l", "1", "2"}) == ":4\r\n");
  CHECK(c.run({"RPUSHX", "l", "z"}) == ":5\r\n");
  CHECK(c.run({"LRANGE", "l", "0", "-1"}) ==
        "*5\r\n$1\r\n2\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nz\r\n");
  CHECK(c.run({"LRANGE", "l", "3", "1"}) == "*0\r\n");
  CHECK(c.run({"LRANGE", "l", "-2", "100"}) == "*2\r\n$1\r\nb\r\n$1\r\nz\r\n");
}

TEST_CASE("LPOP: null, null array and empty array differ") {
  World world;
  Client c(world);
  Client c3(world, 3);
  CHECK(c.run({"LPOP", "l"}) == "$-1\r\n");
  CHECK(c.run({"LPOP", "l", "2"}) == "*-1\r\n");
  CHECK(c3.run({"LPOP", "l", "2"}) == "_\r\n");
  c.run({"RPUSH", "l", "a", "b", "c"});
  CHECK(c.run({"LPOP", "l", "0"}) == "*0\r\n");
  CHECK(c.run({"LPOP", "l", "-1"}) == "-ERR value is out of range, must be positive\r\n");
  CHECK(c.run({"LPOP", "l", "1", "2"}) == "-ERR wrong number of arguments for 'lpop' command\r\n");
  CHECK(c.run({"RPOP", "l", "2"}) == "*2\r\n$1\r\nc\r\n$1\r\nb\r\n");
  CHECK(c.run({"LPOP", "l"}) == "$1\r\na\r\n");
  CHECK(c.run({"EXISTS", "l"}) == ":0\r\n");
}

TEST_CASE("LINDEX, LSET, LINSERT, LREM, LTRIM") {
  World world;
  Client c(world);
  c.run({"RPUSH", "l", "a", "b", "c", "a", "b"});
  CHECK(c.run({"LINDEX", "l", "-1"}) == "$1\r\nb\r\n");
  CHECK(c.run({"LINDEX", "l", "5"}) == "$-1\r\n");
  CHECK(c.run({"LSET", "l", "2", "C"}) == "+OK\r\n");
  CHECK(c.run({"LSET", "l", "9", "x"}) == "-ERR index out of range\r\n");
  CHECK(c.run({"LSET", "nope", "0", "x"}) == "-ERR no such key\r\n");
  CHECK(c.run({"LINSERT", "l", "BEFORE", "C", "x"}) == ":6\r\n");
  CHECK(c.run({"LINSERT", "l", "AFTER", "b", "y"}) == ":7\r\n");
  CHECK(c.run({"LINSERT", "l", "AFTER", "nope", "y"}) == ":-1\r\n");
  CHECK(c.run({"LINSERT", "nope", "AFTER", "b", "y"}) == ":0\r\n");
  CHECK(c.run({"LREM", "l", "-1", "b"}) == ":1\r\n");
  CHECK(c.run({"LRANGE", "l", "0", "-1"}) ==
        "*6\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\ny\r\n$1\r\nx\r\n$1\r\nC\r\n$1\r\na\r\n");
  CHECK(c.run({"LREM", "l", "0", "a"}) == ":2\r\n");
  CHECK(c.run({"LTRIM", "l", "1", "-2"}) == "+OK\r\n");
  CHECK(c.run({"LRANGE", "l", "0", "-1"}) == "*2\r\n$1\r\ny\r\n$1\r\nx\r\n");
  CHECK(c.run({"LTRIM", "l", "5", "9"}) == "+OK\r\n");
  CHECK(c.run({"EXISTS", "l"}) == ":0\r\n");
}

TEST_CASE("LPOS: rank, count, maximal length") {
  World world;
  Client c(world);
  c.run({"RPUSH", "l", "a", "b", "c", "1", "2", "3", "c", "c"});
  CHECK(c.run({"LPOS", "l", "c"}) == ":2\r\n");
  CHECK(c.run({"LPOS", "l", "c", "RANK", "-1"}) == ":7\r\n");
  CHECK(c.run({"LPOS", "l", "c", "COUNT", "2"}) == "*2\r\n:2\r\n:6\r\n");
  CHECK(c.run({"LPOS", "l", "c", "RANK", "-1", "COUNT", "0"}) == "*3\r\n:7\r\n:6\r\n:2\r\n");
  CHECK(c.run({"LPOS", "l", "c", "RANK", "2", "COUNT", "0", "MAXLEN", "7"}) == "*1\r\n:6\r\n");
  CHECK(c.run({"LPOS", "l", "x"}) == "$-1\r\n");
  CHECK(c.run({"LPOS", "l", "x", "COUNT", "0"}) == "*0\r\n");
  CHECK(c.run({"LPOS", "l", "c", "RANK", "0"}).find("-ERR RANK can't be zero") == 0);
  CHECK(c.run({"LPOS", "l", "c", "COUNT", "-1"}) == "-ERR COUNT can't be negative\r\n");
}

TEST_CASE("LMOVE and RPOPLPUSH: between lists and around one") {
  World world;
  Client c(world);
  c.run({"RPUSH", "a", "1", "2", "3"});
  CHECK(c.run({"LMOVE", "a", "b", "LEFT", "RIGHT"}) == "$1\r\n1\r\n");
  CHECK(c.run({"RPOPLPUSH", "a", "a"}) == "$1\r\n3\r\n");
  CHECK(c.run({"LRANGE", "a", "0", "-1"}) == "*2\r\n$1\r\n3\r\n$1\r\n2\r\n");
  CHECK(c.run({"LMOVE", "nope", "b", "LEFT", "RIGHT"}) == "$-1\r\n");
  CHECK(c.run({"LMOVE", "a", "b", "UP", "RIGHT"}) == "-ERR syntax error\r\n");
  c.run({"SET", "s", "x"});
  CHECK(c.run({"LMOVE", "a", "s", "LEFT", "RIGHT"}).substr(0, 10) == "-WRONGTYPE");
  CHECK(c.run({"LLEN", "a"}) == ":2\r\n");
}

TEST_CASE("LMPOP: the first list that has elements gives them") {
  World world;
  Client c(world);
  c.run({"RPUSH", "l", "a", "b", "c"});
  CHECK(c.run({"LMPOP", "2", "nope", "l", "RIGHT", "COUNT", "2"}) ==
        "*2\r\n$1\r\nl\r\n*2\r\n$1\r\nc\r\n$1\r\nb\r\n");
  CHECK(c.run({"LMPOP", "1", "nope", "LEFT"}) == "*-1\r\n");
  CHECK(c.run({"LMPOP", "0", "l", "LEFT"}) == "-ERR numkeys should be greater than 0\r\n");
  CHECK(c.run({"LMPOP", "1", "l", "LEFT", "COUNT", "0"}) ==
        "-ERR count should be greater than 0\r\n");
}

TEST_CASE("BLPOP: waits, is served in order of arrival, and times out") {
  World world;
  Client first(world);
  Client second(world);
  Client pusher(world);
  CHECK(first.run({"BLPOP", "other", "l", "0"}).empty());
  CHECK(second.run({"BLPOP", "l", "5"}).empty());
  CHECK(pusher.run({"RPUSH", "l", "a"}) == ":1\r\n");
  CHECK(first.take() == "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
  CHECK(second.take().empty());
  world.advance_ms(5001);
  CHECK(second.take() == "*-1\r\n");
  pusher.run({"RPUSH", "l", "b"});
  CHECK(second.run({"BRPOP", "l", "0"}) == "*2\r\n$1\r\nl\r\n$1\r\nb\r\n");
  CHECK(first.run({"BLPOP", "l", "-1"}) == "-ERR timeout is negative\r\n");
  CHECK(first.run({"BLPOP", "l", "x"}) == "-ERR timeout is not a float or out of range\r\n");
}

TEST_CASE("BLPOP: one push of several elements serves several, after the whole transaction") {
  World world;
  Client a(world);
  Client b(world);
  Client c(world);
  a.run({"BLPOP", "l", "0"});
  b.run({"BRPOP", "l", "0"});
  c.run({"MULTI"});
  c.run({"RPUSH", "l", "1"});
  c.run({"RPUSH", "l", "2", "3"});
  CHECK(c.run({"EXEC"}) == "*2\r\n:1\r\n:3\r\n");
  CHECK(a.take() == "*2\r\n$1\r\nl\r\n$1\r\n1\r\n");
  CHECK(b.take() == "*2\r\n$1\r\nl\r\n$1\r\n3\r\n");
  CHECK(c.run({"LRANGE", "l", "0", "-1"}) == "*1\r\n$1\r\n2\r\n");
}

TEST_CASE("BLMOVE: a chain of waiting clients is served in one go") {
  World world;
  Client a(world);
  Client b(world);
  Client c(world);
  a.run({"BRPOPLPUSH", "l1", "l2", "0"});
  b.run({"BLMOVE", "l2", "l3", "LEFT", "RIGHT", "0"});
  c.run({"RPUSH", "l1", "x"});
  CHECK(a.take() == "$1\r\nx\r\n");
  CHECK(b.take() == "$1\r\nx\r\n");
  CHECK(c.run({"LRANGE", "l3", "0", "-1"}) == "*1\r\n$1\r\nx\r\n");
}

TEST_CASE("Blocking list commands: at once inside MULTI") {
  World world;
  Client c(world);
  c.run({"MULTI"});
  c.run({"BLPOP", "l", "0"});
  c.run({"BLMOVE", "l", "m", "LEFT", "LEFT", "0"});
  c.run({"BLMPOP", "0", "1", "l", "LEFT"});
  CHECK(c.run({"EXEC"}) == "*3\r\n*-1\r\n$-1\r\n*-1\r\n");
}

TEST_CASE("Lists: OBJECT ENCODING follows the size") {
  World world;
  Client c(world);
  c.run({"RPUSH", "l", "a"});
  CHECK(c.run({"OBJECT", "ENCODING", "l"}) == "$8\r\nlistpack\r\n");
  c.run({"RPUSH", "l", std::string(10'000, 'x')});
  CHECK(c.run({"OBJECT", "ENCODING", "l"}) == "$9\r\nquicklist\r\n");
}

// redis-server 7.2.6, unit/type/list.
TEST_CASE("OBJECT ENCODING: LSET looks at a list with both elements there, and again afterwards") {
  World world;
  Client c(world);
  c.run({"CONFIG", "SET", "list-max-listpack-size", "3"});
  c.run({"RPUSH", "l", "a", "b", "c"});
  CHECK(c.run({"OBJECT", "ENCODING", "l"}) == "$8\r\nlistpack\r\n");
  c.run({"LSET", "l", "0", "x"});
  CHECK(c.run({"OBJECT", "ENCODING", "l"}) == "$9\r\nquicklist\r\n");
  c.run({"CONFIG", "SET", "list-max-listpack-size", "-1"});
  c.run({"RPUSH", "m", std::string(8000, 'x')});
  CHECK(c.run({"OBJECT", "ENCODING", "m"}) == "$9\r\nquicklist\r\n");
  c.run({"LSET", "m", "-1", "c"});
  CHECK(c.run({"OBJECT", "ENCODING", "m"}) == "$8\r\nlistpack\r\n");
}

}  // namespace bodega::redis::test
