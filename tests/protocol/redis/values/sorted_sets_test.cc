#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {

TEST_CASE("ZADD: the matrix of its options") {
  World world;
  Client c(world);
  CHECK(c.run({"ZADD", "z", "1", "a", "2", "b"}) == ":2\r\n");
  CHECK(c.run({"ZADD", "z", "CH", "3", "a", "9", "c"}) == ":2\r\n");
  CHECK(c.run({"ZADD", "z", "NX", "5", "a"}) == ":0\r\n");
  CHECK(c.run({"ZADD", "z", "XX", "CH", "5", "a", "1", "new"}) == ":1\r\n");
  CHECK(c.run({"ZADD", "z", "GT", "CH", "4", "a"}) == ":0\r\n");
  CHECK(c.run({"ZADD", "z", "LT", "CH", "4", "a"}) == ":1\r\n");
  CHECK(c.run({"ZADD", "z", "INCR", "1.5", "a"}) == "$3\r\n5.5\r\n");
  CHECK(c.run({"ZADD", "z", "NX", "INCR", "1", "a"}) == "$-1\r\n");
  CHECK(c.run({"ZADD", "nope", "XX", "1", "a"}) == ":0\r\n");
  CHECK(c.run({"EXISTS", "nope"}) == ":0\r\n");
  CHECK(c.run({"ZADD", "z", "NX", "XX", "1", "a"}) ==
        "-ERR XX and NX options at the same time are not compatible\r\n");
  CHECK(c.run({"ZADD", "z", "GT", "LT", "1", "a"}) ==
        "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n");
  CHECK(c.run({"ZADD", "z", "INCR", "1", "a", "2", "b"}) ==
        "-ERR INCR option supports a single increment-element pair\r\n");
  CHECK(c.run({"ZADD", "z", "1", "a", "nan", "b"}) == "-ERR value is not a valid float\r\n");
  CHECK(c.run({"ZADD", "z", "1", "a", "b"}) == "-ERR syntax error\r\n");
}

TEST_CASE("ZINCRBY: infinities that cancel are refused") {
  World world;
  Client c(world);
  Client c3(world, 3);
  c.run({"ZADD", "z", "inf", "a"});
  CHECK(c.run({"ZINCRBY", "z", "-inf", "a"}) == "-ERR resulting score is not a number (NaN)\r\n");
  CHECK(c.run({"ZINCRBY", "z", "0.1", "b"}) == "$3\r\n0.1\r\n");
  CHECK(c3.run({"ZINCRBY", "z", "0.1", "b"}) == ",0.2\r\n");
  CHECK(c3.run({"ZSCORE", "z", "a"}) == ",inf\r\n");
}

