// Streams over requests. Expected answers are those of redis-server 7.0.15, run beside; where 7.2
// and 7.4 differ, of their tests.
#include <string>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis {
namespace {

using test::Client;
using test::World;

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

std::string entry(std::string_view id, std::string_view field, std::string_view value) {
  return "*2\r\n" + bulk(id) + "*2\r\n" + bulk(field) + bulk(value);
}

void add(Client& client, std::string_view key, std::string_view id) {
  REQUIRE(client.run({"XADD", key, id, "f", "v"}) == bulk(id));
}

const std::string kInvalidId = "-ERR Invalid stream ID specified as stream command argument\r\n";
const std::string kNil = "*-1\r\n";

}  // namespace

TEST_CASE("XADD: ids rise, are completed, and are refused when they do not") {
  World world;
  Client client(world);
  CHECK(client.run({"XADD", "s", "5-1", "f", "v"}) == bulk("5-1"));
  CHECK(client.run({"XADD", "s", "5-*", "f", "v"}) == bulk("5-2"));
  CHECK(client.run({"XADD", "s", "7", "f", "v"}) == bulk("7-0"));
  CHECK(client.run({"XADD", "s", "7-0", "f", "v"}) ==
        "-ERR The ID specified in XADD is equal or smaller than the target stream top item\r\n");
  CHECK(client.run({"XADD", "s", "0-0", "f", "v"}) ==
        "-ERR The ID specified in XADD must be greater than 0-0\r\n");
  CHECK(client.run({"XADD", "s", "x", "f", "v"}) == kInvalidId);
  CHECK(client.run({"XADD", "s", "*", "f"}) ==
        "-ERR wrong number of arguments for 'xadd' command\r\n");
  CHECK(client.run({"XADD", "s", "NOMKSTREAM", "9-0", "f", "v"}) == bulk("9-0"));
  CHECK(client.run({"XADD", "none", "NOMKSTREAM", "9-0", "f", "v"}) == "$-1\r\n");
  CHECK(client.run({"XADD", "s", "18446744073709551615-18446744073709551615", "f", "v"}) ==
        bulk("18446744073709551615-18446744073709551615"));
  CHECK(client.run({"XADD", "s", "*", "f", "v"}) ==
        "-ERR The stream has exhausted the last possible ID, unable to add more items\r\n");
  CHECK(client.run({"XLEN", "s"}) == ":5\r\n");
  client.run({"SET", "string", "v"});
  CHECK(client.run({"XADD", "string", "*", "f", "v"}).starts_with("-WRONGTYPE"));
}

TEST_CASE("XRANGE: intervals may leave out their ends, and go backwards") {
  World world;
  Client client(world);
  for (const char* id : {"1-1", "1-2", "2-0"}) add(client, "s", id);
  CHECK(client.run({"XRANGE", "s", "-", "+", "COUNT", "1"}) == "*1\r\n" + entry("1-1", "f", "v"));
  CHECK(client.run({"XRANGE", "s", "(1-1", "1"}) == "*1\r\n" + entry("1-2", "f", "v"));
  CHECK(client.run({"XREVRANGE", "s", "(2", "1-1"}) ==
        "*3\r\n" + entry("2-0", "f", "v") + entry("1-2", "f", "v") + entry("1-1", "f", "v"));
  CHECK(client.run({"XREVRANGE", "s", "(2-0", "-", "COUNT", "1"}) ==
        "*1\r\n" + entry("1-2", "f", "v"));
  CHECK(client.run({"XRANGE", "s", "(18446744073709551615-18446744073709551615", "+"}) ==
        "-ERR invalid start ID for the interval\r\n");
  CHECK(client.run({"XRANGE", "s", "-", "(0-0"}) == "-ERR invalid end ID for the interval\r\n");
  CHECK(client.run({"XRANGE", "s", "-", "+", "COUNT", "0"}) == kNil);
  CHECK(client.run({"XRANGE", "none", "-", "+"}) == "*0\r\n");
}

