// Answers follow Redis 7.4: its pages of the commands and unit/type/hash-field-expire of its suite.
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

std::string now_plus(World& world, std::int64_t ms) {
  return std::to_string(world.engine.now_ms() + ms);
}

}  // namespace

TEST_CASE("HEXPIRE: sets, tells the time, and the field goes when it comes") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1", "b", "2"});
  CHECK(c.run({"HEXPIRE", "h", "10", "FIELDS", "2", "a", "none"}) == "*2\r\n:1\r\n:-2\r\n");
  CHECK(c.run({"HTTL", "h", "FIELDS", "3", "a", "b", "none"}) == "*3\r\n:10\r\n:-1\r\n:-2\r\n");
  CHECK(c.run({"HPTTL", "h", "FIELDS", "1", "a"}) == "*1\r\n:10000\r\n");
  const std::string when = now_plus(world, 10'000);
  CHECK(c.run({"HPEXPIRETIME", "h", "FIELDS", "1", "a"}) == "*1\r\n:" + when + "\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "h"}) == "$10\r\nlistpackex\r\n");
  world.advance_ms(9'500);
  CHECK(c.run({"HTTL", "h", "FIELDS", "1", "a"}) == "*1\r\n:1\r\n");
  world.advance_ms(501);
  CHECK(c.run({"HGETALL", "h"}) == "*2\r\n$1\r\nb\r\n$1\r\n2\r\n");
  CHECK(c.run({"HLEN", "h"}) == ":1\r\n");
  CHECK(c.run({"HEXISTS", "h", "a"}) == ":0\r\n");
  CHECK(c.run({"HRANDFIELD", "h", "5"}) == "*1\r\n$1\r\nb\r\n");
  CHECK(c.run({"HSCAN", "h", "0"}) == "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n");
  CHECK(c.run({"INFO", "stats"}).find("expired_subkeys:1\r\n") != std::string::npos);
}

TEST_CASE("HPEXPIREAT: an instant that has come removes the field, the last one the key") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1", "b", "2"});
  CHECK(c.run({"HPEXPIREAT", "h", now_plus(world, 0), "FIELDS", "1", "a"}) == "*1\r\n:2\r\n");
  CHECK(c.run({"HEXPIRE", "h", "0", "FIELDS", "2", "b", "b"}) == "*2\r\n:2\r\n:-2\r\n");
  CHECK(c.run({"EXISTS", "h"}) == ":0\r\n");
  CHECK(c.run({"HEXPIREAT", "h", "1", "FIELDS", "1", "a"}) == "*1\r\n:-2\r\n");
}

TEST_CASE("HPEXPIRE: NX, XX, GT and LT; a field without a time to live expires last") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1", "b", "2"});
  const auto expire = [&](std::string_view time, std::string_view condition) {
    return c.run({"HPEXPIRE", "h", time, condition, "FIELDS", "2", "a", "b"});
  };
  CHECK(expire("1000", "XX") == "*2\r\n:0\r\n:0\r\n");
  CHECK(expire("1000", "GT") == "*2\r\n:0\r\n:0\r\n");
  CHECK(c.run({"HPEXPIRE", "h", "1000", "NX", "FIELDS", "1", "a"}) == "*1\r\n:1\r\n");
  CHECK(expire("1500", "nx") == "*2\r\n:0\r\n:1\r\n");
  CHECK(expire("1200", "GT") == "*2\r\n:1\r\n:0\r\n");
  CHECK(expire("1200", "LT") == "*2\r\n:0\r\n:1\r\n");
  CHECK(expire("9000", "XX") == "*2\r\n:1\r\n:1\r\n");
  CHECK(c.run({"HPTTL", "h", "FIELDS", "2", "a", "b"}) == "*2\r\n:9000\r\n:9000\r\n");
}