TEST_CASE("ZRANGE: by rank, score and member, in both directions") {
  World world;
  Client c(world);
  Client c3(world, 3);
  c.run({"ZADD", "z", "1", "a", "2", "b", "2", "c", "3", "d"});
  CHECK(c.run({"ZRANGE", "z", "0", "1"}) == "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  CHECK(c.run({"ZRANGE", "z", "0", "1", "REV"}) == "*2\r\n$1\r\nd\r\n$1\r\nc\r\n");
  CHECK(c.run({"ZRANGE", "z", "0", "0", "WITHSCORES"}) == "*2\r\n$1\r\na\r\n$1\r\n1\r\n");
  CHECK(c3.run({"ZRANGE", "z", "0", "0", "WITHSCORES"}) == "*1\r\n*2\r\n$1\r\na\r\n,1\r\n");
  CHECK(c.run({"ZRANGE", "z", "(1", "+inf", "BYSCORE", "LIMIT", "1", "1"}) == "*1\r\n$1\r\nc\r\n");
  CHECK(c.run({"ZRANGE", "z", "(3", "1", "BYSCORE", "REV"}) ==
        "*3\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na\r\n");
  CHECK(c.run({"ZREVRANGEBYSCORE", "z", "2", "2"}) == "*2\r\n$1\r\nc\r\n$1\r\nb\r\n");
  CHECK(
      c.run({"ZRANGE", "z", "0", "1", "LIMIT", "0", "1"}) ==
      "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX\r\n");
  CHECK(c.run({"ZRANGE", "z", "a", "b", "BYLEX"}) ==
        "-ERR min or max not valid string range item\r\n");
  CHECK(c.run({"ZRANGEBYSCORE", "z", "x", "1"}) == "-ERR min or max is not a float\r\n");
  c.run({"ZADD", "lex", "0", "a", "0", "b", "0", "c", "0", "d"});
  CHECK(c.run({"ZRANGEBYLEX", "lex", "[b", "(d"}) == "*2\r\n$1\r\nb\r\n$1\r\nc\r\n");
  CHECK(c.run({"ZREVRANGEBYLEX", "lex", "+", "(b"}) == "*2\r\n$1\r\nd\r\n$1\r\nc\r\n");
  CHECK(c.run({"ZLEXCOUNT", "lex", "-", "+"}) == ":4\r\n");
  CHECK(c.run({"ZCOUNT", "z", "(1", "2"}) == ":2\r\n");
}

TEST_CASE("ZRANGESTORE: stores, and removes when nothing is left to store") {
  World world;
  Client c(world);
  c.run({"ZADD", "z", "1", "a", "2", "b", "3", "c"});
  CHECK(c.run({"ZRANGESTORE", "to", "z", "1", "-1"}) == ":2\r\n");
  CHECK(c.run({"ZRANGE", "to", "0", "-1"}) == "*2\r\n$1\r\nb\r\n$1\r\nc\r\n");
  CHECK(c.run({"ZRANGESTORE", "to", "nope", "0", "-1"}) == ":0\r\n");
  CHECK(c.run({"EXISTS", "to"}) == ":0\r\n");
  CHECK(c.run({"ZRANGESTORE", "to", "z", "0", "-1", "WITHSCORES"}) == "-ERR syntax error\r\n");
}

TEST_CASE("ZRANK: with and without the score") {
  World world;
  Client c(world);
  Client c3(world, 3);
  c.run({"ZADD", "z", "1", "a", "2", "b"});
  CHECK(c.run({"ZRANK", "z", "b"}) == ":1\r\n");
  CHECK(c.run({"ZREVRANK", "z", "b"}) == ":0\r\n");
  CHECK(c.run({"ZRANK", "z", "x"}) == "$-1\r\n");
  CHECK(c3.run({"ZRANK", "z", "b", "WITHSCORE"}) == "*2\r\n:1\r\n,2\r\n");
  CHECK(c.run({"ZRANK", "z", "x", "WITHSCORE"}) == "*-1\r\n");
}

TEST_CASE("ZREM and ZREMRANGEBY*: remove, and take an empty key along") {
  World world;
  Client c(world);
  c.run({"ZADD", "z", "1", "a", "2", "b", "3", "c", "4", "d", "5", "e"});
  CHECK(c.run({"ZREM", "z", "a", "x"}) == ":1\r\n");
  CHECK(c.run({"ZREMRANGEBYSCORE", "z", "-inf", "(3"}) == ":1\r\n");
  CHECK(c.run({"ZREMRANGEBYRANK", "z", "-1", "-1"}) == ":1\r\n");
  CHECK(c.run({"ZRANGE", "z", "0", "-1"}) == "*2\r\n$1\r\nc\r\n$1\r\nd\r\n");
  CHECK(c.run({"ZREMRANGEBYLEX", "z", "-", "+"}) == ":2\r\n");
  CHECK(c.run({"EXISTS", "z"}) == ":0\r\n");
}

TEST_CASE("ZUNION, ZINTER and ZDIFF: weights, aggregates, plain sets take part") {
  World world;
  Client c(world);
  c.run({"ZADD", "a", "1", "x", "2", "y"});
  c.run({"ZADD", "b", "10", "y", "20", "z"});
  c.run({"SADD", "s", "y"});
  CHECK(c.run({"ZUNION", "2", "a", "b", "WITHSCORES"}) ==
        "*6\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\ny\r\n$2\r\n12\r\n$1\r\nz\r\n$2\r\n20\r\n");
  CHECK(c.run({"ZINTER", "2", "a", "b", "WEIGHTS", "2", "1", "AGGREGATE", "MIN", "WITHSCORES"}) ==
        "*2\r\n$1\r\ny\r\n$1\r\n4\r\n");
  CHECK(c.run({"ZINTER", "2", "a", "s", "WITHSCORES"}) == "*2\r\n$1\r\ny\r\n$1\r\n3\r\n");
  CHECK(c.run({"ZDIFF", "2", "a", "b"}) == "*1\r\n$1\r\nx\r\n");
  CHECK(c.run({"ZUNIONSTORE", "a", "2", "a", "b"}) == ":3\r\n");
  CHECK(c.run({"ZINTERSTORE", "none", "2", "a", "nope"}) == ":0\r\n");
  CHECK(c.run({"ZINTERCARD", "2", "a", "b", "LIMIT", "1"}) == ":1\r\n");
  CHECK(c.run({"ZUNION", "0", "a"}) ==
        "-ERR at least 1 input key is needed for 'zunion' command\r\n");
  CHECK(c.run({"ZUNION", "1", "a", "WEIGHTS", "x"}) == "-ERR weight value is not a float\r\n");
  c.run({"SET", "str", "x"});
  CHECK(c.run({"ZUNION", "2", "a", "str"}).substr(0, 10) == "-WRONGTYPE");
}

TEST_CASE("ZPOPMIN and ZMPOP: flat and nested shapes") {
  World world;
  Client c(world);
  Client c3(world, 3);
  c.run({"ZADD", "z", "1", "a", "2", "b", "3", "c", "4", "d", "5", "e", "6", "f"});
  CHECK(c.run({"ZPOPMIN", "z"}) == "*2\r\n$1\r\na\r\n$1\r\n1\r\n");
  CHECK(c3.run({"ZPOPMIN", "z"}) == "*2\r\n$1\r\nb\r\n,2\r\n");
  CHECK(c3.run({"ZPOPMAX", "z", "1"}) == "*1\r\n*2\r\n$1\r\nf\r\n,6\r\n");
  CHECK(c.run({"ZPOPMAX", "z", "1"}) == "*2\r\n$1\r\ne\r\n$1\r\n5\r\n");
  CHECK(c.run({"ZMPOP", "2", "nope", "z", "MIN", "COUNT", "5"}) ==
        "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n*2\r\n$1\r\nd\r\n$1\r\n4\r\n");
  CHECK(c.run({"ZMPOP", "1", "z", "MIN"}) == "*-1\r\n");
  CHECK(c.run({"ZPOPMIN", "z"}) == "*0\r\n");
}

TEST_CASE("BZPOPMIN and BZMPOP: wait for a member") {
  World world;
  Client a(world);
  Client b(world, 3);
  Client c(world);
  a.run({"BZPOPMAX", "z", "0"});
  b.run({"BZMPOP", "1", "2", "other", "z", "MIN", "COUNT", "9"});
  c.run({"ZADD", "z", "1", "x", "2", "y", "3", "z"});
  CHECK(a.take() == "*3\r\n$1\r\nz\r\n$1\r\nz\r\n$1\r\n3\r\n");
  CHECK(b.take() == "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nx\r\n,1\r\n*2\r\n$1\r\ny\r\n,2\r\n");
  a.run({"BZPOPMIN", "z", "1"});
  world.advance_ms(1001);
  CHECK(a.take() == "*-1\r\n");
}

TEST_CASE("ZRANDMEMBER and ZSCAN") {
  World world;
  Client c(world);
  Client c3(world, 3);
  c.run({"ZADD", "z", "1.5", "a"});
  CHECK(c.run({"ZRANDMEMBER", "z"}) == "$1\r\na\r\n");
  CHECK(c.run({"ZRANDMEMBER", "z", "-2"}) == "*2\r\n$1\r\na\r\n$1\r\na\r\n");
  CHECK(c.run({"ZRANDMEMBER", "z", "3", "WITHSCORES"}) == "*2\r\n$1\r\na\r\n$3\r\n1.5\r\n");
  CHECK(c3.run({"ZRANDMEMBER", "z", "3", "WITHSCORES"}) == "*1\r\n*2\r\n$1\r\na\r\n,1.5\r\n");
  CHECK(c.run({"ZSCAN", "z", "0", "NOSCORES"}) == "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n");
  CHECK(c.run({"ZSCAN", "z", "0"}) == "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$3\r\n1.5\r\n");
}

TEST_CASE("Sorted sets: many members behave as few do") {
  World world;
  Client c(world);
  for (int i = 0; i < 300; ++i) c.run({"ZADD", "z", std::to_string(i), "m" + std::to_string(i)});
  CHECK(c.run({"OBJECT", "ENCODING", "z"}) == "$8\r\nskiplist\r\n");
  CHECK(c.run({"ZRANK", "z", "m250"}) == ":250\r\n");
  CHECK(c.run({"ZCOUNT", "z", "100", "(200"}) == ":100\r\n");
  CHECK(c.run({"ZREMRANGEBYRANK", "z", "0", "249"}) == ":250\r\n");
  CHECK(c.run({"ZRANGE", "z", "0", "0"}) == "*1\r\n$4\r\nm250\r\n");
}

}  // namespace bodega::redis::test
