// A command that has to wait is one command: shown when it comes, counted and logged when it is
// answered. The expected figures are those of redis-server 7.2's own tests of list and slowlog.
#include "protocol/redis/instance/blocking.h"

#include <string>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

std::string calls_of(World& world, std::string_view command) {
  const CommandStatistics& counted = world.instance.commands().find_name(command)->statistics;
  return "calls=" + std::to_string(counted.calls) + ",failed=" + std::to_string(counted.failed);
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_CASE("Waiting: a served command is counted once, and not before it is served") {
  World world;
  Client waiter(world);
  Client c(world);
  waiter.run({"BLPOP", "l", "0"});
  CHECK(calls_of(world, "blpop") == "calls=0,failed=0");
  const std::uint64_t before = world.instance.statistics().commands_processed;
  c.run({"RPUSH", "l", "a"});
  CHECK(waiter.take() == "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
  CHECK(calls_of(world, "blpop") == "calls=1,failed=0");
  CHECK(world.instance.statistics().commands_processed - before == 2);
}

TEST_CASE("Waiting: a run in vain counts nothing") {
  World world;
  Client first(world);
  Client second(world);
  Client c(world);
  first.run({"BLPOP", "l", "0"});
  second.run({"BLPOP", "l", "0"});
  c.run({"RPUSH", "l", "a"});
  CHECK(calls_of(world, "blpop") == "calls=1,failed=0");
  c.run({"RPUSH", "l", "b"});
  CHECK(calls_of(world, "blpop") == "calls=2,failed=0");
}

TEST_CASE("Waiting: a command whose time is up or that is unblocked is counted once") {
  World world;
  Client waiter(world);
  Client c(world);
  waiter.run({"BLPOP", "l", "0.05"});
  world.advance_ms(60);
  CHECK(waiter.take() == "*-1\r\n");
  CHECK(calls_of(world, "blpop") == "calls=1,failed=0");
  waiter.run({"BZPOPMIN", "z", "0"});
  c.run({"CLIENT", "UNBLOCK", std::to_string(waiter.session().id), "ERROR"});
  CHECK(calls_of(world, "bzpopmin") == "calls=1,failed=1");
}

TEST_CASE("MONITOR: a command that waits is shown when it comes, and not again") {
  World world;
  Client waiter(world);
  Client c(world);
  Client monitor(world);
  monitor.run({"MONITOR"});
  waiter.run({"BLPOP", "l", "0"});
  CHECK(count_of(monitor.take(), "\"BLPOP\" \"l\"") == 1);
  c.run({"RPUSH", "l", "a"});
  const std::string shown = monitor.take();
  CHECK(count_of(shown, "RPUSH") == 1);
  CHECK(count_of(shown, "BLPOP") == 0);
}

TEST_CASE("SLOWLOG: a command that waits is logged when it is answered") {
  World world;
  Client waiter(world);
  Client c(world);
  c.run({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
  waiter.run({"BLPOP", "l", "0"});
  c.run({"CONFIG", "SET", "slowlog-log-slower-than", "-1"});
  CHECK(c.run({"SLOWLOG", "GET", "-1"}).find("BLPOP") == std::string::npos);
  c.run({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
  c.run({"RPUSH", "l", "a"});
  c.run({"CONFIG", "SET", "slowlog-log-slower-than", "-1"});
  CHECK(count_of(c.run({"SLOWLOG", "GET", "-1"}), "BLPOP") == 1);
}

// Redis 7.0 counts one for a move (Valkey 8 as well, beside one for the push that serves it).
TEST_CASE("LMOVE: what moves from key to key is one change") {
  World world;
  Client waiter(world);
  Client c(world);
  c.run({"RPUSH", "a", "x"});
  const std::uint64_t before = world.engine.change_count();
  c.run({"LMOVE", "a", "b", "LEFT", "RIGHT"});
  CHECK(world.engine.change_count() - before == 1);
  waiter.run({"BLMOVE", "a", "b", "LEFT", "RIGHT", "0"});
  c.run({"RPUSH", "a", "y"});
  CHECK(waiter.take() == "$1\r\ny\r\n");
  CHECK(world.engine.change_count() - before == 3);
}

}  // namespace
}  // namespace bodega::redis::test