TEST_CASE("XTRIM: by length and by id, exactly and by whole nodes") {
  World world;
  Client client(world);
  client.run({"CONFIG", "SET", "stream-node-max-entries", "10"});
  for (int i = 1; i <= 100; ++i) add(client, "s", std::to_string(i) + "-0");
  CHECK(client.run({"XTRIM", "s", "MAXLEN", "~", "85"}) == ":10\r\n");
  CHECK(client.run({"XTRIM", "s", "MAXLEN", "=", "85"}) == ":5\r\n");
  CHECK(client.run({"XTRIM", "s", "MINID", "20"}) == ":4\r\n");
  CHECK(client.run({"XTRIM", "s", "MINID", "~", "50", "LIMIT", "5"}) == ":1\r\n");
  CHECK(client.run({"XLEN", "s"}) == ":80\r\n");
  CHECK(client.run({"XADD", "s", "MAXLEN", "0", "200-0", "f", "v"}) == bulk("200-0"));
  CHECK(client.run({"EXISTS", "s"}) == ":1\r\n");
  CHECK(client.run({"XTRIM", "s", "LIMIT", "0"}) ==
        "-ERR syntax error, XTRIM must be called with a trimming strategy\r\n");
  CHECK(client.run({"XTRIM", "s", "MAXLEN", "1", "LIMIT", "2"}) ==
        "-ERR syntax error, LIMIT cannot be used without the special ~ option\r\n");
  CHECK(client.run({"XTRIM", "s", "MAXLEN", "1", "MINID", "2"}) ==
        "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible\r\n");
  CHECK(client.run({"XTRIM", "s", "MAXLEN", "-1"}) == "-ERR The MAXLEN argument must be >= 0.\r\n");
}

TEST_CASE("XDEL: an emptied stream stays, with the ids it has given") {
  World world;
  Client client(world);
  for (const char* id : {"1-0", "2-0"}) add(client, "s", id);
  CHECK(client.run({"XDEL", "s", "2-0", "2-0", "9-9"}) == ":1\r\n");
  CHECK(client.run({"XDEL", "s", "1-0", "x"}) == kInvalidId);
  CHECK(client.run({"XDEL", "s", "1-0"}) == ":1\r\n");
  CHECK(client.run({"TYPE", "s"}) == "+stream\r\n");
  CHECK(client.run({"XADD", "s", "2-0", "f", "v"}).starts_with("-ERR The ID specified in XADD"));
  CHECK(client.run({"XSETID", "s", "1-0"}) ==
        "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id\r\n");
  CHECK(client.run({"XSETID", "s", "200-0", "ENTRIESADDED", "7"}) == "+OK\r\n");
  const std::string info = client.run({"XINFO", "STREAM", "s"});
  CHECK(info.find(bulk("entries-added") + ":7\r\n") != std::string::npos);
  CHECK(info.find(bulk("max-deleted-entry-id") + bulk("2-0")) != std::string::npos);
  CHECK(info.find(bulk("last-generated-id") + bulk("200-0")) != std::string::npos);
}

TEST_CASE("XREAD: several streams, in the forms of both protocols") {
  World world;
  Client client(world);
  Client modern(world, 3);
  add(client, "a", "1-0");
  add(client, "b", "2-0");
  CHECK(client.run({"XREAD", "COUNT", "5", "STREAMS", "a", "b", "0", "2"}) ==
        "*1\r\n*2\r\n" + bulk("a") + "*1\r\n" + entry("1-0", "f", "v"));
  CHECK(modern.run({"XREAD", "STREAMS", "a", "b", "0", "0"}) ==
        "%2\r\n" + bulk("a") + "*1\r\n" + entry("1-0", "f", "v") + bulk("b") + "*1\r\n" +
            entry("2-0", "f", "v"));
  CHECK(client.run({"XREAD", "STREAMS", "a", "$"}) == kNil);
  CHECK(modern.run({"XREAD", "STREAMS", "a", "$"}) == "_\r\n");
  CHECK(client.run({"XREAD", "STREAMS", "a", "b", "0"}) ==
        "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be "
        "specified.\r\n");
  CHECK(client.run({"XREAD", "STREAMS", "a", ">"}) ==
        "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
        "<consumer> option.\r\n");
  CHECK(client.run({"XREAD", "COUNT", "1", "a", "0"}) == "-ERR syntax error\r\n");
}

