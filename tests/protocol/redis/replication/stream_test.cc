// What replicas are sent. The forms are those in which redis-server 7.0.15 sends the same commands,
// as its own suite expects them (assert_replication_stream).
#include "protocol/redis/replication/stream.h"

#include <string>
#include <vector>

#include "engines/base/number_text.h"
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

using namespace bodega;
using namespace bodega::redis;
using test::Client;
using test::World;

namespace {

// The commands in RESP, a line each.
std::string lines_of(std::string_view bytes) {
  std::string out;
  RespParser parser;
  while (!bytes.empty()) {
    if (parser.parse(bytes, {1 << 30, true}) != RespParser::State::kCommand) {
      return out + "?" + std::string(bytes);
    }
    for (const std::string_view word : parser.args()) out += std::string(word) + " ";
    out.back() = '\n';
    bytes.remove_prefix(parser.consumed());
  }
  return out;
}

class Replica : public Client {
 public:
  explicit Replica(World& world) : Client(world) {
    const std::string answer = send("SYNC\r\n");
    const std::size_t line = answer.find("\r\n");
    const auto length = base::canonical_integer(answer.substr(1, line - 1)).value_or(-1);
    CHECK(answer.size() == line + 2 + static_cast<std::size_t>(length));
    CHECK(answer.substr(line + 2).starts_with("REDIS0010"));
  }
  // What was sent since the last call.
  std::string heard() { return lines_of(take()); }
};

}  // namespace

TEST_CASE("replicas: commands are sent as they were given, with their database") {
  World world;
  Client client(world);
  Replica replica(world);
  client.run({"set", "k", "v"});
  client.run({"GET", "k"});
  client.run({"DEL", "absent"});
  client.run({"SELECT", "3"});
  client.run({"RPUSH", "list", "a"});
  CHECK(replica.heard() == "SELECT 0\nset k v\nSELECT 3\nRPUSH list a\n");
  // A second one makes the stream name its database again.
  Replica other(world);
  client.run({"RPUSH", "list", "b"});
  CHECK(other.heard() == "SELECT 3\nRPUSH list b\n");
  CHECK(replica.heard() == "SELECT 3\nRPUSH list b\n");
}

