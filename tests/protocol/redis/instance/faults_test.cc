// What clients are told when the store fails, and after.
#include <string>

#include "engines/base/fault.h"
#include "engines/keyspace/engine.h"
#include "tests/catch.h"
#include "tests/faulty_store.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

const std::string kMisconf = "-MISCONF Errors writing to the AOF file: Input/output error\r\n";
const std::string kFull = "-MISCONF Errors writing to the AOF file: No space left on device\r\n";

class FailingWorld : public World {
 public:
  FailingWorld()
      : FailingWorld(
            std::make_unique<tests::FaultyStore>(kv::make_memory_store(kv::Database::kKeyspace))) {}
  tests::FaultyStore& failing;

 private:
  explicit FailingWorld(std::unique_ptr<tests::FaultyStore> made)
      : World(std::move(made)), failing(static_cast<tests::FaultyStore&>(*store)) {}
};

}  // namespace

TEST_CASE("A commit that failed: its replies are errors, and the keyspace is what it was") {
  FailingWorld world;
  Client c(world);
  Client other(world);
  c.run({"SET", "k", "v"});
  c.run({"RPUSH", "l", "a", "b"});
  world.failing.fail_commits();
  // Read before anything was changed, so that reply stands.
  other.session().feed("GET k\r\n");
  other.session().process(100);
  c.session().feed("PING\r\nSET k w\r\nGET k\r\nLPOP l\r\n");
  c.session().process(100);
  other.session().feed("GET k\r\nECHO x\r\n");
  other.session().process(100);
  world.finish_tick();
  CHECK(c.take() == "+PONG\r\n" + kMisconf + kMisconf + kMisconf);
  CHECK(other.take() == "$1\r\nv\r\n" + kMisconf + "$1\r\nx\r\n");
  CHECK(c.run({"GET", "k"}) == "$1\r\nv\r\n");
  CHECK(c.run({"LRANGE", "l", "0", "-1"}) == "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
}

TEST_CASE("A command that the store fails says so, and keeps the store's own words for the log") {
  InstanceOptions options;
  options.save = [] { throw base::StorageFault("IO error: While syncing /var/data/000004.log"); };
  World world(options);
  Client c(world);
  CHECK(c.run({"SAVE"}) == "-ERR internal error\r\n");
}

TEST_CASE("A store that fails: reads go on, writes are refused before they run, INFO says so") {
  FailingWorld world;
  Client c(world);
  c.run({"SET", "k", "v"});
  world.failing.fail_commits();
  CHECK(c.run({"SET", "k", "w"}) == kMisconf);
  CHECK(c.run({"SET", "k", "w"}) == kMisconf);
  CHECK(c.run({"DEL", "k"}) == kMisconf);
  // As redis-server does, whose PING tells its watchers.
  CHECK(c.run({"PING"}) == kMisconf);
  CHECK(c.run({"GET", "k"}) == "$1\r\nv\r\n");
  CHECK(c.run({"INFO", "persistence"}).find("aof_last_write_status:err\r\n") != std::string::npos);
  CHECK(c.run({"SAVE"}).starts_with("-MISCONF"));
  world.failing.calm();
  world.advance_ms(100);
  CHECK(c.run({"SET", "k", "w"}) == "+OK\r\n");
  CHECK(c.run({"PING"}) == "+PONG\r\n");
  CHECK(c.run({"INFO", "persistence"}).find("aof_last_write_status:ok\r\n") != std::string::npos);
}

TEST_CASE("A store that fails: MULTI refuses writes as it queues them, and EXEC those it has") {
  FailingWorld world;
  Client c(world);
  Client queued(world);
  queued.run({"MULTI"});
  queued.run({"SET", "a", "1"});
  world.failing.fail_commits();
  CHECK(c.run({"SET", "k", "w"}) == kMisconf);
  CHECK(queued.run({"EXEC"}) ==
        "-EXECABORT Transaction discarded because of: MISCONF Errors writing to the AOF file: "
        "Input/output error\r\n");
  c.run({"MULTI"});
  CHECK(c.run({"SET", "a", "1"}) == kMisconf);
  CHECK(c.run({"EXEC"}) == "-EXECABORT Transaction discarded because of previous errors.\r\n");
  c.run({"MULTI"});
  c.run({"GET", "a"});
  CHECK(c.run({"EXEC"}) == "*1\r\n$-1\r\n");
}

TEST_CASE("A transaction whose commit failed: EXEC is one error, and none of it is there") {
  FailingWorld world;
  Client c(world);
  c.run({"MULTI"});
  c.run({"SET", "a", "1"});
  c.run({"RPUSH", "l", "x"});
  world.failing.fail_commits();
  CHECK(c.run({"EXEC"}) == kMisconf);
  CHECK(c.run({"EXISTS", "a", "l"}) == ":0\r\n");
}

TEST_CASE("A commit that failed: who watches a key that was taken back is told") {
  FailingWorld world;
  Client c(world);
  Client watcher(world);
  c.run({"SET", "k", "v"});
  watcher.run({"WATCH", "k"});
  world.failing.fail_commits();
  CHECK(c.run({"SET", "k", "w"}) == kMisconf);
  watcher.run({"MULTI"});
  watcher.run({"GET", "k"});
  CHECK(watcher.run({"EXEC"}) == "*-1\r\n");
}

TEST_CASE("A store that fails: who waits for a key is served when writes are taken again") {
  FailingWorld world;
  Client c(world);
  Client waiting(world);
  c.run({"RPUSH", "l", "a"});
  world.failing.fail_commits();
  // In one tick the list goes and the other begins to wait for it; then the list is there again.
  c.session().feed("DEL l\r\n");
  c.session().process(100);
  waiting.session().feed("BLPOP l 0\r\n");
  waiting.session().process(100);
  world.finish_tick();
  CHECK(c.take() == kMisconf);
  world.advance_ms(100);
  CHECK(waiting.take() == "");
  world.failing.calm();
  world.advance_ms(100);
  CHECK(waiting.take() == "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
  CHECK(c.run({"EXISTS", "l"}) == ":0\r\n");
}

TEST_CASE("A store that fails: keys past their time are not seen, and expire when it is well") {
  FailingWorld world;
  Client c(world);
  c.run({"SET", "k", "v", "PX", "50"});
  world.failing.fail_commits();
  c.run({"SET", "other", "v"});
  world.advance_ms(100);
  CHECK(c.run({"GET", "k"}) == "$-1\r\n");
  CHECK(c.run({"DBSIZE"}) == ":1\r\n");
  world.failing.calm();
  world.advance_ms(100);
  world.advance_ms(100);
  CHECK(c.run({"DBSIZE"}) == ":0\r\n");
}

TEST_CASE("A full disk: what frees room is served, what takes some is refused") {
  FailingWorld world;
  Client c(world);
  for (const char* key : {"a", "b", "c", "d", "e"}) c.run({"SET", key, "v"});
  c.run({"RPUSH", "l", "1", "2", "3", "4"});
  c.run({"HSET", "h", "f", "1", "g", "2"});
  c.run({"ZADD", "z", "1", "x", "2", "y"});
  c.run({"SADD", "s", "m", "n"});
  world.failing.fill_up();
  CHECK(c.run({"SET", "a", "w"}) == kFull);
  CHECK(c.run({"DEL", "a"}) == ":1\r\n");
  CHECK(c.run({"UNLINK", "b"}) == ":1\r\n");
  CHECK(c.run({"GETDEL", "c"}) == "$1\r\nv\r\n");
  CHECK(c.run({"EXPIRE", "d", "-1"}) == ":1\r\n");
  CHECK(c.run({"EXPIRE", "e", "100"}) == kFull);
  CHECK(c.run({"RENAME", "e", "ee"}) == kFull);
  CHECK(c.run({"PERSIST", "e"}) == kFull);
  CHECK(c.run({"LPOP", "l"}) == "$1\r\n1\r\n");
  CHECK(c.run({"LTRIM", "l", "0", "0"}) == "+OK\r\n");
  CHECK(c.run({"HDEL", "h", "f"}) == ":1\r\n");
  CHECK(c.run({"ZREM", "z", "x"}) == ":1\r\n");
  CHECK(c.run({"ZPOPMIN", "z"}) == "*2\r\n$1\r\ny\r\n$1\r\n2\r\n");
  CHECK(c.run({"SREM", "s", "m"}) == ":1\r\n");
  c.run({"MULTI"});
  c.run({"SREM", "s", "n"});
  CHECK(c.run({"EXEC"}) == "*1\r\n:1\r\n");
  CHECK(c.run({"EXISTS", "a", "b", "c", "d", "e", "s", "z"}) == ":1\r\n");
  CHECK(c.run({"FLUSHALL"}) == "+OK\r\n");
  CHECK(c.run({"DBSIZE"}) == ":0\r\n");
  CHECK(c.run({"SET", "a", "w"}) == kFull);
  world.failing.calm();
  world.advance_ms(100);
  CHECK(c.run({"SET", "a", "w"}) == "+OK\r\n");
}

TEST_CASE("A store that can neither be written nor read: nothing is served, and later all is") {
  FailingWorld world;
  Client c(world);
  c.run({"SET", "k", "v"});
  world.failing.fail_commits();
  world.failing.fail_reads();
  CHECK(c.run({"SET", "k", "w"}) == kMisconf);
  CHECK(c.run({"GET", "k"}) == kMisconf);
  CHECK(c.run({"ECHO", "x"}) == "$1\r\nx\r\n");
  world.failing.allow_reads();
  world.advance_ms(100);
  CHECK(c.run({"GET", "k"}) == "$1\r\nv\r\n");
  world.failing.calm();
  world.advance_ms(100);
  CHECK(c.run({"SET", "k", "w"}) == "+OK\r\n");
}

TEST_CASE("clear: in the store when it returns; an error and nothing removed when it cannot be") {
  FailingWorld world;
  Client c(world);
  c.run({"SET", "k", "v"});
  c.run({"SELECT", "5"});
  c.run({"SET", "k", "v"});
  world.failing.fail_commits();
  CHECK_THROWS_AS(world.instance.clear(), Error);
  world.finish_tick();
  CHECK(c.run({"GET", "k"}) == "$1\r\nv\r\n");
  world.failing.calm();
  world.advance_ms(1000);
  CHECK(world.instance.clear() == 2);
  CHECK_FALSE(world.engine.has_changes());
  world.finish_tick();
  CHECK(c.run({"GET", "k"}) == "$-1\r\n");
  keyspace::Engine next(*world.store, world.clock);
  next.load();
  CHECK(next.key_count() == 0);
}

}  // namespace bodega::redis::test