// Redis 7.4.
TEST_CASE("XREAD: a plus stands for the last entry there is") {
  World world;
  Client client(world);
  CHECK(client.run({"XREAD", "STREAMS", "s", "+"}) == kNil);
  add(client, "s", "3-0");
  add(client, "s", "3-18446744073709551615");
  CHECK(client.run({"XREAD", "COUNT", "3", "STREAMS", "s", "+"}) ==
        "*1\r\n*2\r\n" + bulk("s") + "*1\r\n" + entry("3-18446744073709551615", "f", "v"));
  client.run({"DEL", "s"});
  CHECK(client.run({"XREAD", "BLOCK", "0", "STREAMS", "s", "+"}).empty());
  Client writer(world);
  add(writer, "s", "1-0");
  CHECK(client.take() == "*1\r\n*2\r\n" + bulk("s") + "*1\r\n" + entry("1-0", "f", "v"));
}

TEST_CASE("XREAD: who waits hears of what comes after it began to wait") {
  World world;
  Client writer(world);
  add(writer, "s", "1-0");
  Client first(world, 3);
  Client second(world);
  CHECK(first.run({"XREAD", "BLOCK", "0", "STREAMS", "other", "s", "$", "$"}).empty());
  CHECK(second.run({"XREAD", "BLOCK", "100", "STREAMS", "s", "5-0"}).empty());
  writer.run({"DEL", "s"});
  writer.run({"SET", "s", "string"});
  CHECK(first.take().empty());
  writer.run({"DEL", "s"});
  add(writer, "s", "4-0");
  CHECK(first.take() == "%1\r\n" + bulk("s") + "*1\r\n" + entry("4-0", "f", "v"));
  CHECK(second.take().empty());
  world.advance_ms(101);
  CHECK(second.take() == kNil);
  CHECK(first.run({"XREAD", "BLOCK", "-1", "STREAMS", "s", "$"}) == "-ERR timeout is negative\r\n");
  CHECK(first.run({"XREAD", "BLOCK", "x", "STREAMS", "s", "$"}) ==
        "-ERR timeout is not an integer or out of range\r\n");
  first.run({"MULTI"});
  first.run({"XREAD", "BLOCK", "0", "STREAMS", "s", "$"});
  CHECK(first.run({"EXEC"}) == "*1\r\n_\r\n");
}

TEST_CASE("XGROUP: groups and consumers come and go, and say why not") {
  World world;
  Client client(world);
  CHECK(
      client.run({"XGROUP", "CREATE", "s", "g", "$"}) ==
      "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "
      "use the MKSTREAM option to create an empty stream automatically.\r\n");
  CHECK(client.run({"XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"}) == "+OK\r\n");
  CHECK(client.run({"XLEN", "s"}) == ":0\r\n");
  CHECK(client.run({"XGROUP", "CREATE", "s", "g", "0"}) ==
        "-BUSYGROUP Consumer Group name already exists\r\n");
  CHECK(client.run({"XGROUP", "CREATECONSUMER", "s", "g", "c"}) == ":1\r\n");
  CHECK(client.run({"XGROUP", "CREATECONSUMER", "s", "g", "c"}) == ":0\r\n");
  CHECK(client.run({"XGROUP", "CREATECONSUMER", "s", "none", "c"}) ==
        "-NOGROUP No such consumer group 'none' for key name 's'\r\n");
  CHECK(client.run({"XGROUP", "SETID", "s", "g", "5", "ENTRIESREAD", "-2"}) ==
        "-ERR value for ENTRIESREAD must be positive or -1\r\n");
  CHECK(client.run({"XGROUP", "SETID", "s", "g", "5", "ENTRIESREAD", "3"}) == "+OK\r\n");
  CHECK(client.run({"XGROUP", "DELCONSUMER", "s", "g", "c"}) == ":0\r\n");
  CHECK(client.run({"XGROUP", "DESTROY", "s", "g"}) == ":1\r\n");
  CHECK(client.run({"XGROUP", "DESTROY", "s", "g"}) == ":0\r\n");
  CHECK(client.run({"XGROUP", "CREATE", "s", "g", "0", "WRONG"}) ==
        "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.\r\n");
}