// As the suite of Redis 7.4 expects it (type/hash-field-expire).
TEST_CASE("replicas: times to live of fields are sent as instants, fields that went as HDEL") {
  World world;
  Client client(world);
  Replica replica(world);
  const std::string later = std::to_string(world.clock.now_ms() + 100'000);
  client.run({"HSET", "h", "a", "1", "b", "2", "c", "3"});
  client.run({"HEXPIRE", "h", "100", "FIELDS", "3", "a", "none", "b"});
  client.run({"HPEXPIRE", "h", "1", "XX", "FIELDS", "1", "c"});
  client.run({"HINCRBYFLOAT", "h", "a", "0.5"});
  client.run({"HPERSIST", "h", "FIELDS", "1", "b"});
  client.run({"HEXPIREAT", "h", "1", "FIELDS", "1", "c"});
  CHECK(replica.heard() == "SELECT 0\nHSET h a 1 b 2 c 3\nHPEXPIREAT h " + later +
                               " FIELDS 2 a b\nMULTI\nHSET h a 1.5\nHPEXPIREAT h " + later +
                               " FIELDS 1 a\nEXEC\nHPERSIST h FIELDS 1 b\nHDEL h c\n");
  world.advance_ms(100'001);
  CHECK(replica.heard() == "HDEL h a\nPING\n");
}

TEST_CASE("replicas: a script decides what they are told") {
  World world;
  Client client(world);
  Replica replica(world);
  client.run({"EVAL",
              "redis.call('set','a','1') redis.set_repl(redis.REPL_AOF) redis.call('set','b','2') "
              "redis.set_repl(redis.REPL_ALL) redis.call('set','c','3')",
              "0"});
  CHECK(replica.heard() == "SELECT 0\nMULTI\nset a 1\nset c 3\nEXEC\n");
  CHECK(client.run({"GET", "b"}) == "$1\r\n2\r\n");
  client.run({"EVAL", "redis.call('set','d','4')", "0"});  // for the next script it is as before
  CHECK(replica.heard() == "set d 4\n");
}

TEST_CASE("replicas: what depends on the clock is sent as an instant") {
  World world;
  Client client(world);
  Replica replica(world);
  const std::string now = std::to_string(world.clock.now_ms());
  const std::string later = std::to_string(world.clock.now_ms() + 100'000);
  for (const std::vector<std::string_view>& command :
       std::vector<std::vector<std::string_view>>{{"SET", "k", "v", "EX", "100"},
                                                  {"SET", "k", "v", "GET", "PX", "100000"},
                                                  {"SETEX", "k", "100", "v"},
                                                  {"PSETEX", "k", "100000", "v"}}) {
    client.run(command);
  }
  const std::string set = "SET k v PXAT " + later + "\n";
  CHECK(replica.heard() == "SELECT 0\n" + set + set + set + set);
  client.run({"EXPIRE", "k", "100"});
  client.run({"PEXPIRE", "k", "100000", "XX"});
  client.run({"GETEX", "k", "EX", "100"});
  const std::string expire = "PEXPIREAT k " + later + "\n";
  CHECK(replica.heard() == expire + expire + expire);
  client.run({"GETEX", "k", "PERSIST"});
  client.run({"GETEX", "k"});
  client.run({"GETEX", "k", "PXAT", now});
  CHECK(replica.heard() == "PERSIST k\nDEL k\n");
  client.run({"SET", "k", "v", "XX", "KEEPTTL"});  // there is no k
  client.run({"SET", "k", "v", "NX", "GET"});
  client.run({"EXPIRE", "k", "-1"});
  CHECK(replica.heard() == "SET k v NX\nDEL k\n");
}

TEST_CASE("replicas: a key whose time came is sent as DEL") {
  World world;
  Client client(world);
  Replica replica(world);
  client.run({"SET", "a", "1", "PX", "10"});
  client.run({"SET", "b", "1", "PX", "10"});
  replica.heard();
  world.instance.active_expiry = false;
  world.clock.advance_ms(50);
  client.run({"GET", "a"});
  client.run({"LPUSH", "b", "x"});
  CHECK(replica.heard() == "DEL a\nMULTI\nDEL b\nLPUSH b x\nEXEC\n");
  client.run({"SET", "c", "1", "PX", "10"});
  client.run({"SET", "d", "1", "PX", "10"});
  replica.heard();
  world.instance.active_expiry = true;
  world.advance_ms(50);
  const std::string heard = replica.heard();
  CHECK((heard == "DEL c\nDEL d\n" || heard == "DEL d\nDEL c\n"));
}

TEST_CASE("replicas: what was chosen or computed is named") {
  World world;
  Client client(world);
  client.run({"SADD", "set", "a"});
  client.run({"SADD", "many", "a", "b", "c"});
  client.run({"SET", "float", "1", "EX", "100"});
  client.run({"HSET", "hash", "f", "1"});
  Replica replica(world);
  client.run({"SPOP", "set"});
  client.run({"SPOP", "many", "5"});
  client.run({"INCRBYFLOAT", "float", "0.5"});
  client.run({"HINCRBYFLOAT", "hash", "f", "0.25"});
  client.run({"GETDEL", "float"});
  CHECK(replica.heard() ==
        "SELECT 0\nSREM set a\nDEL many\nSET float 1.5 KEEPTTL\nHSET hash f 1.25\nDEL float\n");
}

TEST_CASE("replicas: a transaction is whole, unless it is one command") {
  World world;
  Client client(world);
  Replica replica(world);
  client.run({"MULTI"});
  client.run({"SET", "a", "1"});
  client.run({"GET", "a"});
  client.run({"EXEC"});
  client.run({"MULTI"});
  client.run({"SET", "a", "2"});
  client.run({"SELECT", "1"});
  client.run({"SET", "b", "3"});
  client.run({"EXEC"});
  client.run({"MULTI"});
  client.run({"PING"});
  client.run({"EXEC"});
  CHECK(replica.heard() == "SELECT 0\nSET a 1\nMULTI\nSET a 2\nSELECT 1\nSET b 3\nEXEC\n");
}

TEST_CASE("replicas: a blocked pop is sent as what it came to, behind the push") {
  World world;
  Client pusher(world);
  Client popper(world);
  Replica replica(world);
  popper.run({"BLPOP", "list", "other", "0"});
  pusher.run({"RPUSH", "other", "a"});
  CHECK(replica.heard() == "SELECT 0\nRPUSH other a\nLPOP other\n");
  pusher.run({"RPUSH", "list", "a", "b", "c"});
  pusher.run({"BLMPOP", "0", "1", "list", "LEFT", "COUNT", "2"});
  pusher.run({"LMPOP", "2", "absent", "list", "RIGHT"});
  pusher.run({"ZADD", "zset", "1", "a", "2", "b", "3", "c"});
  pusher.run({"ZMPOP", "1", "zset", "MAX", "COUNT", "2"});
  pusher.run({"BZPOPMIN", "zset", "0"});
  CHECK(replica.heard() ==
        "RPUSH list a b c\nLPOP list 2\nRPOP list 1\nZADD zset 1 a 2 b 3 c\nZPOPMAX zset 2\n"
        "ZPOPMIN zset\n");
  pusher.run({"RPUSH", "list", "a"});
  pusher.run({"BLMOVE", "list", "other", "LEFT", "RIGHT", "0"});
  pusher.run({"BRPOPLPUSH", "other", "list", "0"});
  CHECK(replica.heard() == "RPUSH list a\nLMOVE list other LEFT RIGHT\nRPOPLPUSH other list\n");
}

TEST_CASE("replicas: of streams the ids, the trimming that was done, and who has what") {
  World world;
  Client client(world);
  Replica replica(world);
  client.run({"XADD", "s", "5-*", "f", "v"});
  client.run({"XADD", "s", "NOMKSTREAM", "MAXLEN", "~", "1000", "LIMIT", "5", "6-1", "f", "w"});
  client.run({"XTRIM", "s", "MINID", "6"});
  CHECK(replica.heard() ==
        "SELECT 0\nXADD s 5-0 f v\nXADD s MAXLEN = 2 6-1 f w\nXTRIM s MINID = 6-1\n");
  const std::string now = std::to_string(world.clock.now_ms());
  client.run({"XGROUP", "CREATE", "s", "g", "0"});
  client.run({"XREADGROUP", "GROUP", "g", "a", "STREAMS", "s", ">"});
  client.run({"XCLAIM", "s", "g", "b", "0", "6-1", "9-9"});
  const std::string how = " 0 6-1 TIME " + now + " RETRYCOUNT ";
  CHECK(replica.heard() == "XGROUP CREATE s g 0\nXCLAIM s g a" + how +
                               "1 FORCE JUSTID LASTID 6-1\nMULTI\nXCLAIM s g b" + how +
                               "2 FORCE JUSTID LASTID 6-1\nXACK s g 9-9\nEXEC\n");
  client.run({"XADD", "s", "7-1", "f", "x"});
  client.run({"XREADGROUP", "GROUP", "g", "a", "NOACK", "STREAMS", "s", ">"});
  CHECK(replica.heard().find("XGROUP SETID s g 7-1 ENTRIESREAD 3\n") != std::string::npos);
}

TEST_CASE("replicas: messages, flushes and swaps are sent whatever they change") {
  World world;
  Client client(world);
  Replica replica(world);
  client.run({"PUBLISH", "channel", "text"});
  client.run({"FLUSHALL"});
  client.run({"SWAPDB", "0", "1"});
  CHECK(replica.heard() == "SELECT 0\nPUBLISH channel text\nFLUSHALL\nSWAPDB 0 1\n");
}

TEST_CASE("PSYNC: a snapshot first, and what was missed when it is still kept") {
  World world;
  Client client(world);
  client.run({"SET", "k", "v"});
  std::string id;
  {
    Client replica(world);
    const std::string answer = replica.run({"PSYNC", "?", "-1"});
    REQUIRE(answer.starts_with("+FULLRESYNC "));
    id = answer.substr(12, 40);
    CHECK(answer.substr(52).starts_with(" 0\r\n$"));
    client.run({"SET", "k", "1"});
    CHECK(lines_of(replica.take()) == "SELECT 0\nSET k 1\n");
  }
  client.run({"SET", "k", "2"});
  const std::string first =
      "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n1\r\n";
  Client again(world);
  const std::string next = std::to_string(first.size() + 1);
  CHECK(again.run({"PSYNC", id, next}) ==
        "+CONTINUE " + id + "\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n2\r\n");
  Client stranger(world);
  CHECK(stranger.run({"PSYNC", std::string(40, 'a'), next}).starts_with("+FULLRESYNC "));
  Client ahead(world);
  CHECK(ahead.run({"PSYNC", id, "100000"}).starts_with("+FULLRESYNC "));
}

TEST_CASE("WAIT: counts the replicas that have what this client wrote") {
  World world;
  Client client(world);
  CHECK(client.run({"WAIT", "1", "10"}).empty());
  world.advance_ms(20);
  CHECK(client.take() == ":0\r\n");
  Replica replica(world);
  client.run({"SET", "k", "v"});
  CHECK(client.run({"WAIT", "0", "0"}) == ":0\r\n");
  CHECK(client.run({"WAIT", "1", "0"}).empty());
  CHECK(replica.heard() == "SELECT 0\nSET k v\nREPLCONF GETACK *\n");
  const std::string offset = std::to_string(world.instance.replicas().stream().offset());
  CHECK(replica.run({"REPLCONF", "ACK", "3"}).empty());
  CHECK(client.take().empty());
  CHECK(replica.run({"REPLCONF", "ACK", offset}).empty());
  CHECK(client.take() == ":1\r\n");
  CHECK(client.run({"WAIT", "1", "0"}) == ":1\r\n");
  CHECK(client.run({"INFO", "replication"}).find("connected_slaves:1\r\n") != std::string::npos);
}

TEST_CASE("replicas: are pinged, and dropped when they fall silent") {
  World world;
  Replica replica(world);
  world.advance_ms(11'000);
  CHECK(replica.heard() == "PING\n");
  replica.run({"REPLCONF", "ACK", "0"});
  world.advance_ms(61'000);
  CHECK(replica.closed());
}

TEST_CASE("REPLCONF: what it knows, and what it does not") {
  World world;
  Client client(world);
  CHECK(client.run({"REPLCONF", "listening-port", "7000", "capa", "eof"}) == "+OK\r\n");
  CHECK(client.run({"REPLCONF", "nonsense", "1"}) ==
        "-ERR Unrecognized REPLCONF option: nonsense\r\n");
  CHECK(client.run({"REPLCONF", "capa"}) == "-ERR syntax error\r\n");
}
