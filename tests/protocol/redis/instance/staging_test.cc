// What clients see while a tick with a long string is written over several turns.
#include "engines/keyspace/staging.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/faulty_store.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

using tests::FaultyStore;

constexpr std::size_t kLong = 16 * keyspace::kStageSliceBytes;
const std::string kMisconf = "-MISCONF Errors writing to the AOF file: Input/output error\r\n";

class StagingWorld : public World {
 public:
  StagingWorld()
      : StagingWorld(
            std::make_unique<FaultyStore>(kv::make_memory_store(kv::Database::kKeyspace))) {}
  FaultyStore& failing;

  // As the listener makes its turns, until all is written.
  int finish_staging() {
    int turns = 0;
    for (; instance.is_staging(); ++turns) finish_tick();
    finish_tick();
    return turns;
  }

 private:
  explicit StagingWorld(std::unique_ptr<FaultyStore> made)
      : World(std::move(made)), failing(static_cast<FaultyStore&>(*store)) {}
};

std::string request(const std::vector<std::string>& args) {
  std::string out = "*" + std::to_string(args.size()) + "\r\n";
  for (const auto& arg : args) out += "$" + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
  return out;
}

// Runs the requests of `bytes` up to the first turn of the staging.
void begin(StagingWorld& world, Client& client, const std::string& bytes) {
  client.session().feed(bytes);
  client.session().process(1000);
  world.instance.finish_tick();
  REQUIRE(world.instance.is_staging());
}

std::string long_value(char byte = 'x') { return std::string(kLong, byte); }

}  // namespace

TEST_CASE("Staging: others are served turn by turn while a long string is written") {
  StagingWorld world;
  Client c(world);
  Client other(world);
  other.run({"MSET", "a", "1", "b", "2"});
  world.failing.on_commit = [](const kv::Batch& batch) {
    CHECK(keyspace::footprint(batch) < 2 * keyspace::kStageSliceBytes);
  };
  begin(world, c, request({"SET", "long", long_value()}) + "PING\r\n");
  int answered = 0;
  std::string replies;
  while (world.instance.is_staging()) {
    CHECK(other.run({"PING"}) == "+PONG\r\n");
    CHECK(other.run({"GET", "a"}) == "$1\r\n1\r\n");
    CHECK(other.run({"INCR", "n"}) == ":" + std::to_string(++answered) + "\r\n");
    replies += c.take();
    CHECK((replies.empty() || !world.instance.is_staging()));
  }
  world.finish_tick();
  CHECK(answered >= 2);
  CHECK(replies + c.take() == "+OK\r\n+PONG\r\n");
  CHECK(other.run({"STRLEN", "long"}) == ":" + std::to_string(kLong) + "\r\n");
}

TEST_CASE("Staging: a read of the long string waits for it, and the client's next ones with it") {
  StagingWorld world;
  Client c(world);
  Client reader(world);
  Client lister(world);
  c.run({"SET", "k", "v"});
  begin(world, c, request({"SET", "long", long_value()}));
  CHECK(reader.send("GET k\r\nSTRLEN long\r\nGET k\r\n") == "$1\r\nv\r\n");
  CHECK(reader.progress() == Session::Progress::kParked);
  CHECK(lister.run({"DBSIZE"}) == "");
  CHECK(world.finish_staging() > 1);
  CHECK(c.take() == "+OK\r\n");
  CHECK(reader.take() == ":" + std::to_string(kLong) + "\r\n$1\r\nv\r\n");
  CHECK(lister.take() == ":2\r\n");
}

TEST_CASE("Staging: writes to the long string, of all keys and of unknown ones wait") {
  StagingWorld world;
  Client c(world);
  std::vector<std::unique_ptr<Client>> waiting;
  begin(world, c, request({"SET", "long", long_value()}));
  const std::vector<std::string> requests = {
      request({"APPEND", "long", "y"}),       request({"RENAME", "long", "longer"}),
      request({"SORT", "l", "BY", "lon*"}),   request({"SORT_RO", "long"}),
      request({"DEBUG", "OBJECT", "second"}), request({"FLUSHALL"})};
  for (const std::string& one : requests) {
    waiting.push_back(std::make_unique<Client>(world));
    waiting.back()->session().feed(one);
    CHECK(waiting.back()->session().process(10) == Session::Progress::kParked);
  }
  world.finish_staging();
  CHECK(c.take() == "+OK\r\n");
  for (const auto& client : waiting) CHECK(client->take() != "");
  CHECK(c.run({"DBSIZE"}) == ":0\r\n");
}

