// DUMP and RESTORE. The payloads are what redis-server 7.0.15 answers to DUMP, and so are the error
// texts.
#include <string>
#include <utility>
#include <vector>

#include "engines/base/bytes.h"
#include "protocol/redis/rdb/footer.h"
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

using namespace bodega::redis;
using test::Client;
using test::World;

namespace {

std::string bytes_of(std::string_view hex) { return bodega::base::from_hex(hex).value(); }

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

// What is in a bulk reply.
std::string inside(const std::string& reply) {
  const std::size_t start = reply.find("\r\n") + 2;
  return reply.substr(start, reply.size() - start - 2);
}

std::string with_footer(std::string body, unsigned version = kRdbVersion70) {
  put_footer(body, version);
  return body;
}

// Commands that make a key "k", and its payload in hex.
struct Recorded {
  std::vector<std::string_view> command;
  std::string_view payload;
};

const std::vector<Recorded>& recorded() {
  static const std::vector<Recorded> all{
      {{"SET", "k", "10"}, "00c00a0a006e9f57450eae63bb"},
      {{"SET", "k", "-300"}, "00c1d4fe0a00c6c48623febede2e"},
      {{"SET", "k", "100000"}, "00c2a08601000a00f12403506f2fa674"},
      {{"SET", "k", "12345678901"}, "000b31323334353637383930310a00304e52d727176510"},
      {{"SET", "k", "hello"}, "000568656c6c6f0a006372df766534200a"},
      {{"SADD", "k", "1", "2", "3"}, "0b0e02000000030000000100020003000a00a5025ce26d6e4d1b"},
      {{"SADD", "k", "-70000", "5"}, "0b10040000000200000090eefeff050000000a007959d34c8acb73f6"},
      {{"SADD", "k", "m"}, "0201016d0a00c6fcb657e086a5b0"},
      {{"ZADD", "k", "1", "a", "2.5", "b", "inf", "c"},
       "111c1c0000000600816102010181620283322e350481630283696e6604ff0a006b1ddedce8e2c399"},
      {{"HSET", "k", "f", "v", "n", "128"},
       "1013130000000400816602817602816e02c08002ff0a003a5998755a037b90"},
  };
  return all;
}

}  // namespace

TEST_CASE("DUMP: the payloads of redis-server 7.0.15 under compatibility 7.0") {
  World world;
  Client client(world);
  client.run({"CONFIG", "SET", "compatibility", "7.0"});
  for (const Recorded& one : recorded()) {
    client.run({"DEL", "k"});
    client.run(one.command);
    CHECK(client.run({"DUMP", "k"}) == bulk(bytes_of(one.payload)));
  }
  CHECK(client.run({"DUMP", "absent"}) == "$-1\r\n");
}

TEST_CASE("DUMP: version 11 as 7.2 writes it, in which a small set is a listpack") {
  World world;
  Client client(world);
  client.run({"SADD", "k", "m"});
  const std::string payload = inside(client.run({"DUMP", "k"}));
  const std::string body = bytes_of("140a") + bytes_of("0a000000010081") + "m" + bytes_of("02ff");
  CHECK(payload == with_footer(body, kRdbVersion72));
}

TEST_CASE("RESTORE: takes what redis-server 7.0.15 dumped, compressed or not") {
  World world;
  Client client(world);
  for (const Recorded& one : recorded()) {
    client.run({"FLUSHALL"});
    client.run(one.command);
    client.run({"RENAME", "k", "expected"});
    REQUIRE(client.run({"RESTORE", "k", "0", bytes_of(one.payload)}) == "+OK\r\n");
    CHECK(client.run({"DEBUG", "DIGEST-VALUE", "k"}) ==
          client.run({"DEBUG", "DIGEST-VALUE", "expected"}));
    CHECK(client.run({"OBJECT", "ENCODING", "k"}) ==
          client.run({"OBJECT", "ENCODING", "expected"}));
  }
  client.run({"FLUSHALL"});
  client.run(
      {"RESTORE", "long", "0", bytes_of("00c3094064016161e057000161610a00e8a3b507b06df271")});
  CHECK(client.run({"GET", "long"}) == bulk(std::string(100, 'a')));
  client.run(
      {"RESTORE", "list", "0",
       bytes_of("120102c31c405c145c00000005008161028162020101f178ec03e04678e03c000148ff0a0042"
                "9a5d15efc7d1f1")});
  CHECK(client.run({"LRANGE", "list", "0", "-1"}) ==
        "*5\r\n" + bulk("a") + bulk("b") + bulk("1") + bulk("-5000") + bulk(std::string(70, 'x')));
  client.run({"RESTORE", "zset", "0",
              bytes_of("0501c3094041017979e03400017979000000000000f83f0a00e93a5aff8fbc2e83")});
  CHECK(client.run({"ZSCORE", "zset", std::string(65, 'y')}) == bulk("1.5"));
  CHECK(client.run({"OBJECT", "ENCODING", "zset"}) == bulk("skiplist"));
}

