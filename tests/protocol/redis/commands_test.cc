// Strings, bitmaps, keys, times to live, SORT, and the server's own commands.
#include <set>
#include <string>

#include "protocol/redis/command_table.h"
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {

TEST_CASE("SET: the matrix of options") {
  World world;
  Client c(world);
  CHECK(c.run({"SET", "k", "v", "NX"}) == "+OK\r\n");
  CHECK(c.run({"SET", "k", "w", "NX"}) == "$-1\r\n");
  CHECK(c.run({"SET", "k", "w", "NX", "GET"}) == "$1\r\nv\r\n");
  CHECK(c.run({"SET", "k", "w", "XX", "GET"}) == "$1\r\nv\r\n");
  CHECK(c.run({"GET", "k"}) == "$1\r\nw\r\n");
  CHECK(c.run({"SET", "k", "v", "XX", "NX"}) == "-ERR syntax error\r\n");
  CHECK(c.run({"SET", "k", "v", "EX", "1", "PX", "1"}) == "-ERR syntax error\r\n");
  CHECK(c.run({"SET", "k", "v", "EX", "0"}) == "-ERR invalid expire time in 'set' command\r\n");
  CHECK(c.run({"SET", "k", "v", "EX", "9223372036854775807"}) ==
        "-ERR invalid expire time in 'set' command\r\n");
  CHECK(c.run({"SET", "k", "v", "EX", "a"}) == "-ERR value is not an integer or out of range\r\n");
  CHECK(c.run({"SET", "k", "v", "EX", "100"}) == "+OK\r\n");
  CHECK(c.run({"SET", "k", "w", "KEEPTTL"}) == "+OK\r\n");
  CHECK(c.run({"TTL", "k"}) == ":100\r\n");
  CHECK(c.run({"SET", "k", "w"}) == "+OK\r\n");
  CHECK(c.run({"TTL", "k"}) == ":-1\r\n");
  c.run({"RPUSH", "l", "a"});
  CHECK(c.run({"SET", "l", "v", "GET"}).starts_with("-WRONGTYPE"));
}

TEST_CASE("GETEX and GETDEL: what is read goes or gets a new time") {
  World world;
  Client c(world);
  c.run({"SET", "k", "v"});
  CHECK(c.run({"GETEX", "k", "EX", "50"}) == "$1\r\nv\r\n");
  CHECK(c.run({"TTL", "k"}) == ":50\r\n");
  CHECK(c.run({"GETEX", "k", "PERSIST"}) == "$1\r\nv\r\n");
  CHECK(c.run({"TTL", "k"}) == ":-1\r\n");
  CHECK(c.run({"GETEX", "k", "PXAT", "1"}) == "$1\r\nv\r\n");
  CHECK(c.run({"EXISTS", "k"}) == ":0\r\n");
  c.run({"SET", "k", "v"});
  CHECK(c.run({"GETDEL", "k"}) == "$1\r\nv\r\n");
  CHECK(c.run({"GETDEL", "k"}) == "$-1\r\n");
}

TEST_CASE("Counting: overflow, floats, and what is no number") {
  World world;
  Client c(world);
  CHECK(c.run({"INCR", "n"}) == ":1\r\n");
  CHECK(c.run({"INCRBY", "n", "9223372036854775807"}) ==
        "-ERR increment or decrement would overflow\r\n");
  CHECK(c.run({"DECRBY", "n", "-9223372036854775808"}) == "-ERR decrement would overflow\r\n");
  CHECK(c.run({"INCRBYFLOAT", "n", "0.1"}) == "$3\r\n1.1\r\n");
  CHECK(c.run({"INCR", "n"}) == "-ERR value is not an integer or out of range\r\n");
  CHECK(c.run({"INCRBYFLOAT", "n", "nan"}) == "-ERR value is not a valid float\r\n");
  CHECK(c.run({"INCRBYFLOAT", "n", "inf"}) == "-ERR increment would produce NaN or Infinity\r\n");
}

TEST_CASE("Parts of strings: ranges clamp, SETRANGE pads with zeros") {
  World world;
  Client c(world);
  c.run({"SET", "k", "Hello"});
  CHECK(c.run({"GETRANGE", "k", "-3", "-1"}) == "$3\r\nllo\r\n");
  CHECK(c.run({"GETRANGE", "k", "-1", "-3"}) == "$0\r\n\r\n");
  CHECK(c.run({"GETRANGE", "k", "0", "100"}) == "$5\r\nHello\r\n");
  CHECK(c.run({"SETRANGE", "k", "7", "x"}) == ":8\r\n");
  CHECK(c.run({"GET", "k"}) == std::string("$8\r\nHello\0\0x\r\n", 14));
  CHECK(c.run({"SETRANGE", "k", "-1", "x"}) == "-ERR offset is out of range\r\n");
  CHECK(c.run({"SETRANGE", "k", "536870912", "x"}) ==
        "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
  CHECK(c.run({"SETRANGE", "none", "10", ""}) == ":0\r\n");
  CHECK(c.run({"APPEND", "none", "ab"}) == ":2\r\n");
  CHECK(c.run({"STRLEN", "none"}) == ":2\r\n");
}

TEST_CASE("MSETNX: all or none") {
  World world;
  Client c(world);
  CHECK(c.run({"MSETNX", "a", "1", "b", "2"}) == ":1\r\n");
  CHECK(c.run({"MSETNX", "c", "3", "b", "4"}) == ":0\r\n");
  CHECK(c.run({"MGET", "a", "b", "c"}) == "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n");
  CHECK(c.run({"MSET", "a"}) == "-ERR wrong number of arguments for 'mset' command\r\n");
  CHECK(c.run({"MSET", "a", "1", "b"}) == "-ERR wrong number of arguments for 'mset' command\r\n");
}

TEST_CASE("LCS: the string, its length, and where it stands") {
  World world;
  Client c(world);
  c.run({"MSET", "a", "ohmytext", "b", "mynewtext"});
  CHECK(c.run({"LCS", "a", "b"}) == "$6\r\nmytext\r\n");
  CHECK(c.run({"LCS", "a", "b", "LEN"}) == ":6\r\n");
  CHECK(c.run({"LCS", "a", "b", "IDX", "MINMATCHLEN", "4", "WITHMATCHLEN"}) ==
        "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n"
        "$3\r\nlen\r\n:6\r\n");
  CHECK(c.run({"LCS", "a", "b", "LEN", "IDX"}) ==
        "-ERR If you want both the length and indexes, please just use IDX.\r\n");
}

TEST_CASE("Bitmaps: bits count from the highest of the first byte") {
  World world;
  Client c(world);
  CHECK(c.run({"SETBIT", "b", "7", "1"}) == ":0\r\n");
  CHECK(c.run({"SETBIT", "b", "7", "1"}) == ":1\r\n");
  CHECK(c.run({"GET", "b"}) == "$1\r\n\x01\r\n");
  CHECK(c.run({"GETBIT", "b", "7"}) == ":1\r\n");
  CHECK(c.run({"GETBIT", "b", "100"}) == ":0\r\n");
  c.run({"SET", "s", "foobar"});
  CHECK(c.run({"BITCOUNT", "s"}) == ":26\r\n");
  CHECK(c.run({"BITCOUNT", "s", "1", "1"}) == ":6\r\n");
  CHECK(c.run({"BITCOUNT", "s", "5", "30", "BIT"}) == ":17\r\n");
  c.run({"SET", "p", std::string("\xff\xf0\x00", 3)});
  CHECK(c.run({"BITPOS", "p", "0"}) == ":12\r\n");
  c.run({"SET", "p", "\xff\xff"});
  CHECK(c.run({"BITPOS", "p", "0"}) == ":16\r\n");
  CHECK(c.run({"BITPOS", "p", "0", "0", "-1"}) == ":-1\r\n");
  c.run({"MSET", "x", "ab", "y", "a"});
  CHECK(c.run({"BITOP", "XOR", "z", "x", "y"}) == ":2\r\n");
  CHECK(c.run({"GET", "z"}) == std::string("$2\r\n\0b\r\n", 8));
  CHECK(c.run({"SETBIT", "b", "4294967296", "1"}) ==
        "-ERR bit offset is not an integer or out of range\r\n");
}

TEST_CASE("BITFIELD: wrapping, saturating, failing") {
  World world;
  Client c(world);
  CHECK(c.run({"BITFIELD", "f", "SET", "i8", "0", "127", "INCRBY", "i8", "0", "1"}) ==
        "*2\r\n:0\r\n:-128\r\n");
  CHECK(c.run({"BITFIELD", "f", "SET", "u2", "100", "3", "OVERFLOW", "SAT", "INCRBY", "u2", "100",
               "1", "OVERFLOW", "FAIL", "INCRBY", "u2", "100", "1"}) ==
        "*3\r\n:0\r\n:3\r\n$-1\r\n");
  CHECK(c.run({"BITFIELD_RO", "f", "GET", "u2", "100"}) == "*1\r\n:3\r\n");
  CHECK(c.run({"BITFIELD_RO", "f", "SET", "u2", "100", "1"}).starts_with("-ERR BITFIELD_RO only"));
  CHECK(c.run({"BITFIELD", "f", "GET", "u64", "0"}).starts_with("-ERR Invalid bitfield type"));
}

TEST_CASE("Times to live: conditions, the past, rounding") {
  World world;
  Client c(world);
  c.run({"SET", "k", "v"});
  CHECK(c.run({"EXPIRE", "k", "100", "GT"}) == ":0\r\n");
  CHECK(c.run({"EXPIRE", "k", "100", "LT"}) == ":1\r\n");
  CHECK(c.run({"EXPIRE", "k", "200", "NX"}) == ":0\r\n");
  CHECK(c.run({"EXPIRE", "k", "200", "XX", "GT"}) == ":1\r\n");
  CHECK(c.run({"TTL", "k"}) == ":200\r\n");
  world.clock.advance_ms(1400);
  CHECK(c.run({"TTL", "k"}) == ":199\r\n");
  CHECK(c.run({"PTTL", "k"}) == ":198600\r\n");
  CHECK(c.run({"EXPIRE", "k", "1", "NX", "XX"}) ==
        "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
  CHECK(c.run({"EXPIRE", "k", "1", "FOO"}) == "-ERR Unsupported option FOO\r\n");
  CHECK(c.run({"EXPIRE", "k", "9223372036854775807"}) ==
        "-ERR invalid expire time in 'expire' command\r\n");
  CHECK(c.run({"PERSIST", "k"}) == ":1\r\n");
  CHECK(c.run({"EXPIRETIME", "k"}) == ":-1\r\n");
  CHECK(c.run({"EXPIRE", "k", "-1"}) == ":1\r\n");
  CHECK(c.run({"TTL", "k"}) == ":-2\r\n");
}

TEST_CASE("Expiry: a key past its time is gone at once, and removed by the regular work") {
  World world;
  Client c(world);
  c.run({"SET", "k", "v", "PX", "10"});
  c.run({"SET", "l", "v", "PX", "10"});
  world.clock.advance_ms(11);
  CHECK(c.run({"GET", "k"}) == "$-1\r\n");
  CHECK(c.run({"DBSIZE"}) == ":1\r\n");
  world.advance_ms(100);
  CHECK(c.run({"DBSIZE"}) == ":0\r\n");
  CHECK(world.instance.statistics().expired_keys == 2);
}

TEST_CASE("Keys: RENAME, COPY and MOVE carry value and time") {
  World world;
  Client c(world);
  c.run({"SET", "a", "v", "EX", "100"});
  CHECK(c.run({"RENAME", "a", "b"}) == "+OK\r\n");
  CHECK(c.run({"COPY", "b", "c"}) == ":1\r\n");
  CHECK(c.run({"COPY", "b", "c"}) == ":0\r\n");
  CHECK(c.run({"COPY", "b", "c", "REPLACE"}) == ":1\r\n");
  CHECK(c.run({"TTL", "c"}) == ":100\r\n");
  CHECK(c.run({"MOVE", "c", "1"}) == ":1\r\n");
  CHECK(c.run({"MOVE", "c", "1"}) == ":0\r\n");
  CHECK(c.run({"RENAMENX", "b", "b"}) == ":0\r\n");
  CHECK(c.run({"RENAME", "nokey", "b"}) == "-ERR no such key\r\n");
  CHECK(c.run({"MOVE", "b", "0"}) == "-ERR source and destination objects are the same\r\n");
  CHECK(c.run({"COPY", "b", "b"}) == "-ERR source and destination objects are the same\r\n");
  CHECK(c.run({"COPY", "b", "b", "DB", "99"}) == "-ERR DB index is out of range\r\n");
}

TEST_CASE("SCAN: every key once round, filtered by pattern and type") {
  World world;
  Client c(world);
  for (int i = 0; i < 300; ++i) c.run({"SET", "key:" + std::to_string(i), "v"});
  c.run({"RPUSH", "list", "a"});
  const auto round = [&](std::vector<std::string_view> options) {
    std::set<std::string> seen;
    std::string cursor = "0";
    do {
      std::vector<std::string_view> args{"SCAN", cursor};
      args.insert(args.end(), options.begin(), options.end());
      const std::string reply = c.run(args);
      std::size_t at = reply.find("\r\n", 4) + 2;
      cursor = reply.substr(at, reply.find("\r\n", at) - at);
      at = reply.find("\r\n", reply.find("\r\n*", at) + 2) + 2;
      while (at < reply.size()) {
        at = reply.find("\r\n", at) + 2;
        const std::size_t end = reply.find("\r\n", at);
        seen.insert(reply.substr(at, end - at));
        at = end + 2;
      }
    } while (cursor != "0");
    return seen;
  };
  CHECK(round({"COUNT", "7"}).size() == 301);
  CHECK(round({"MATCH", "key:1?"}).size() == 10);
  CHECK(round({"TYPE", "list"}) == std::set<std::string>{"list"});
  CHECK(c.run({"SCAN", "x"}) == "-ERR invalid cursor\r\n");
  CHECK(c.run({"SCAN", "0", "COUNT", "0"}) == "-ERR syntax error\r\n");
}

TEST_CASE("SORT: by itself, by weights, by fields, with GET and STORE") {
  World world;
  Client c(world);
  c.run({"RPUSH", "l", "3", "1", "2"});
  c.run({"MSET", "w_1", "30", "w_2", "20", "w_3", "10", "o_1", "one", "o_3", "three"});
  c.run({"HSET", "h_1", "f", "a"});
  CHECK(c.run({"SORT", "l"}) == "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
  CHECK(c.run({"SORT", "l", "DESC", "LIMIT", "0", "2"}) == "*2\r\n$1\r\n3\r\n$1\r\n2\r\n");
  CHECK(c.run({"SORT", "l", "BY", "w_*", "GET", "#", "GET", "o_*", "GET", "h_*->f"}) ==
        "*9\r\n$1\r\n3\r\n$5\r\nthree\r\n$-1\r\n$1\r\n2\r\n$-1\r\n$-1\r\n"
        "$1\r\n1\r\n$3\r\none\r\n$1\r\na\r\n");
  CHECK(c.run({"SORT", "l", "BY", "nosort"}) == "*3\r\n$1\r\n3\r\n$1\r\n1\r\n$1\r\n2\r\n");
  CHECK(c.run({"SORT", "l", "STORE", "d"}) == ":3\r\n");
  CHECK(c.run({"LRANGE", "d", "0", "-1"}) == "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
  c.run({"RPUSH", "words", "b", "a"});
  CHECK(c.run({"SORT", "words"}) == "-ERR One or more scores can't be converted into double\r\n");
  CHECK(c.run({"SORT", "words", "ALPHA"}) == "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  CHECK(c.run({"SORT_RO", "l", "STORE", "d"}) == "-ERR syntax error\r\n");
}

TEST_CASE("OBJECT: encodings follow the value") {
  World world;
  Client c(world);
  c.run({"MSET", "i", "12", "s", "short", "r", std::string(45, 'x')});
  CHECK(c.run({"OBJECT", "ENCODING", "i"}) == "$3\r\nint\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "s"}) == "$6\r\nembstr\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "r"}) == "$3\r\nraw\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "nokey"}) == "$-1\r\n");
  CHECK(c.run({"OBJECT", "FREQ", "i"}).starts_with("-ERR An LFU maxmemory policy is not"));
  CHECK(c.run({"OBJECT", "REFCOUNT", "i"}) == ":2147483647\r\n");
}

TEST_CASE("CONFIG: patterns, aliases, all or none") {
  World world;
  Client c(world, 3);
  CHECK(c.run({"CONFIG", "GET", "maxmemory"}) == "%1\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n");
  CHECK(c.run({"CONFIG", "SET", "maxmemory", "100mb"}) == "+OK\r\n");
  CHECK(c.run({"CONFIG", "GET", "maxmemory"}).ends_with("$9\r\n104857600\r\n"));
  CHECK(c.run({"CONFIG", "GET", "*slave*of"}) == "%1\r\n$7\r\nslaveof\r\n$0\r\n\r\n");
  CHECK(c.run({"CONFIG", "SET", "nope", "1"}) ==
        "-ERR Unknown option or number of arguments for CONFIG SET - 'nope'\r\n");
  CHECK(c.run({"CONFIG", "SET", "hz", "50", "maxmemory", "abc"}) ==
        "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a "
        "memory value\r\n");
  CHECK(c.run({"CONFIG", "GET", "hz"}).ends_with("$2\r\n10\r\n"));
  CHECK(c.run({"CONFIG", "SET", "hz", "1", "hz", "2"}).find("duplicate") != std::string::npos);
  CHECK(c.run({"CONFIG", "SET", "daemonize", "yes"}).find("immutable") != std::string::npos);
  CHECK(c.run({"CONFIG", "GET", "key-load-delay*"}) == "%0\r\n");
  CHECK(c.run({"CONFIG", "GET", "key-load-delay"}).starts_with("%1"));
}

TEST_CASE("CONFIG SET: thresholds decide encodings from then on") {
  World world;
  Client c(world);
  c.run({"CONFIG", "SET", "hash-max-ziplist-entries", "1"});
  c.run({"HSET", "h", "a", "1", "b", "2"});
  CHECK(c.run({"OBJECT", "ENCODING", "h"}) == "$9\r\nhashtable\r\n");
}

TEST_CASE("INFO: sections by name, counters of commands and errors") {
  World world;
  Client c(world);
  c.run({"SET", "k", "v"});
  c.run({"GET", "k"});
  c.run({"GET", "x"});
  c.run({"INCR", "k"});
  c.run({"GET"});
  const std::string all = c.run({"INFO", "everything"});
  CHECK(all.find("cmdstat_incr:calls=1,") != std::string::npos);
  CHECK(all.find("rejected_calls=1,failed_calls=0\r\n") != std::string::npos);
  CHECK(all.find("errorstat_ERR:count=2\r\n") != std::string::npos);
  CHECK(all.find("keyspace_hits:1\r\nkeyspace_misses:1\r\n") != std::string::npos);
  CHECK(all.find("db0:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n") != std::string::npos);
  const std::string two = c.run({"INFO", "cpu", "KEYSPACE"});
  CHECK(two.find("# CPU") != std::string::npos);
  CHECK(two.find("# Keyspace") != std::string::npos);
  CHECK(two.find("# Server") == std::string::npos);
}

TEST_CASE("COMMAND: rows as clients read them") {
  World world;
  Client c(world);
  CHECK(c.run({"COMMAND", "INFO", "get", "nosuch"}) ==
        "*2\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"
        "*3\r\n+@read\r\n+@string\r\n+@fast\r\n*0\r\n*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RO\r\n"
        "+access\r\n$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n$4\r\nspec\r\n"
        "*2\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n"
        "$4\r\nspec\r\n*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n"
        "*0\r\n$-1\r\n");
  CHECK(c.run({"COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"}) ==
        "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  CHECK(c.run({"COMMAND", "GETKEYS", "SORT", "a", "BY", "x*", "STORE", "b"}) ==
        "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  CHECK(c.run({"COMMAND", "GETKEYSANDFLAGS", "SET", "k", "v"}) ==
        "*1\r\n*2\r\n$1\r\nk\r\n*2\r\n+OW\r\n+update\r\n");
  CHECK(c.run({"COMMAND", "LIST", "FILTERBY", "PATTERN", "ping"}) == "*1\r\n$4\r\nping\r\n");
  // Sub-commands stand in the list too, by their full names.
  const std::string all = c.run({"COMMAND", "LIST"});
  CHECK(all.find("$11\r\nclient|list\r\n") != std::string::npos);
  CHECK(all.find("$12\r\ncluster|help\r\n") != std::string::npos);
  // A shard channel is where a key would be, but is none.
  CHECK(c.run({"COMMAND", "GETKEYS", "SPUBLISH", "c", "m"}) ==
        "-ERR The command has no key arguments\r\n");
}

TEST_CASE("The command table: every row is whole") {
  CommandTable table;
  for (const auto& slot : table.slots()) {
    const Command& row = *slot.row;
    INFO(row.name);
    CHECK(row.arity != 0);
    CHECK_FALSE(row.summary.empty());
    CHECK(table.find_name(row.name) == &slot);
    // A command with keys says how it uses them.
    if (row.keys.first > 0 || row.keys.numkeys_at > 0) CHECK_FALSE(row.keys.use.empty());
  }
}

TEST_CASE("SLOWLOG: arguments are shortened, the newest comes first") {
  World world;
  Client c(world);
  c.run({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
  c.run({"SLOWLOG", "RESET"});
  c.run({"SET", "k", std::string(200, 'x')});
  const std::string log = c.run({"SLOWLOG", "GET", "1"});
  CHECK(log.find(std::string(128, 'x') + "... (72 more bytes)") != std::string::npos);
  CHECK(log.find("$15\r\n127.0.0.1:50000\r\n") != std::string::npos);
  CHECK(c.run({"SLOWLOG", "GET", "-2"}) == "-ERR count should be greater than or equal to -1\r\n");
}

TEST_CASE("MONITOR: shows what runs, quoted, without secrets") {
  World world;
  Client watcher(world);
  Client c(world);
  CHECK(watcher.run({"MONITOR"}) == "+OK\r\n");
  c.run({"SET", "k", "a\"\n"});
  CHECK(watcher.take() == "+1767323045.000000 [0 127.0.0.1:50000] \"SET\" \"k\" \"a\\\"\\n\"\r\n");
  c.run({"AUTH", "secret"});
  CHECK(watcher.take() == "+1767323045.000000 [0 127.0.0.1:50000] \"AUTH\" \"(redacted)\"\r\n");
  c.run({"CONFIG", "SET", "requirepass", "secret"});
  CHECK(watcher.take() == "");  // administration is not shown at all
}

TEST_CASE("SLOWLOG: no secret of any command, given rightly or not") {
  World world;
  Client c(world);
  c.run({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
  c.run({"AUTH", "pass-1"});
  c.run({"AUTH", "default", "pass-2"});
  c.run({"AUTH", "default", "pass-3", "more"});
  c.run({"HELLO", "3", "AUTH", "default", "pass-4"});
  c.run({"HELLO", "3", "AUTH", "pass-5"});
  c.run({"HELLO", "2", "SETNAME", "me", "AUTH", "default", "pass-6"});
  c.run({"CONFIG", "SET", "requirepass", "pass-7"});
  c.run({"CONFIG", "SET", "maxmemory", "0", "masterauth", "pass-8"});
  c.run({"CONFIG", "SET", "maxmemory", "requirepass", "pass-9", "x"});
  c.run({"AUTH", "pass-7"});
  const std::string log = c.run({"SLOWLOG", "GET", "-1"});
  CHECK(log.find("AUTH") != std::string::npos);
  CHECK(log.find("(redacted)") != std::string::npos);
  CHECK(log.find("pass-") == std::string::npos);
}

TEST_CASE("maxmemory: noeviction refuses, allkeys makes room") {
  World world;
  Client c(world);
  for (int i = 0; i < 50; ++i) c.run({"SET", "k" + std::to_string(i), std::string(1000, 'x')});
  c.run({"CONFIG", "SET", "maxmemory", "1"});
  CHECK(c.run({"SET", "k", "v"}) == "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
  CHECK(c.run({"GET", "k1"}).starts_with("$1000"));
  c.run({"CONFIG", "SET", "maxmemory-policy", "allkeys-random"});
  CHECK(world.instance.statistics().evicted_keys == 50);
  CHECK(c.run({"DBSIZE"}) == ":0\r\n");
}

TEST_CASE("EXEC is refused for what its queue holds: memory, replicas") {
  World world;
  Client c(world);
  c.run({"SET", "k", "v"});
  c.run({"CONFIG", "SET", "maxmemory", "1"});
  c.run({"MULTI"});
  c.run({"GET", "k"});
  CHECK(c.run({"EXEC"}) == "*1\r\n$1\r\nv\r\n");
  c.run({"CONFIG", "SET", "maxmemory", "0"});
  c.run({"MULTI"});
  c.run({"SET", "k", "w"});
  Client admin(world);
  admin.run({"CONFIG", "SET", "min-replicas-to-write", "1"});
  CHECK(c.run({"EXEC"}) ==
        "-EXECABORT Transaction discarded because of: NOREPLICAS Not enough good replicas to "
        "write.\r\n");
  CHECK(c.run({"GET", "k"}) == "$1\r\nv\r\n");
}

TEST_CASE("SETBIT and BITFIELD: what stays as it is is no change") {
  World world;
  Client c(world);
  c.run({"SETBIT", "b", "3", "1"});
  c.run({"BITFIELD", "b", "SET", "u8", "8", "5"});
  const auto changes = world.engine.change_count();
  c.run({"SETBIT", "b", "3", "1"});
  c.run({"BITFIELD", "b", "SET", "u8", "8", "5", "INCRBY", "u8", "8", "0"});
  CHECK(world.engine.change_count() == changes);
  c.run({"SETBIT", "b", "3", "0"});
  CHECK(world.engine.change_count() > changes);
  const auto before = world.engine.change_count();
  c.run({"BITFIELD", "absent", "INCRBY", "i5", "0", "1"});
  CHECK(world.engine.change_count() == before + 1);
  c.run({"BITFIELD", "absent", "SET", "i5", "90", "0"});
  CHECK(world.engine.change_count() == before + 2);
}

// redis-server 7.0.15 and Valkey 8: room is made before the steps are tried.
TEST_CASE("BITFIELD and SETBIT: what they leave behind when they change nothing") {
  World world;
  Client c(world);
  CHECK(c.run({"BITFIELD", "s", "OVERFLOW", "FAIL", "INCRBY", "u8", "#9", "-200"}) ==
        "*1\r\n$-1\r\n");
  CHECK(c.run({"STRLEN", "s"}) == ":10\r\n");
  CHECK(c.run({"BITFIELD", "t", "GET", "u8", "#9"}) == "*1\r\n:0\r\n");
  CHECK(c.run({"EXISTS", "t"}) == ":0\r\n");
  c.run({"SET", "n", "12"});
  CHECK(c.run({"SETBIT", "n", "7", "1"}) == ":1\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "n"}) == "$3\r\nraw\r\n");
  CHECK(c.run({"GET", "n"}) == "$2\r\n12\r\n");
}

TEST_CASE("ZSCORE: whole scores beyond 2^53, and the form of 7.0") {
  World world;
  Client c(world);
  c.run({"ZADD", "z", "100000000000000000", "m"});
  CHECK(c.run({"ZSCORE", "z", "m"}) == "$18\r\n100000000000000000\r\n");
  Client newer(world, 3);
  CHECK(newer.run({"ZSCORE", "z", "m"}) == ",100000000000000000\r\n");
  c.run({"CONFIG", "SET", "compatibility", "7.0"});
  CHECK(c.run({"ZSCORE", "z", "m"}) == "$5\r\n1e+17\r\n");
}

// redis-server counts about a megabyte before the first key, so that this is too little at once.
TEST_CASE("maxmemory: what a server takes before its first key counts") {
  World world;
  Client c(world);
  world.advance_ms(100);
  c.run({"CONFIG", "SET", "maxmemory", "1mb"});
  CHECK(c.run({"SET", "k", "v"}).starts_with("-OOM"));
  c.run({"CONFIG", "SET", "maxmemory", "2mb"});
  CHECK(c.run({"SET", "k", "v"}) == "+OK\r\n");
}

TEST_CASE("INFO memory: data and overhead make up what is used") {
  World world;
  Client c(world);
  c.run({"SET", "k", std::string(1'000'000, 'x')});
  const std::string text = c.run({"INFO", "memory"});
  const auto field = [&text](const std::string& name) {
    return std::stoll(text.substr(text.find("\n" + name + ":") + name.size() + 2));
  };
  CHECK(field("used_memory") == field("used_memory_dataset") + field("used_memory_overhead"));
  CHECK(field("used_memory_dataset") > 1'000'000);
  CHECK(field("used_memory_dataset") < 1'010'000);
  CHECK(field("used_memory_peak") >= field("used_memory"));
  CHECK(field("total_system_memory") > field("used_memory"));
}

TEST_CASE("A lone server: what clusters and replicas would be asked") {
  World world;
  Client c(world);
  CHECK(c.run({"ROLE"}) == "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n");
  CHECK(c.run({"WAIT", "0", "10"}) == ":0\r\n");
  CHECK(c.run({"CLUSTER", "INFO"}) == "-ERR This instance has cluster support disabled\r\n");
  CHECK(c.run({"CLUSTER", "NOSUCH"}) == "-ERR unknown subcommand 'NOSUCH'. Try CLUSTER HELP.\r\n");
  CHECK(c.run({"CLUSTER", "MEET", "h"}) ==
        "-ERR wrong number of arguments for 'cluster|meet' command\r\n");
  CHECK(c.run({"ACL", "HELP"}).starts_with("*"));
  CHECK(c.run({"FUNCTION", "HELP"}).starts_with("*"));
  CHECK(c.run({"REPLICAOF", "NO", "ONE"}) == "+OK\r\n");
  CHECK(c.run({"REPLICAOF", "host", "1"}).starts_with("-ERR"));
  CHECK(c.run({"SHUTDOWN"}).starts_with("-ERR"));
}

TEST_CASE("OBJECT ENCODING: what arithmetic and bits leave behind") {
  World world;
  Client c(world);
  // INCRBYFLOAT stores text even when it reads as an integer; INCR makes it one again.
  c.run({"SET", "f", "10"});
  CHECK(c.run({"INCRBYFLOAT", "f", "5"}) == "$2\r\n15\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "f"}) == "$6\r\nembstr\r\n");
  CHECK(c.run({"INCR", "f"}) == ":16\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "f"}) == "$3\r\nint\r\n");
  // BITOP's result is raw however short it is.
  c.run({"SET", "a", "12"});
  CHECK(c.run({"BITOP", "OR", "r", "a"}) == ":2\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "r"}) == "$3\r\nraw\r\n");
  CHECK(c.run({"INCR", "r"}) == ":13\r\n");
  c.run({"RPUSH", "l", "x"});
  CHECK(c.run({"BITOP", "AND", "l", "a"}) == ":2\r\n");
  CHECK(c.run({"GET", "l"}) == "$2\r\n12\r\n");
  // An absent key that is appended to is made as SET makes it.
  CHECK(c.run({"APPEND", "n", ""}) == ":0\r\n");
  CHECK(c.run({"OBJECT", "ENCODING", "n"}) == "$6\r\nembstr\r\n");
}

TEST_CASE("Refusals: sub-commands given too much name their container's HELP") {
  World world;
  Client c(world);
  const auto text = [](std::string_view given, std::string_view container) {
    return "-ERR unknown subcommand or wrong number of arguments for '" + std::string(given) +
           "'. Try " + std::string(container) + " HELP.\r\n";
  };
  CHECK(c.run({"SLOWLOG", "GET", "1", "2"}) == text("GET", "SLOWLOG"));
  CHECK(c.run({"PUBSUB", "channels", "*", "*"}) == text("channels", "PUBSUB"));
  CHECK(c.run({"CLIENT", "UNBLOCK", "1", "ERROR", "x"}) == text("UNBLOCK", "CLIENT"));
  CHECK(c.run({"CLIENT", "PAUSE", "1", "ALL", "x"}) == text("PAUSE", "CLIENT"));
  CHECK(c.run({"DEBUG", "OBJECT", "k", "x"}) == text("OBJECT", "DEBUG"));
  CHECK(c.run({"CONFIG", "SET", "maxmemory", "0", "hz"}) == "-ERR syntax error\r\n");
  CHECK(c.run({"CONFIG", std::string_view("no\0thing", 8)}) ==
        "-ERR unknown subcommand 'no'. Try CONFIG HELP.\r\n");
}

TEST_CASE("Refusals: a database number that does not fit an int, and one that does not exist") {
  World world;
  Client c(world);
  c.run({"SET", "k", "v"});
  const std::string wide =
      "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n";
  CHECK(c.run({"SELECT", "2147483648"}) == wide);
  CHECK(c.run({"MOVE", "k", "-2147483649"}) == wide);
  CHECK(c.run({"COPY", "k", "l", "DB", "99999999999"}) == wide);
  CHECK(c.run({"SELECT", "2147483647"}) == "-ERR DB index is out of range\r\n");
  CHECK(c.run({"SWAPDB", "99999999999", "0"}) == "-ERR invalid first DB index\r\n");
  CHECK(c.run({"SWAPDB", "0", "99999999999"}) == "-ERR invalid second DB index\r\n");
  CHECK(c.run({"SWAPDB", "0", "16"}) == "-ERR DB index is out of range\r\n");
}

TEST_CASE("SCAN: the cursor is read as strtoul reads it") {
  World world;
  Client c(world);
  c.run({"SET", "k", "v"});
  const std::string whole = "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n";
  CHECK(c.run({"SCAN", ""}) == whole);
  CHECK(c.run({"SCAN", "+0"}) == whole);
  CHECK(c.run({"SCAN", "-0"}) == whole);
  CHECK(c.run({"SCAN", "-1"}).starts_with("*2\r\n"));
  for (const auto bad : {"-", " 0", "0 ", "x", "1x", "99999999999999999999"}) {
    INFO(bad);
    CHECK(c.run({"SCAN", bad}) == "-ERR invalid cursor\r\n");
  }
}

TEST_CASE("keymiss: every command that reads tells of an absent key") {
  World world;
  Client listener(world);
  Client c(world);
  c.run({"CONFIG", "SET", "notify-keyspace-events", "Em"});
  listener.run({"SUBSCRIBE", "__keyevent@0__:keymiss"});
  const auto missed = [&](std::initializer_list<std::string_view> args) {
    c.run(args);
    const std::string heard = listener.take();
    std::size_t count = 0;
    for (auto at = heard.find("message"); at != std::string::npos; ++count) {
      at = heard.find("message", at + 1);
    }
    return count;
  };
  CHECK(missed({"GET", "no"}) == 1);
  CHECK(missed({"EXISTS", "no", "no"}) == 2);
  CHECK(missed({"TOUCH", "no"}) == 1);
  CHECK(missed({"TYPE", "no"}) == 1);
  CHECK(missed({"TTL", "no"}) == 1);
  CHECK(missed({"PEXPIRETIME", "no"}) == 1);
  CHECK(missed({"SORT", "no"}) == 1);
  c.run({"RPUSH", "l", "1"});
  CHECK(missed({"SORT", "l", "BY", "w_*", "GET", "h_*->f"}) == 2);
  CHECK(missed({"LCS", "l", "no"}) == 1);
  CHECK(missed({"OBJECT", "ENCODING", "no"}) == 0);
  CHECK(missed({"EXPIRE", "no", "10"}) == 0);
}

TEST_CASE("BITFIELD_RO: what is wrong with a step is told before that it writes") {
  World world;
  Client c(world);
  CHECK(c.run({"BITFIELD_RO", "k", "SET", "u8", "0", "1"}) ==
        "-ERR BITFIELD_RO only supports the GET subcommand\r\n");
  CHECK(c.run({"BITFIELD_RO", "k", "SET", "u8", "0", "1", "GET", "u99", "0"})
            .starts_with("-ERR Invalid bitfield type."));
  CHECK(c.run({"BITFIELD_RO", "k", "INCRBY", "u8", "#x", "1"}) ==
        "-ERR bit offset is not an integer or out of range\r\n");
}

TEST_CASE("Independent draws: a reply without end is refused, not gathered") {
  World world;
  Client c(world);
  const std::string long_member(8 << 20, 'm');
  c.run({"SADD", "s", long_member});
  c.run({"HSET", "h", long_member, "v"});
  c.run({"ZADD", "z", "1", long_member});
  const std::string refused = "-ERR value is out of range\r\n";
  CHECK(c.run({"SRANDMEMBER", "s", "-2147483648"}) == refused);
  CHECK(c.run({"HRANDFIELD", "h", "-2147483648"}) == refused);
  CHECK(c.run({"ZRANDMEMBER", "z", "-2147483648"}) == refused);
  CHECK(c.run({"SRANDMEMBER", "s", "-2"}).starts_with("*2\r\n$8388608\r\n"));
}

TEST_CASE("CONFIG SET: memory without digits is none, signs and other units are refused") {
  World world;
  Client c(world);
  for (const auto none : {"", "b", "kb", "0mb"}) {
    INFO(none);
    c.run({"CONFIG", "SET", "maxmemory", "1gb"});
    CHECK(c.run({"CONFIG", "SET", "maxmemory", none}) == "+OK\r\n");
    CHECK(c.run({"CONFIG", "GET", "maxmemory"}) == "*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n");
  }
  for (const auto bad : {"-1", "abc", "1 mb", "1tb"}) {
    INFO(bad);
    CHECK(c.run({"CONFIG", "SET", "maxmemory", bad}).find("must be a memory value") !=
          std::string::npos);
  }
}

TEST_CASE("CONFIG SET oom-score-adj-values: three numbers within bounds") {
  World world;
  Client c(world);
  const std::string failed =
      "-ERR CONFIG SET failed (possibly related to argument 'oom-score-adj-values') - ";
  CHECK(c.run({"CONFIG", "SET", "oom-score-adj-values", "1 2"}) ==
        failed + "wrong number of arguments\r\n");
  CHECK(c.run({"CONFIG", "SET", "oom-score-adj-values", "1 2 2001"}) ==
        failed + "Invalid oom-score-adj-values, elements must be between -2000 and 2000.\r\n");
  CHECK(c.run({"CONFIG", "SET", "oom-score-adj-values", "3 2 1"}) == "+OK\r\n");
}

TEST_CASE("SET and GETEX: an expiry option may be repeated, not mixed with another") {
  World world;
  Client c(world);
  CHECK(c.run({"SET", "k", "v", "EX", "10", "ex", "20"}) == "+OK\r\n");
  CHECK(c.run({"TTL", "k"}) == ":20\r\n");
  CHECK(c.run({"SET", "k", "w", "KEEPTTL", "KEEPTTL"}) == "+OK\r\n");
  CHECK(c.run({"TTL", "k"}) == ":20\r\n");
  CHECK(c.run({"SET", "k", "w", "EX", "10", "PX", "20"}) == "-ERR syntax error\r\n");
  CHECK(c.run({"SET", "k", "w", "KEEPTTL", "EX", "20"}) == "-ERR syntax error\r\n");
  CHECK(c.run({"GETEX", "k", "PERSIST", "EX", "20"}) == "-ERR syntax error\r\n");
  CHECK(c.run({"GETEX", "k", "PERSIST", "PERSIST"}) == "$1\r\nw\r\n");
  CHECK(c.run({"TTL", "k"}) == ":-1\r\n");
}

TEST_CASE("SORT: weights are read as strtod reads them") {
  World world;
  Client c(world);
  c.run({"RPUSH", "l", "5", "", " 1", "0x10"});
  CHECK(c.run({"SORT", "l"}) == "*4\r\n$0\r\n\r\n$2\r\n 1\r\n$1\r\n5\r\n$4\r\n0x10\r\n");
  const std::string refused = "-ERR One or more scores can't be converted into double\r\n";
  for (const auto bad : {"1 ", "a", "1e400", "nan"}) {
    INFO(bad);
    c.run({"DEL", "l"});
    c.run({"RPUSH", "l", bad, "1"});
    CHECK(c.run({"SORT", "l"}) == refused);
  }
}

}  // namespace bodega::redis::test
