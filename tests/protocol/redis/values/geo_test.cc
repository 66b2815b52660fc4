// Answers were taken from redis-server 7.0.15.
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

void add_sicily(Client& c) {
  c.run({"GEOADD", "s", "13.361389", "38.115556", "Palermo", "15.087269", "37.502669", "Catania"});
}

}  // namespace

TEST_CASE("GEOADD: points are members whose scores are 52 bits") {
  World world;
  Client c(world);
  CHECK(c.run({"GEOADD", "s", "13.361389", "38.115556", "Palermo"}) == ":1\r\n");
  CHECK(c.run({"ZSCORE", "s", "Palermo"}) == "$16\r\n3479099956230698\r\n");
  CHECK(c.run({"GEOADD", "s", "NX", "1", "1", "Palermo"}) == ":0\r\n");
  CHECK(c.run({"GEOADD", "s", "XX", "1", "1", "Catania"}) == ":0\r\n");
  CHECK(c.run({"GEOADD", "s", "CH", "1", "1", "Palermo", "2", "2", "Rome"}) == ":2\r\n");
  CHECK(c.run({"GEOADD", "none", "XX", "1", "1", "a"}) == ":0\r\n");
  CHECK(c.run({"EXISTS", "none"}) == ":0\r\n");
}

TEST_CASE("GEOADD: refuses what cannot be stored") {
  World world;
  Client c(world);
  CHECK(c.run({"GEOADD", "s", "181", "1", "a"}) ==
        "-ERR invalid longitude,latitude pair 181.000000,1.000000\r\n");
  CHECK(c.run({"GEOADD", "s", "1", "85.06", "a"}) ==
        "-ERR invalid longitude,latitude pair 1.000000,85.060000\r\n");
  CHECK(c.run({"GEOADD", "s", "x", "1", "a"}) == "-ERR value is not a valid float\r\n");
  CHECK(c.run({"GEOADD", "s", "NX", "XX", "1", "1", "a"}) == "-ERR syntax error\r\n");
  CHECK(c.run({"GEOADD", "s", "1", "1", "a", "2"}) == "-ERR syntax error\r\n");
  c.run({"SET", "text", "x"});
  CHECK(c.run({"GEOADD", "text", "1", "1", "a"}) ==
        "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
}

TEST_CASE("GEOPOS, GEOHASH, GEODIST: what was added, and nothing for others") {
  World world;
  Client c(world);
  Client c3(world, 3);
  add_sicily(c);
  CHECK(c.run({"GEOPOS", "s", "Palermo", "none"}) ==
        "*2\r\n*2\r\n$20\r\n13.36138933897018433\r\n$20\r\n38.11555639549629859\r\n*-1\r\n");
  CHECK(c3.run({"GEOPOS", "s", "Palermo", "none"}) ==
        "*2\r\n*2\r\n,13.36138933897018433\r\n,38.11555639549629859\r\n_\r\n");
  CHECK(c.run({"GEOHASH", "s", "Palermo", "none"}) == "*2\r\n$11\r\nsqc8b49rny0\r\n$-1\r\n");
  CHECK(c.run({"GEODIST", "s", "Palermo", "Catania"}) == "$11\r\n166274.1516\r\n");
  CHECK(c.run({"GEODIST", "s", "Palermo", "Catania", "KM"}) == "$8\r\n166.2742\r\n");
  CHECK(c.run({"GEODIST", "s", "Palermo", "Palermo"}) == "$6\r\n0.0000\r\n");
  CHECK(c.run({"GEODIST", "s", "Palermo", "none"}) == "$-1\r\n");
  CHECK(c.run({"GEODIST", "none", "a", "b"}) == "$-1\r\n");
  CHECK(c.run({"GEODIST", "s", "Palermo", "Catania", "parsec"}) ==
        "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n");
  CHECK(c.run({"GEODIST", "s", "Palermo", "Catania", "m", "m"}) == "-ERR syntax error\r\n");
}

TEST_CASE("GEOSEARCH: circles and boxes, nearest first, with what is asked for") {
  World world;
  Client c(world);
  Client c3(world, 3);
  add_sicily(c);
  CHECK(c.run({"GEOSEARCH", "s", "FROMLONLAT", "15", "37", "BYBOX", "400", "400", "km", "ASC",
               "WITHCOORD", "WITHDIST", "WITHHASH"}) ==
        "*2\r\n*4\r\n$7\r\nCatania\r\n$7\r\n56.4413\r\n:3479447370796909\r\n"
        "*2\r\n$20\r\n15.08726745843887329\r\n$20\r\n37.50266842333162032\r\n"
        "*4\r\n$7\r\nPalermo\r\n$8\r\n190.4424\r\n:3479099956230698\r\n"
        "*2\r\n$20\r\n13.36138933897018433\r\n$20\r\n38.11555639549629859\r\n");
  CHECK(c3.run({"GEOSEARCH", "s", "FROMMEMBER", "Catania", "BYRADIUS", "1", "m", "WITHDIST"}) ==
        "*1\r\n*2\r\n$7\r\nCatania\r\n$6\r\n0.0000\r\n");
  CHECK(c.run({"GEOSEARCH", "s", "FROMLONLAT", "15", "37", "BYRADIUS", "200", "km", "COUNT", "1",
               "DESC"}) == "*1\r\n$7\r\nPalermo\r\n");
  CHECK(c.run({"GEOSEARCH", "none", "FROMMEMBER", "a", "BYRADIUS", "1", "m"}) == "*0\r\n");
  CHECK(c.run({"GEORADIUS", "s", "15", "37", "100", "km"}) == "*1\r\n$7\r\nCatania\r\n");
  CHECK(c.run({"GEORADIUSBYMEMBER_RO", "s", "Palermo", "10", "mi"}) == "*1\r\n$7\r\nPalermo\r\n");
}

TEST_CASE("GEOSEARCH: options that do not go together") {
  World world;
  Client c(world);
  add_sicily(c);
  const auto refused = [&](std::vector<std::string_view> options) {
    std::vector<std::string_view> args{"geosearch", "s"};
    args.insert(args.end(), options.begin(), options.end());
    return c.run(args);
  };
  CHECK(refused({"FROMLONLAT", "15", "37", "ASC", "ASC"}) ==
        "-ERR exactly one of BYRADIUS and BYBOX can be specified for geosearch\r\n");
  CHECK(refused({"BYRADIUS", "1", "m", "ASC", "ASC"}) ==
        "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for geosearch\r\n");
  CHECK(refused({"FROMMEMBER", "Palermo", "BYRADIUS", "1", "m", "BYBOX", "1", "1", "m"}) ==
        "-ERR syntax error\r\n");
  CHECK(refused({"FROMMEMBER", "none", "BYRADIUS", "1", "m"}) ==
        "-ERR could not decode requested zset member\r\n");
  CHECK(refused({"FROMMEMBER", "Palermo", "BYRADIUS", "-1", "m"}) ==
        "-ERR radius cannot be negative\r\n");
  CHECK(refused({"FROMMEMBER", "Palermo", "BYBOX", "a", "1", "m"}) ==
        "-ERR need numeric width\r\n");
  CHECK(refused({"FROMMEMBER", "Palermo", "BYRADIUS", "1", "m", "COUNT", "0"}) ==
        "-ERR COUNT must be > 0\r\n");
  CHECK(refused({"FROMMEMBER", "Palermo", "BYRADIUS", "1", "m", "ANY"}) ==
        "-ERR the ANY argument requires COUNT argument\r\n");
  CHECK(refused({"FROMMEMBER", "Palermo", "BYRADIUS", "1", "m", "STOREDIST"}) ==
        "-ERR syntax error\r\n");
  CHECK(c.run({"GEOSEARCHSTORE", "d", "s", "FROMMEMBER", "Palermo", "BYRADIUS", "1", "m",
               "WITHDIST"}) ==
        "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n");
  CHECK(c.run({"GEORADIUS", "s", "15", "37", "1", "m", "STORE", "d", "WITHHASH"}) ==
        "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD "
        "options\r\n");
  CHECK(c.run({"GEORADIUS_RO", "s", "15", "37", "1", "m", "STORE", "d"}) ==
        "-ERR syntax error\r\n");
}

TEST_CASE("GEOSEARCHSTORE: scores or distances, and an empty result removes the target") {
  World world;
  Client c(world);
  add_sicily(c);
  c.run({"SET", "d", "old"});
  CHECK(c.run({"GEOSEARCHSTORE", "d", "s", "FROMLONLAT", "15", "37", "BYRADIUS", "200", "km"}) ==
        ":2\r\n");
  CHECK(c.run({"ZSCORE", "d", "Palermo"}) == "$16\r\n3479099956230698\r\n");
  CHECK(c.run({"GEOSEARCHSTORE", "d", "s", "FROMMEMBER", "Palermo", "BYRADIUS", "1", "km",
               "STOREDIST"}) == ":1\r\n");
  CHECK(c.run({"ZRANGE", "d", "0", "-1", "WITHSCORES"}) == "*2\r\n$7\r\nPalermo\r\n$1\r\n0\r\n");
  CHECK(c.run({"GEORADIUS", "s", "0", "0", "1", "m", "STORE", "d"}) == ":0\r\n");
  CHECK(c.run({"EXISTS", "d"}) == ":0\r\n");
  CHECK(c.run({"GEORADIUSBYMEMBER", "none", "a", "1", "m", "STORE", "s"}) == ":0\r\n");
  CHECK(c.run({"EXISTS", "s"}) == ":0\r\n");
}

TEST_CASE("COMMAND GETKEYS: GEORADIUS also writes to the keys behind STORE and STOREDIST") {
  World world;
  Client c(world);
  CHECK(c.run({"COMMAND", "GETKEYS", "GEORADIUS", "s", "1", "1", "1", "m", "STORE", "d"}) ==
        "*2\r\n$1\r\ns\r\n$1\r\nd\r\n");
  CHECK(c.run({"COMMAND", "GETKEYS", "GEORADIUSBYMEMBER", "s", "a", "1", "m", "STOREDIST", "d"}) ==
        "*2\r\n$1\r\ns\r\n$1\r\nd\r\n");
  CHECK(c.run({"COMMAND", "GETKEYS", "GEOSEARCHSTORE", "d", "s", "FROMMEMBER", "a", "BYRADIUS", "1",
               "m"}) == "*2\r\n$1\r\nd\r\n$1\r\ns\r\n");
}

}  // namespace bodega::redis::test