TEST_CASE("XREADGROUP: each consumer gets its part, and keeps it until it acknowledges") {
  World world;
  Client client(world);
  client.run({"XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"});
  for (const char* id : {"1-0", "2-0", "3-0"}) add(client, "s", id);
  const auto reading = [&](std::string_view consumer, std::string_view id) {
    return client.run({"XREADGROUP", "GROUP", "g", consumer, "COUNT", "2", "STREAMS", "s", id});
  };
  CHECK(reading("one", ">") ==
        "*1\r\n*2\r\n" + bulk("s") + "*2\r\n" + entry("1-0", "f", "v") + entry("2-0", "f", "v"));
  CHECK(reading("two", ">") == "*1\r\n*2\r\n" + bulk("s") + "*1\r\n" + entry("3-0", "f", "v"));
  CHECK(reading("two", ">") == kNil);
  CHECK(client.run({"XACK", "s", "g", "1-0", "1-0", "3-0"}) == ":2\r\n");
  client.run({"XDEL", "s", "2-0"});
  CHECK(reading("one", "0") ==
        "*1\r\n*2\r\n" + bulk("s") + "*1\r\n*2\r\n" + bulk("2-0") + "*-1\r\n");
  CHECK(client.run({"XPENDING", "s", "g"}) ==
        "*4\r\n:1\r\n" + bulk("2-0") + bulk("2-0") + "*1\r\n*2\r\n" + bulk("one") + bulk("1"));
  CHECK(client.run({"XREADGROUP", "GROUP", "none", "one", "STREAMS", "s", ">"}) ==
        "-NOGROUP No such key 's' or consumer group 'none' in XREADGROUP with GROUP option\r\n");
  CHECK(client.run({"XREADGROUP", "GROUP", "g", "one", "NOACK", "STREAMS", "s", ">"}) == kNil);
  add(client, "s", "4-0");
  client.run({"XREADGROUP", "GROUP", "g", "one", "NOACK", "STREAMS", "s", ">"});
  CHECK(client.run({"XPENDING", "s", "g", "-", "+", "10", "one"}) ==
        "*1\r\n*4\r\n" + bulk("2-0") + bulk("one") + ":0\r\n:1\r\n");
}

TEST_CASE("XREADGROUP: who waits is woken with the reason when the group is gone") {
  const auto woken_by = [](std::initializer_list<std::string_view> command) {
    World world;
    Client client(world);
    client.run({"XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"});
    Client waiting(world);
    REQUIRE(
        waiting.run({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">"}).empty());
    client.run(command);
    return waiting.take();
  };
  const std::string no_group =
      "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option\r\n";
  CHECK(woken_by({"DEL", "s"}) == no_group);
  CHECK(woken_by({"FLUSHALL"}) == no_group);
  CHECK(woken_by({"FLUSHDB"}) == no_group);
  CHECK(woken_by({"RENAME", "s", "t"}) == no_group);
  CHECK(woken_by({"MOVE", "s", "1"}) == no_group);
  CHECK(woken_by({"SWAPDB", "0", "1"}) == no_group);
  CHECK(woken_by({"XGROUP", "DESTROY", "s", "g"}) == no_group);
  CHECK(woken_by({"SET", "s", "v"}).starts_with("-WRONGTYPE"));
  CHECK(woken_by({"XADD", "s", "1-0", "f", "v"}) ==
        "*1\r\n*2\r\n" + bulk("s") + "*1\r\n" + entry("1-0", "f", "v"));
  CHECK(woken_by({"XADD", "other", "1-0", "f", "v"}).empty());
}