TEST_CASE("HPERSIST: ends the time to live") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1", "b", "2"});
  c.run({"HEXPIRE", "h", "1", "FIELDS", "1", "a"});
  CHECK(c.run({"HPERSIST", "h", "FIELDS", "3", "a", "b", "c"}) == "*3\r\n:1\r\n:-1\r\n:-2\r\n");
  CHECK(c.run({"HPERSIST", "none", "FIELDS", "1", "a"}) == "*1\r\n:-2\r\n");
  world.advance_ms(5000);
  CHECK(c.run({"HGET", "h", "a"}) == "$1\r\n1\r\n");
}

TEST_CASE("HEXPIRE: what it refuses") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1"});
  c.run({"SET", "text", "x"});
  CHECK(c.run({"HEXPIRE", "text", "1", "FIELDS", "1", "a"}) ==
        "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
  CHECK(c.run({"HEXPIRE", "h", "x", "FIELDS", "1", "a"}) ==
        "-ERR value is not an integer or out of range\r\n");
  CHECK(c.run({"HEXPIRE", "h", "-1", "FIELDS", "1", "a"}) ==
        "-ERR invalid expire time, must be >= 0\r\n");
  CHECK(c.run({"HEXPIRE", "h", "281474976710", "FIELDS", "1", "a"}) ==
        "-ERR invalid expire time in 'hexpire' command\r\n");
  CHECK(c.run({"HPEXPIREAT", "h", "70368744177664", "FIELDS", "1", "a"}) ==
        "-ERR invalid expire time in 'hpexpireat' command\r\n");
  CHECK(c.run({"HPEXPIREAT", "h", "70368744177663", "FIELDS", "1", "a"}) == "*1\r\n:1\r\n");
  CHECK(c.run({"HEXPIRE", "h", "1", "FIELDS", "0", "a"}) ==
        "-ERR Parameter `numFields` should be greater than 0\r\n");
  CHECK(c.run({"HEXPIRE", "h", "1", "FIELDS", "2", "a"}) ==
        "-ERR The `numfields` parameter must match the number of arguments\r\n");
  CHECK(c.run({"HEXPIRE", "h", "1", "NOPE", "1", "a"}) ==
        "-ERR Mandatory argument FIELDS is missing or not at the right position\r\n");
  CHECK(c.run({"HEXPIRE", "h", "1", "NX", "FIELDS", "1"}) ==
        "-ERR The `numfields` parameter must match the number of arguments\r\n");
  CHECK(c.run({"HTTL", "h", "FIELDS", "x", "a"}) ==
        "-ERR Number of fields must be a positive integer\r\n");
  CHECK(c.run({"HTTL", "h", "FIELDS", "1"}) ==
        "-ERR wrong number of arguments for 'httl' command\r\n");
}

TEST_CASE("HSET: ends a field's time to live; HINCRBY and HINCRBYFLOAT leave it") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1", "b", "1", "c", "1"});
  c.run({"HEXPIRE", "h", "10", "FIELDS", "3", "a", "b", "c"});
  c.run({"HSET", "h", "a", "2"});
  CHECK(c.run({"HINCRBY", "h", "b", "1"}) == ":2\r\n");
  CHECK(c.run({"HINCRBYFLOAT", "h", "c", "0.5"}) == "$3\r\n1.5\r\n");
  CHECK(c.run({"HTTL", "h", "FIELDS", "3", "a", "b", "c"}) == "*3\r\n:-1\r\n:10\r\n:10\r\n");
  world.advance_ms(10'001);
  CHECK(c.run({"HINCRBY", "h", "b", "1"}) == ":1\r\n");
  CHECK(c.run({"HTTL", "h", "FIELDS", "1", "b"}) == "*1\r\n:-1\r\n");
}