TEST_CASE("RESTORE: what was dumped here comes back, small and large") {
  World world;
  Client client(world);
  const std::string wide(70, 'w');
  const std::string wider(20000, 'W');
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i * 7919 - 3'000'000);
    client.run({"RPUSH", "list", n, "element-" + n, i == 500 ? wider : "x"});
    client.run({"SADD", "set", n, "member-" + n});
    client.run({"SADD", "integers", n});
    client.run({"ZADD", "zset", std::to_string(i) + ".25", "member-" + n});
    client.run({"HSET", "hash", n, "value-" + n});
  }
  client.run({"HSET", "small hash", "", "", "f", wide});
  client.run(
      {"ZADD", "small zset", "-0", "a", "1e300", "b", "-inf", "c", "1.7976931348623157e308", "d"});
  client.run({"RPUSH", "small list", "", "127", "128", "-4096", "-4097", "32768", "8388608",
              "2147483648", "9223372036854775807", std::string(63, 's'), std::string(64, 's'),
              std::string(4095, 's'), std::string(4096, 's'), std::string(16376, 's')});
  client.run({"SET", "string", wider});
  for (const char* key : {"list", "set", "integers", "zset", "hash", "small hash", "small zset",
                          "small list", "string"}) {
    const std::string payload = inside(client.run({"DUMP", key}));
    REQUIRE(client.run({"RESTORE", "copy", "0", payload, "REPLACE"}) == "+OK\r\n");
    CHECK(client.run({"DEBUG", "DIGEST-VALUE", "copy"}) ==
          client.run({"DEBUG", "DIGEST-VALUE", key}));
    CHECK(client.run({"OBJECT", "ENCODING", "copy"}) == client.run({"OBJECT", "ENCODING", key}));
  }
}

TEST_CASE("RESTORE: time to live, idle time and frequency") {
  World world;
  Client client(world);
  const std::string payload = bytes_of("00c00a0a006e9f57450eae63bb");
  CHECK(client.run({"RESTORE", "k", "5000", payload}) == "+OK\r\n");
  CHECK(client.run({"PTTL", "k"}) == ":5000\r\n");
  const std::string soon = std::to_string(world.clock.now_ms() + 3000);
  CHECK(client.run({"RESTORE", "k", soon, payload, "ABSTTL", "REPLACE"}) == "+OK\r\n");
  CHECK(client.run({"PTTL", "k"}) == ":3000\r\n");
  // Past already: the old key goes and no other comes.
  CHECK(client.run({"RESTORE", "k", "1", payload, "ABSTTL", "REPLACE"}) == "+OK\r\n");
  CHECK(client.run({"EXISTS", "k"}) == ":0\r\n");
  CHECK(client.run({"RESTORE", "k", "0", payload, "IDLETIME", "1000"}) == "+OK\r\n");
  CHECK(client.run({"OBJECT", "IDLETIME", "k"}) == ":1000\r\n");
  client.run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"});
  CHECK(client.run({"RESTORE", "k", "0", payload, "FREQ", "100", "REPLACE"}) == "+OK\r\n");
  CHECK(client.run({"OBJECT", "FREQ", "k"}) == ":100\r\n");
}

TEST_CASE("RESTORE: what Redis refuses") {
  World world;
  Client client(world);
  const std::string payload = bytes_of("00c00a0a006e9f57450eae63bb");
  const auto restore = [&](std::vector<std::string_view> rest) {
    std::vector<std::string_view> command{"RESTORE", "k"};
    command.insert(command.end(), rest.begin(), rest.end());
    return client.run(command);
  };
  constexpr auto kWrong = "-ERR DUMP payload version or checksum are wrong\r\n";
  CHECK(restore({"0", "abc"}) == kWrong);
  CHECK(restore({"0", payload + "x"}) == kWrong);
  CHECK(restore({"0", with_footer("\x01", 13)}) == kWrong);
  CHECK(restore({"0", with_footer("\x63")}) == "-ERR Bad data format\r\n");
  CHECK(restore({"0", with_footer(std::string("\x02\x00", 2))}) == "-ERR Bad data format\r\n");
  CHECK(restore({"-1", payload}) == "-ERR Invalid TTL value, must be >= 0\r\n");
  CHECK(restore({"x", payload}) == "-ERR value is not an integer or out of range\r\n");
  CHECK(restore({"0", payload, "IDLETIME", "-1"}) ==
        "-ERR Invalid IDLETIME value, must be >= 0\r\n");
  CHECK(restore({"0", payload, "FREQ", "256"}) ==
        "-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n");
  CHECK(restore({"0", payload, "FREQ", "1", "IDLETIME", "1"}) == "-ERR syntax error\r\n");
  CHECK(restore({"0", payload, "foo"}) == "-ERR syntax error\r\n");
  CHECK(client.run({"EXISTS", "k"}) == ":0\r\n");
  client.run({"SET", "k", "there"});
  CHECK(restore({"0", payload}) == "-BUSYKEY Target key name already exists.\r\n");
  CHECK(client.run({"GET", "k"}) == bulk("there"));
}