TEST_CASE("XREADGROUP: in the form of 7.0, who waits is told that the stream is gone") {
  World world;
  Client client(world);
  client.run({"CONFIG", "SET", "compatibility", "7.0"});
  client.run({"XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"});
  Client waiting(world);
  waiting.run({"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">"});
  client.run({"SET", "s", "v"});
  CHECK(waiting.take() == "-UNBLOCKED the stream key no longer exists\r\n");
}

TEST_CASE("XREADGROUP: consumers that wait for one stream are served in turn, and lose nothing") {
  World world;
  Client writer(world);
  writer.run({"XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"});
  Client first(world);
  auto second = std::make_unique<Client>(world);
  Client third(world);
  for (Client* client : {&first, second.get(), &third}) {
    CHECK(client
              ->run({"XREADGROUP", "GROUP", "g", "c" + std::to_string(client->session().id),
                     "BLOCK", "0", "COUNT", "1", "STREAMS", "s", ">"})
              .empty());
  }
  second.reset();  // the client goes away while it waits
  add(writer, "s", "1-0");
  CHECK(first.take().find("1-0") != std::string::npos);
  CHECK(third.take().empty());
  add(writer, "s", "2-0");
  CHECK(third.take().find("2-0") != std::string::npos);
  CHECK(writer.run({"XPENDING", "s", "g"}).starts_with("*4\r\n:2\r\n"));
}

TEST_CASE("XCLAIM: pending entries go to who asks, when they have been idle for long enough") {
  World world;
  Client client(world);
  client.run({"XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"});
  for (const char* id : {"1-0", "2-0", "3-0"}) add(client, "s", id);
  client.run({"XREADGROUP", "GROUP", "g", "one", "STREAMS", "s", ">"});
  world.advance_ms(100);
  CHECK(client.run({"XCLAIM", "s", "g", "two", "101", "1-0"}) == "*0\r\n");
  CHECK(client.run({"XCLAIM", "s", "g", "two", "100", "1-0", "9-0", "JUSTID"}) ==
        "*1\r\n" + bulk("1-0"));
  CHECK(client.run({"XCLAIM", "s", "g", "two", "100", "2-0", "RETRYCOUNT", "7"}) ==
        "*1\r\n" + entry("2-0", "f", "v"));
  CHECK(client.run({"XPENDING", "s", "g", "-", "+", "10", "two"}) ==
        "*2\r\n*4\r\n" + bulk("1-0") + bulk("two") + ":0\r\n:1\r\n*4\r\n" + bulk("2-0") +
            bulk("two") + ":0\r\n:7\r\n");
  CHECK(client.run({"XPENDING", "s", "g", "IDLE", "50", "-", "+", "10"}) ==
        "*1\r\n*4\r\n" + bulk("3-0") + bulk("one") + ":100\r\n:1\r\n");
  CHECK(client.run({"XCLAIM", "s", "g", "two", "0", "1-0", "WRONG"}) ==
        "-ERR Unrecognized XCLAIM option 'WRONG'\r\n");
  CHECK(client.run({"XCLAIM", "s", "none", "two", "0", "1-0"}) ==
        "-NOGROUP No such key 's' or consumer group 'none'\r\n");
  CHECK(client.run({"XCLAIM", "s", "g", "two", "x", "1-0"}) ==
        "-ERR Invalid min-idle-time argument for XCLAIM\r\n");
}

TEST_CASE("XAUTOCLAIM: goes through what is pending, and names what is gone") {
  World world;
  Client client(world);
  client.run({"XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"});
  for (const char* id : {"1-0", "2-0", "3-0", "4-0"}) add(client, "s", id);
  client.run({"XREADGROUP", "GROUP", "g", "one", "STREAMS", "s", ">"});
  client.run({"XDEL", "s", "2-0"});
  CHECK(client.run({"XAUTOCLAIM", "s", "g", "two", "0", "-", "COUNT", "2"}) ==
        "*3\r\n" + bulk("3-0") + "*1\r\n" + entry("1-0", "f", "v") + "*1\r\n" + bulk("2-0"));
  CHECK(client.run({"XAUTOCLAIM", "s", "g", "two", "0", "3-0", "JUSTID"}) ==
        "*3\r\n" + bulk("0-0") + "*2\r\n" + bulk("3-0") + bulk("4-0") + "*0\r\n");
  CHECK(client.run({"XAUTOCLAIM", "s", "g", "two", "0", "-", "COUNT", "0"}) ==
        "-ERR COUNT must be > 0\r\n");
}

TEST_CASE("XINFO: consumers say when they asked and when they got something") {
  World world;
  Client client(world, 3);
  client.run({"XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"});
  client.run({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"});
  world.advance_ms(30);
  CHECK(client.run({"XINFO", "CONSUMERS", "s", "g"}) ==
        "*1\r\n%4\r\n" + bulk("name") + bulk("c") + bulk("pending") + ":0\r\n" + bulk("idle") +
            ":30\r\n" + bulk("inactive") + ":-1\r\n");
  add(client, "s", "1-0");
  client.run({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"});
  CHECK(client.run({"XINFO", "GROUPS", "s"}) ==
        "*1\r\n%6\r\n" + bulk("name") + bulk("g") + bulk("consumers") + ":1\r\n" + bulk("pending") +
            ":1\r\n" + bulk("last-delivered-id") + bulk("1-0") + bulk("entries-read") + ":1\r\n" +
            bulk("lag") + ":0\r\n");
  CHECK(client.run({"XINFO", "STREAM", "none"}) == "-ERR no such key\r\n");
  CHECK(client.run({"XINFO", "CONSUMERS", "s", "none"}) ==
        "-NOGROUP No such consumer group 'none' for key name 's'\r\n");
}

TEST_CASE("Streams: who watches a key hears of entries, not of groups") {
  World world;
  Client client(world);
  Client other(world);
  add(client, "s", "1-0");
  const auto broken_by = [&](std::initializer_list<std::string_view> command) {
    client.run({"WATCH", "s"});
    other.run(command);
    client.run({"MULTI"});
    return client.run({"EXEC"}) == kNil;
  };
  CHECK_FALSE(broken_by({"XGROUP", "CREATE", "s", "g", "0"}));
  CHECK_FALSE(broken_by({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"}));
  CHECK_FALSE(broken_by({"XACK", "s", "g", "1-0"}));
  CHECK(broken_by({"XADD", "s", "2-0", "f", "v"}));
  CHECK(broken_by({"XDEL", "s", "1-0"}));
  CHECK(broken_by({"XTRIM", "s", "MAXLEN", "0"}));
}

TEST_CASE("Streams: COMMAND GETKEYS finds the keys behind STREAMS") {
  World world;
  Client client(world);
  CHECK(client.run({"COMMAND", "GETKEYS", "XREAD", "COUNT", "3", "STREAMS", "a", "b", "0", "0"}) ==
        "*2\r\n" + bulk("a") + bulk("b"));
  CHECK(client.run({"COMMAND", "GETKEYS", "XREADGROUP", "GROUP", "STREAMS", "c", "STREAMS", "a",
                    ">"}) == "*1\r\n" + bulk("a"));
}

}  // namespace bodega::redis
