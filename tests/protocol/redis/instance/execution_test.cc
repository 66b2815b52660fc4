// How a command is being run: what holds inside a transaction and for what a script calls, and what
// becomes of replies and pushes.
#include "protocol/redis/wire/execution.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

// Runs commands as a script of `client` does, one after another.
class Script {
 public:
  Script(World& world, Client& client, int protocol = 2)
      : world_(world), client_(client), target_(text_, protocol) {
    outer_.now_ms = world.clock.now_ms();
    outer_.script = &state_;
  }

  std::string call(const std::vector<std::string_view>& args) {
    CommandTable::Slot* const slot = world_.instance.commands().find(args);
    text_.clear();
    world_.instance.execute_inside(client_.session(), outer_, Execution::Origin::kScript, *slot,
                                   args, target_);
    return text_;
  }

 private:
  World& world_;
  Client& client_;
  std::string text_;
  Reply target_;
  ScriptState state_;
  Execution outer_{.origin = Execution::Origin::kClient, .reply = target_};
};

TEST_CASE("Execution: what a script calls replies to the script, not to the client") {
  World world;
  Client client(world);
  Script script(world, client);
  CHECK(script.call({"SET", "k", "v"}) == "+OK\r\n");
  CHECK(script.call({"GET", "k"}) == "$1\r\nv\r\n");
  CHECK(script.call({"LPUSH", "k", "v"}).starts_with("-WRONGTYPE"));
  CHECK(client.take() == "");
  CHECK(client.run({"GET", "k"}) == "$1\r\nv\r\n");
}

TEST_CASE("Execution: a script gets the protocol that it asked for") {
  World world;
  Client client(world);
  client.run({"HSET", "h", "f", "v"});
  CHECK(Script(world, client, 3).call({"HGETALL", "h"}) == "%1\r\n$1\r\nf\r\n$1\r\nv\r\n");
  CHECK(Script(world, client, 2).call({"HGETALL", "h"}) == "*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
}

TEST_CASE("Execution: a script is refused what is marked noscript, and it is not run") {
  World world;
  Client client(world);
  Script script(world, client);
  const std::string refused = "-ERR This Redis command is not allowed from script\r\n";
  CHECK(script.call({"MULTI"}) == refused);
  CHECK(script.call({"SUBSCRIBE", "c"}) == refused);
  CHECK(script.call({"CLIENT", "SETNAME", "n"}) == refused);
  CHECK(client.run({"CLIENT", "GETNAME"}) == "$-1\r\n");
  CHECK(client.run({"EXEC"}) == "-ERR EXEC without MULTI\r\n");
}

TEST_CASE("Execution: what a script calls does not wait for a key") {
  World world;
  Client client(world);
  Script script(world, client);
  CHECK(script.call({"BLPOP", "l", "0"}) == "*-1\r\n");
  CHECK(client.run({"PING"}) == "+PONG\r\n");
}

TEST_CASE("Execution: everything that a script calls sees the instant of the script") {
  World world;
  Client client(world);
  client.run({"SET", "k", "v", "PX", "100"});
  Script script(world, client);
  world.clock.advance_ms(1000);
  CHECK(script.call({"PTTL", "k"}) == ":100\r\n");
  CHECK(client.run({"EXISTS", "k"}) == ":0\r\n");
}

TEST_CASE("EXEC: CLIENT REPLY in its queue is about the reply of EXEC") {
  World world;
  Client client(world);
  client.run({"MULTI"});
  client.run({"SET", "k", "v"});
  client.run({"CLIENT", "REPLY", "OFF"});
  CHECK(client.run({"EXEC"}) == "");
  CHECK(client.run({"GET", "k"}) == "");
  CHECK(client.run({"CLIENT", "REPLY", "ON"}) == "+OK\r\n");
}

TEST_CASE("CLIENT REPLY SKIP: silences the next command only, unless that one turns replies on") {
  World world;
  Client client(world);
  CHECK(client.run({"CLIENT", "REPLY", "SKIP"}) == "");
  CHECK(client.run({"SET", "k", "v"}) == "");
  CHECK(client.run({"GET", "k"}) == "$1\r\nv\r\n");
  CHECK(client.run({"CLIENT", "REPLY", "SKIP"}) == "");
  CHECK(client.run({"CLIENT", "REPLY", "ON"}) == "+OK\r\n");
}

TEST_CASE("RESET: a transaction that was open leaves nothing behind") {
  World world;
  Client client(world);
  client.run({"MULTI"});
  client.run({"SET", "k", "value"});
  CHECK(client.run({"RESET"}) == "+RESET\r\n");
  const std::string info = client.run({"CLIENT", "INFO"});
  CHECK(info.find("multi=-1") != std::string::npos);
  CHECK(info.find("multi-mem=0") != std::string::npos);
}

TEST_CASE("A push to a client whose command is running follows the reply of that command") {
  World world;
  Client client(world, 3);
  client.run({"SUBSCRIBE", "c"});
  CHECK(client.run({"PUBLISH", "c", "m"}) == ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n");
}

}  // namespace
}  // namespace bodega::redis::test