// With a removed entry in the middle, which redis-server 7.0.15 keeps as a tombstone, and a group.
constexpr std::string_view kStream =
    "130110000000000000000100000000000000013e3e0000001800020101010101816602000102010001000181760204"
    "0101"
    "010101040102018166028177028167020101080102010201dfff028178020401ff0203000101020503010367727001"
    "0181"
    "ffffffffffffffff01000000000000000100000000000000018753661fa2010000010102616c8753661fa201000001"
    "0000"
    "00000000000100000000000000010a00ead47a9968db7625";

TEST_CASE("RESTORE: a stream of redis-server 7.0.15 with a group, a consumer and what is pending") {
  World world;
  Client client(world);
  REQUIRE(client.run({"RESTORE", "s", "0", bytes_of(kStream)}) == "+OK\r\n");
  CHECK(client.run({"XRANGE", "s", "-", "+"}) ==
        "*2\r\n*2\r\n" + bulk("1-1") + "*2\r\n" + bulk("f") + bulk("v") + "*2\r\n" + bulk("3-0") +
            "*2\r\n" + bulk("f") + bulk("x"));
  const std::string info = client.run({"XINFO", "STREAM", "s"});
  CHECK(info.find(bulk("max-deleted-entry-id") + bulk("2-5")) != std::string::npos);
  CHECK(info.find(bulk("entries-added") + ":3\r\n") != std::string::npos);
  CHECK(client.run({"XPENDING", "s", "grp"}) ==
        "*4\r\n:1\r\n" + bulk("1-1") + bulk("1-1") + "*1\r\n*2\r\n" + bulk("al") + bulk("1"));
}

TEST_CASE("DUMP: a stream comes back as it was") {
  World world;
  Client client(world);
  for (int i = 1; i <= 500; ++i) {
    const std::string n = std::to_string(i);
    client.run({"XADD", "s", n + "-" + n, "field", n, i % 7 == 0 ? "other" : "same", "value"});
  }
  client.run({"XDEL", "s", "250-250", "500-500"});
  client.run({"XGROUP", "CREATE", "s", "g", "0"});
  client.run({"XGROUP", "CREATE", "s", "idle", "$"});
  client.run({"XREADGROUP", "GROUP", "g", "one", "COUNT", "100", "STREAMS", "s", ">"});
  client.run({"XREADGROUP", "GROUP", "g", "two", "COUNT", "5", "STREAMS", "s", ">"});
  client.run({"XACK", "s", "g", "3-3"});
  for (const char* compatibility : {"7.0", "7.2"}) {
    client.run({"CONFIG", "SET", "compatibility", compatibility});
    const std::string payload = inside(client.run({"DUMP", "s"}));
    REQUIRE(client.run({"RESTORE", "copy", "0", payload, "REPLACE"}) == "+OK\r\n");
    CHECK(inside(client.run({"DUMP", "copy"})) == payload);
    CHECK(client.run({"XINFO", "STREAM", "copy", "FULL", "COUNT", "0"}) ==
          client.run({"XINFO", "STREAM", "s", "FULL", "COUNT", "0"}));
  }
}

// The footer is made anew each time, so that the damage reaches the reader behind it.
TEST_CASE("RESTORE: a damaged payload of any form is refused or makes a whole value") {
  World world;
  Client client(world);
  std::vector<std::string> bodies;
  for (const Recorded& one : recorded()) {
    const std::string payload = bytes_of(one.payload);
    bodies.push_back(payload.substr(0, payload.size() - 10));
  }
  bodies.push_back(bytes_of(kStream.substr(0, kStream.size() - 20)));
  for (const std::string_view hex :
       {"120102c31c405c145c00000005008161028162020101f178ec03e04678e03c000148ff", "0201016d",
        "0401016601760000", "0501016d000000000000f83f", "0301016d03312e35",
        "09180203666f6f036261720568656c6c6f05 00776f726c64ff"}) {
    std::string compact(hex);
    std::erase(compact, ' ');
    bodies.push_back(bytes_of(compact));
  }
  std::size_t made = 0;
  const auto attempt = [&](const std::string& body) {
    const std::string answer = client.run({"RESTORE", "k", "0", with_footer(body), "REPLACE"});
    if (answer == "+OK\r\n") {
      ++made;
      CHECK(client.run({"DUMP", "k"})[0] == '$');
    } else {
      CHECK(answer == "-ERR Bad data format\r\n");
    }
  };
  for (const std::string& body : bodies) {
    for (std::size_t length = 0; length <= body.size(); ++length) attempt(body.substr(0, length));
    for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
      std::string damaged = body;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      attempt(damaged);
    }
  }
  CHECK(made >= bodies.size() - 2);
}
