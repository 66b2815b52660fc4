// MIGRATE against another server that is a list of replies. Texts and order are those of
// redis-server 7.0.15.
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

using namespace bodega::redis;
using test::Client;
using test::World;

namespace {

struct Other {
  bool reachable = true;
  std::deque<std::string> replies = {};
  std::string heard = {};
  std::string place = {};
};

class OtherEnd : public Outbound {
 public:
  explicit OtherEnd(Other& other) : other_(other) {}
  bool send(std::string_view bytes) override {
    other_.heard += bytes;
    return true;
  }
  bool receive_line(std::string& line) override {
    if (other_.replies.empty()) return false;
    line = other_.replies.front();
    other_.replies.pop_front();
    return true;
  }

 private:
  Other& other_;
};

InstanceOptions with(Other& other) {
  InstanceOptions options;
  options.connect = [&other](const std::string& host, std::uint16_t port,
                             std::int64_t timeout_ms) -> std::unique_ptr<Outbound> {
    other.place = host + ":" + std::to_string(port) + " " + std::to_string(timeout_ms);
    if (!other.reachable) return nullptr;
    return std::make_unique<OtherEnd>(other);
  };
  return options;
}

}  // namespace

TEST_CASE("MIGRATE: the key is made there and goes here") {
  Other other{.replies = {"+OK", "+OK"}};
  World world(with(other));
  Client client(world);
  client.run({"SET", "k", "10", "PX", "5000"});
  CHECK(client.run({"MIGRATE", "host", "7000", "k", "3", "0"}) == "+OK\r\n");
  CHECK(other.place == "host:7000 1000");
  CHECK(other.heard ==
        "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*4\r\n$7\r\nRESTORE\r\n$1\r\nk\r\n$4\r\n5000\r\n$13\r\n" +
            std::string("\x00\xc0\x0a\x0a\x00\x6e\x9f\x57\x45\x0e\xae\x63\xbb", 13) + "\r\n");
  CHECK(client.run({"EXISTS", "k"}) == ":0\r\n");
}

TEST_CASE("MIGRATE: COPY, REPLACE, AUTH2 and KEYS") {
  Other other{.replies = {"+OK", "+OK", "+OK", "+OK"}};
  World world(with(other));
  Client client(world);
  client.run({"MSET", "a", "1", "b", "2"});
  CHECK(client.run({"MIGRATE", "host", "7000", "", "0", "100", "COPY", "REPLACE", "AUTH2", "user",
                    "secret", "KEYS", "a", "absent", "b"}) == "+OK\r\n");
  CHECK(other.heard.starts_with("*3\r\n$4\r\nAUTH\r\n$4\r\nuser\r\n$6\r\nsecret\r\n"));
  CHECK(other.heard.ends_with("$7\r\nREPLACE\r\n"));
  CHECK(client.run({"EXISTS", "a", "b"}) == ":2\r\n");
}

TEST_CASE(
    "MIGRATE: of several keys those that were taken are gone, whatever became of the others") {
  Other other{.replies = {"+OK", "-BUSYKEY Target key name already exists.", "+OK"}};
  World world(with(other));
  Client client(world);
  Client replica(world);
  replica.send("SYNC\r\n");
  client.run({"MSET", "a", "1", "b", "2"});
  replica.take();
  CHECK(client.run({"MIGRATE", "host", "7000", "", "0", "100", "KEYS", "a", "b"}) ==
        "-ERR Target instance replied with error: BUSYKEY Target key name already exists.\r\n");
  CHECK(client.run({"EXISTS", "a"}) == ":1\r\n");
  CHECK(client.run({"EXISTS", "b"}) == ":0\r\n");
  CHECK(replica.take() == "*2\r\n$3\r\nDEL\r\n$1\r\nb\r\n");
}

TEST_CASE("MIGRATE: what Redis answers when nothing goes") {
  Other other;
  World world(with(other));
  Client client(world);
  CHECK(client.run({"MIGRATE", "host", "7000", "k", "0", "100"}) == "+NOKEY\r\n");
  client.run({"SET", "k", "v"});
  CHECK(
      client.run({"MIGRATE", "host", "7000", "k", "0", "100", "KEYS", "a"}) ==
      "-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string\r\n");
  CHECK(client.run({"MIGRATE", "host", "7000", "k", "0", "100", "FAST"}) ==
        "-ERR syntax error\r\n");
  CHECK(client.run({"MIGRATE", "host", "7000", "k", "0", "100"}) ==
        "-IOERR error or timeout reading to target instance\r\n");
  other.replies = {"-NOAUTH Authentication required."};
  CHECK(client.run({"MIGRATE", "host", "7000", "k", "0", "100"}) ==
        "-ERR Target instance replied with error: NOAUTH Authentication required.\r\n");
  other.reachable = false;
  CHECK(client.run({"MIGRATE", "host", "7000", "k", "0", "100"}) ==
        "-IOERR error or timeout writing to target instance\r\n");
  CHECK(client.run({"GET", "k"}) == "$1\r\nv\r\n");
}
