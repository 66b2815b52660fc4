// RDB files: SAVE, BGSAVE, DEBUG RELOAD, and reading one into an empty keyspace.
#include "protocol/redis/instance/snapshots.h"

#include <fstream>
#include <iterator>
#include <string>

#include "engines/base/crc.h"
#include "protocol/redis/rdb/primitives.h"
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using namespace bodega::redis;
using test::Client;
using test::World;

namespace {

void fill(Client& client) {
  client.run({"SET", "string", "value"});
  client.run({"SET", "integer", "42"});
  client.run({"SET", "soon", "gone", "PX", "5000"});
  client.run({"RPUSH", "list", "a", "b", "1"});
  client.run({"SADD", "set", "x", "y"});
  client.run({"SADD", "integers", "1", "2"});
  client.run({"ZADD", "zset", "1.5", "m"});
  client.run({"HSET", "hash", "f", "v"});
  client.run({"SELECT", "5"});
  client.run({"SET", "other", std::string(1000, 'x')});
  client.run({"SELECT", "0"});
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

InstanceOptions in(const tests::ScratchFolder& folder) {
  InstanceOptions options;
  options.data_directory = folder.path().string();
  return options;
}

std::string failure_of(World& world, const std::filesystem::path& path) {
  try {
    import_snapshot(world.instance, path);
  } catch (const Error& error) {
    return error.text();
  }
  return {};
}

// A whole file of these parts, with its checksum.
std::string file_of(const std::string& parts) {
  std::string bytes = "REDIS0012" + parts + "\xff";
  put_little_endian(bytes, base::crc64redis(bytes), 8);
  return bytes;
}

}  // namespace

TEST_CASE("SAVE: the file is read back with every type, database and time to live") {
  const tests::ScratchFolder folder;
  World world(in(folder));
  Client client(world);
  fill(client);
  world.clock.advance_ms(3000);
  REQUIRE(client.run({"SAVE"}) == "+OK\r\n");
  const auto path = folder.path() / "dump.rdb";
  CHECK(contents(path).starts_with("REDIS0011"));

  World other;
  other.clock.set_us(world.clock.now_us());
  const SnapshotRead read = import_snapshot(other.instance, path);
  CHECK(read.keys == 9);
  Client reader(other);
  CHECK(reader.run({"DEBUG", "DIGEST"}) == client.run({"DEBUG", "DIGEST"}));
  CHECK(reader.run({"PTTL", "soon"}) == client.run({"PTTL", "soon"}));
  CHECK(reader.run({"INFO", "persistence"}).find("rdb_last_load_keys_loaded:9") !=
        std::string::npos);
}

TEST_CASE("SAVE: a key whose time is past by then is not read") {
  const tests::ScratchFolder folder;
  World world(in(folder));
  Client client(world);
  fill(client);
  client.run({"SAVE"});
  World other;
  other.clock.set_us(world.clock.now_us());
  other.clock.advance_ms(6000);
  const SnapshotRead read = import_snapshot(other.instance, folder.path() / "dump.rdb");
  CHECK(read.keys == 8);
  CHECK(read.expired == 1);
}

TEST_CASE("SAVE: version 10 under compatibility 7.0") {
  const tests::ScratchFolder folder;
  World world(in(folder));
  Client client(world);
  client.run({"CONFIG", "SET", "compatibility", "7.0"});
  client.run({"SET", "k", "v"});
  client.run({"BGSAVE"});
  CHECK(contents(folder.path() / "dump.rdb").starts_with("REDIS0010"));
}

TEST_CASE("SAVE: what goes wrong is answered, told by INFO and leaves the file that was there") {
  const tests::ScratchFolder folder;
  World world(in(folder));
  Client client(world);
  client.run({"SET", "k", "v"});
  client.run({"SAVE"});
  const std::string before = contents(folder.path() / "dump.rdb");
  std::filesystem::create_directory(folder.path() / "dump.rdb.writing");
  CHECK(client.run({"SAVE"}).starts_with("-ERR "));
  CHECK(client.run({"INFO", "persistence"}).find("rdb_last_bgsave_status:err") !=
        std::string::npos);
  CHECK(contents(folder.path() / "dump.rdb") == before);
}

TEST_CASE("DEBUG RELOAD: everything is as before, and what no longer needs a table has none") {
  World world;
  Client client(world);
  fill(client);
  client.run({"SADD", "shrunk", std::string(100, 'l')});
  client.run({"SADD", "shrunk", "1"});
  client.run({"SREM", "shrunk", std::string(100, 'l')});
  CHECK(client.run({"OBJECT", "ENCODING", "shrunk"}) == "$9\r\nhashtable\r\n");
  client.run({"WATCH", "string"});
  const std::string digest = client.run({"DEBUG", "DIGEST"});
  REQUIRE(client.run({"DEBUG", "RELOAD"}) == "+OK\r\n");
  CHECK(client.run({"DEBUG", "DIGEST"}) == digest);
  client.run({"MULTI"});
  client.run({"PING"});
  CHECK(client.run({"EXEC"}) == "*1\r\n+PONG\r\n");
  // In the store as well.
  world.engine.reload();
  CHECK(client.run({"DEBUG", "DIGEST"}) == digest);
}

TEST_CASE("RDB file: a damaged one is refused whole, with the reason") {
  const tests::ScratchFolder folder;
  const auto path = folder.path() / "some.rdb";
  World world;
  Client client(world);
  const auto refusal = [&](const std::string& bytes) {
    write(path, bytes);
    const std::string failure = failure_of(world, path);
    CHECK(client.run({"DBSIZE"}) == ":0\r\n");
    const std::string start = "ERR " + path.string() + ": ";
    return failure.starts_with(start) ? failure.substr(start.size()) : failure;
  };
  const std::string key("\x00\x01k\x01v", 5);
  CHECK(refusal("") == "it ends too early");
  CHECK(refusal("REDISxyz0nothing") == "version xyz0 of the format is not known");
  CHECK(refusal("REDIS0013\xff") == "version 0013 of the format is not known");
  CHECK(refusal("PRINTED TEXT") == "this is no RDB file");
  CHECK(refusal(file_of(key + key)) == "a key that is there twice");
  CHECK(refusal(file_of("\xfe\x20")) == "it has more databases than there are here");
  CHECK(refusal(file_of("\xf6")) == "functions of a version before 7.0");
  std::string damaged = file_of(key);
  damaged[13] = 'w';
  CHECK(refusal(damaged) == "its checksum is wrong");
  CHECK(refusal(file_of(key).substr(0, 12)) == "it ends too early");
  CHECK(failure_of(world, folder.path() / "absent.rdb").find("No such file") != std::string::npos);
}

TEST_CASE("RDB file: what other servers put into theirs is passed over or taken") {
  const tests::ScratchFolder folder;
  const auto path = folder.path() / "some.rdb";
  World world;
  std::string parts(
      "\xfa\x03"
      "abc"
      "\x03"
      "def",
      9);  // a fact
  parts +=
      std::string("\xf7\x05\x02\x01\x02\x07\x03....\x04........\x05\x01x\x00", 24);  // a module
  parts += std::string("\xfe\x03\xfb\x02\x00\xf4\x01\x02\x00", 9);  // database, sizes, slot
  parts += std::string("\xf8\x0a\x00\x01k\x01v", 7);                // idle for ten seconds
  parts += std::string(
      "\x02\x01"
      "e\x00",
      4);  // an empty set
  write(path, file_of(parts));
  const SnapshotRead read = import_snapshot(world.instance, path);
  CHECK(read.keys == 1);
  CHECK(read.empty == 1);
  Client client(world);
  client.run({"SELECT", "3"});
  CHECK(client.run({"OBJECT", "IDLETIME", "k"}) == ":10\r\n");
  CHECK(client.run({"GET", "k"}) == "$1\r\nv\r\n");
}