TEST_CASE("HEXPIRE: events hexpire, hexpired, hpersist, hdel, and del with the last field") {
  World world;
  Client c(world);
  Client listener(world);
  c.run({"CONFIG", "SET", "notify-keyspace-events", "Kgh"});
  listener.run({"SUBSCRIBE", "__keyspace@0__:h"});
  const auto heard = [&](std::initializer_list<std::string_view> command) {
    listener.take();
    c.run(command);
    std::string events;
    const std::string pushed = listener.take();
    for (const std::string event : {"hset", "hexpire\r", "hexpired", "hpersist", "hdel", "\ndel"}) {
      if (pushed.find(event) != std::string::npos) {
        events += event.substr(event.find_first_not_of('\n'));
        if (events.back() == '\r') events.pop_back();
        events += ' ';
      }
    }
    return events;
  };
  c.run({"HSET", "h", "a", "1", "b", "2"});
  CHECK(heard({"HEXPIRE", "h", "10", "FIELDS", "1", "a"}) == "hexpire ");
  CHECK(heard({"HEXPIRE", "h", "10", "NX", "FIELDS", "1", "a"}).empty());
  CHECK(heard({"HPERSIST", "h", "FIELDS", "1", "a"}) == "hpersist ");
  CHECK(heard({"HEXPIRE", "h", "0", "FIELDS", "1", "a"}) == "hdel ");
  CHECK(heard({"HEXPIRE", "h", "10", "FIELDS", "1", "b"}) == "hexpire ");
  world.clock.advance_ms(10'001);
  world.engine.refresh_now();
  CHECK(heard({"HGET", "h", "b"}) == "hexpired del ");
}

TEST_CASE("HEXPIRE: a field that expires in time counts for who watches the key") {
  World world;
  Client c(world);
  Client other(world);
  c.run({"HSET", "h", "a", "1", "b", "2"});
  c.run({"HPEXPIRE", "h", "5", "FIELDS", "1", "a"});
  c.run({"WATCH", "h"});
  world.advance_ms(6);
  c.run({"MULTI"});
  c.run({"PING"});
  CHECK(c.run({"EXEC"}) == "*-1\r\n");
}

TEST_CASE("HEXPIRE: times to live survive DEBUG RELOAD, COPY and RENAME") {
  World world;
  Client c(world);
  c.run({"HSET", "h", "a", "1", "b", "2"});
  c.run({"HEXPIRE", "h", "10", "FIELDS", "1", "a"});
  c.run({"COPY", "h", "copy"});
  c.run({"RENAME", "h", "renamed"});
  c.run({"DEBUG", "RELOAD"});
  for (const std::string_view key : {"copy", "renamed"}) {
    CHECK(c.run({"HTTL", key, "FIELDS", "2", "a", "b"}) == "*2\r\n:10\r\n:-1\r\n");
  }
  CHECK(c.run({"INFO", "keyspace"}).find("subexpiry=2") != std::string::npos);
}

TEST_CASE("DUMP, RESTORE: the times to live of fields go along, in a listpack and in a table") {
  World world;
  Client c(world);
  for (const std::string_view most : {"512", "0"}) {
    c.run({"FLUSHALL"});
    c.run({"CONFIG", "SET", "hash-max-listpack-entries", most});
    c.run({"HSET", "h", "a", "1", "b", "2", "c", "3"});
    c.run({"HEXPIRE", "h", "20", "FIELDS", "1", "b"});
    c.run({"HEXPIRE", "h", "10", "FIELDS", "1", "c"});
    std::string payload = c.run({"DUMP", "h"});
    payload = payload.substr(payload.find('\n') + 1);
    payload.resize(payload.size() - 2);
    CHECK(payload.front() == (most == "0" ? '\x18' : '\x19'));
    CHECK(c.run({"RESTORE", "copy", "0", payload}) == "+OK\r\n");
    CHECK(c.run({"HTTL", "copy", "FIELDS", "3", "a", "b", "c"}) == "*3\r\n:-1\r\n:20\r\n:10\r\n");
    CHECK(c.run({"HMGET", "copy", "a", "b", "c"}) == c.run({"HMGET", "h", "a", "b", "c"}));
    CHECK(c.run({"OBJECT", "ENCODING", "copy"}) == c.run({"OBJECT", "ENCODING", "h"}));
  }
}

}  // namespace bodega::redis::test