TEST_CASE("Staging: a second long string has its turn after the first") {
  StagingWorld world;
  Client c(world);
  Client second(world);
  begin(world, c, request({"SET", "long", long_value()}));
  second.session().feed(request({"SET", "second", long_value('z')}));
  CHECK(second.session().process(10) == Session::Progress::kParked);
  // The turn that ends the first begins the second.
  while (c.session().delivery.held) world.finish_tick();
  CHECK(c.take() == "+OK\r\n");
  world.finish_tick();
  CHECK(world.instance.is_staging());
  CHECK(c.run({"STRLEN", "long"}) == ":" + std::to_string(kLong) + "\r\n");
  CHECK(second.take() == "");
  world.finish_staging();
  CHECK(second.take() == "+OK\r\n");
}

TEST_CASE("Staging: what APPEND, SETRANGE, COPY and BITOP make of long strings is right") {
  StagingWorld world;
  Client c(world);
  c.run({"SET", "long", "short"});
  CHECK(c.run({"APPEND", "long", long_value()}) == ":" + std::to_string(kLong + 5) + "\r\n");
  CHECK(c.run({"GETRANGE", "long", "3", "7"}) == "$5\r\nrtxxx\r\n");
  // A gap before what is written reads as zeros, also where the string had been longer.
  CHECK(c.run({"SET", "gap", long_value('g')}) == "+OK\r\n");
  CHECK(c.run({"SET", "gap", std::string(kLong * 2 / 3, 'g')}) == "+OK\r\n");
  const std::string offset = std::to_string(kLong * 2 / 3 + 2);
  c.run({"SETRANGE", "gap", offset, std::string(2'000'000, 'r')});
  CHECK(c.run({"GETRANGE", "gap", std::to_string(kLong * 2 / 3 - 1), offset}) ==
        std::string("$4\r\ng\0\0r\r\n", 10));
  CHECK(c.run({"COPY", "long", "copied"}) == ":1\r\n");
  CHECK(c.run({"BITOP", "XOR", "nothing", "long", "copied"}).starts_with(":"));
  CHECK(c.run({"BITCOUNT", "nothing"}) == ":0\r\n");
  c.run({"SET", "s", "sh"});
  CHECK(c.run({"BITOP", "AND", "s", "long", "s"}) == ":" + std::to_string(kLong + 5) + "\r\n");
  CHECK(c.run({"GETRANGE", "s", "0", "3"}) == std::string("$4\r\nsh\0\0\r\n", 10));
}

TEST_CASE("Staging: COPY of a long string waits for a tick that nobody else writes in") {
  StagingWorld world;
  Client c(world);
  Client other(world);
  c.run({"SET", "long", long_value()});
  other.session().feed("SET k v\r\n");
  other.session().process(10);
  c.session().feed("COPY long copied\r\n");
  CHECK(c.session().process(10) == Session::Progress::kMore);
  world.finish_tick();
  CHECK(other.take() == "+OK\r\n");
  begin(world, c, "");
  CHECK(other.run({"GET", "k"}) == "$1\r\nv\r\n");
  world.finish_staging();
  CHECK(c.take() == ":1\r\n");
}

TEST_CASE("Staging: a transaction is one, and one that looks at the long string waits whole") {
  StagingWorld world;
  Client c(world);
  Client other(world);
  Client beside(world);
  begin(world, c,
        "MULTI\r\nSET small 1\r\n" + request({"SET", "long", long_value()}) +
            "INCR small\r\nEXEC\r\n");
  CHECK(other.send("MULTI\r\nSET free 1\r\nGET small\r\nEXEC\r\n") ==
        "+OK\r\n+QUEUED\r\n+QUEUED\r\n");
  CHECK(beside.send("MULTI\r\nSET apart 1\r\nEXEC\r\n") == "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
  CHECK(beside.run({"EXISTS", "free"}) == ":0\r\n");
  world.finish_staging();
  CHECK(c.take().ends_with("*3\r\n+OK\r\n+OK\r\n:2\r\n"));
  CHECK(other.take() == "*2\r\n+OK\r\n$1\r\n2\r\n");
}

TEST_CASE("Staging: a watched key that it changed breaks the transaction") {
  StagingWorld world;
  Client c(world);
  Client watcher(world);
  watcher.run({"WATCH", "long"});
  begin(world, c, request({"SET", "long", long_value()}));
  CHECK(watcher.send("MULTI\r\nSET k v\r\nEXEC\r\n") == "+OK\r\n+QUEUED\r\n*-1\r\n");
  world.finish_staging();
}

TEST_CASE("Staging: who is parked on a key goes on at once, or later if it reaches the string") {
  StagingWorld world;
  Client c(world);
  Client popper(world);
  Client mover(world);
  Client pusher(world);
  CHECK(popper.run({"BLPOP", "q", "0"}) == "");
  CHECK(mover.run({"BLMOVE", "from", "long", "LEFT", "LEFT", "0"}) == "");
  begin(world, c, request({"SET", "long", long_value()}));
  CHECK(pusher.run({"RPUSH", "q", "a"}) == ":1\r\n");
  CHECK(popper.take() == "*2\r\n$1\r\nq\r\n$1\r\na\r\n");
  CHECK(pusher.run({"RPUSH", "from", "b"}) == ":1\r\n");
  CHECK(mover.take() == "");
  world.finish_staging();
  world.instance.settle();
  world.finish_tick();
  CHECK(mover.take().starts_with("-WRONGTYPE"));
  CHECK(c.take() == "+OK\r\n");
  CHECK(c.run({"LLEN", "from"}) == ":1\r\n");
}

TEST_CASE("Staging: a commit that fails makes its replies errors, and who waited sees what was") {
  StagingWorld world;
  Client c(world);
  Client other(world);
  Client reader(world);
  c.run({"SET", "long", "short yet"});
  begin(world, c, request({"SET", "long", long_value()}));
  CHECK(other.run({"SET", "k", "v"}) == "+OK\r\n");
  CHECK(reader.run({"GET", "long"}) == "");
  world.failing.fail_commits();
  world.finish_staging();
  CHECK(c.take() == kMisconf);
  CHECK(reader.take() == "$9\r\nshort yet\r\n");
  CHECK(other.run({"GET", "k"}) == "$1\r\nv\r\n");
  CHECK(other.run({"SET", "k", "w"}) == kMisconf);
  world.failing.calm();
  world.advance_ms(100);
  CHECK(other.run({"SET", "k", "w"}) == "+OK\r\n");
  CHECK(c.run({"APPEND", "long", "!"}) == ":10\r\n");
}

TEST_CASE("Staging: SAVE finishes it first, and whoever goes away meanwhile is forgotten") {
  StagingWorld world;
  Client saver(world);
  {
    Client c(world);
    begin(world, c, request({"SET", "long", long_value()}));
  }
  CHECK(saver.run({"SAVE"}) == "+OK\r\n");
  CHECK_FALSE(world.instance.is_staging());
  CHECK(saver.run({"STRLEN", "long"}) == ":" + std::to_string(kLong) + "\r\n");
}

TEST_CASE("Staging: nothing is evicted meanwhile, and what needs memory waits") {
  StagingWorld world;
  Client c(world);
  Client other(world);
  c.run({"CONFIG", "SET", "maxmemory-policy", "allkeys-random", "maxmemory", "60mb"});
  c.run({"SET", "k", "v"});
  begin(world, c, request({"SET", "long", long_value()}));
  CHECK(other.run({"CONFIG", "SET", "maxmemory", "1mb"}) == "+OK\r\n");
  CHECK(other.run({"GET", "k"}) == "$1\r\nv\r\n");
  world.instance.run_cron();
  CHECK(other.run({"SET", "l", "v"}) == "");
  world.finish_staging();
  CHECK(c.take() == "+OK\r\n");
  world.advance_ms(100);
  CHECK(c.run({"DBSIZE"}) != ":3\r\n");
}

}  // namespace bodega::redis::test
