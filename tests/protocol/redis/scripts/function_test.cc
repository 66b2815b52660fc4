// FUNCTION and FCALL. The expected bytes are redis-server 7.0.15's.
#include <string>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

std::string load(Client& client, std::string_view code) {
  return client.run({"FUNCTION", "LOAD", code});
}

constexpr std::string_view kEcho =
    "#!lua name=lib\nredis.register_function('echo', function(keys, args) "
    "return {keys[1], args[1]} end)";

TEST_CASE("FUNCTION LOAD: registers functions that FCALL runs with keys and arguments") {
  World world;
  Client client(world);
  CHECK(load(client, kEcho) == bulk("lib"));
  CHECK(client.run({"FCALL", "echo", "1", "k", "a"}) == "*2\r\n$1\r\nk\r\n$1\r\na\r\n");
  CHECK(client.run({"FCALL", "nosuch", "0"}) == "-ERR Function not found\r\n");
  CHECK(client.run({"FCALL", "echo", "x"}) == "-ERR Bad number of keys provided\r\n");
  CHECK(client.run({"FCALL", "echo", "-1"}) == "-ERR Number of keys can't be negative\r\n");
  CHECK(load(client, kEcho) == "-ERR Library 'lib' already exists\r\n");
  CHECK(client.run({"FUNCTION", "LOAD", "REPLACE", kEcho}) == bulk("lib"));
  CHECK(client.run({"FUNCTION", "LOAD", "OTHER", kEcho}) == "-ERR Unknown option given: OTHER\r\n");
}

TEST_CASE("FUNCTION LOAD: what is wrong with a library is said, and nothing of it stays") {
  constexpr std::pair<const char*, const char*> kWrong[] = {
      {"return 1", "ERR Missing library metadata"},
      {"#!lua name=lib", "ERR Invalid library metadata"},
      {"#!lua\nreturn 1", "ERR Library name was not given"},
      {"#!lua name=lib name=foo\n",
       "ERR Invalid metadata value, name argument was given multiple times"},
      {"#!lua name=lib foo=bar\n", "ERR Invalid metadata value given: foo=bar"},
      {"#!lua name=a-b\n",
       "ERR Library names can only contain letters, numbers, or underscores(_) and must be at "
       "least "
       "one character long"},
      {"#!python name=lib\n", "ERR Engine 'python' not found"},
      {"#!lua name=lib\nreturn 5 +",
       "ERR Error compiling function: user_function:2: unexpected symbol near '<eof>'"},
      {"#!lua name=lib\nlocal x = 1", "ERR No functions registered"},
      {"#!lua name=lib\nerror('x')",
       "ERR Error registering functions: ERR user_function:2: Script attempted to access "
       "nonexistent "
       "global variable 'error'"},
      {"#!lua name=lib\nfoo = 1",
       "ERR Error registering functions: ERR user_function:2: Attempt to modify a readonly table"},
      {"#!lua name=lib\nlocal x = redis.call",
       "ERR Error registering functions: ERR user_function:2: Script attempted to access "
       "nonexistent "
       "global variable 'call'"},
      {"#!lua name=lib\nredis.register_function('a')",
       "ERR Error registering functions: ERR calling redis.register_function with a single "
       "argument "
       "is only applicable to Lua table (representing named arguments)."},
      {"#!lua name=lib\nredis.register_function('a b', function() end)",
       "ERR Error registering functions: ERR Library names can only contain letters, numbers, or "
       "underscores(_) and must be at least one character long"},
      {"#!lua name=lib\nlocal f = function() end redis.register_function('a', f) "
       "redis.register_function('a', f)",
       "ERR Error registering functions: ERR Function already exists in the library"},
      {"#!lua name=lib\nredis.register_function{function_name='a', callback=1}",
       "ERR Error registering functions: ERR callback argument given to redis.register_function "
       "must "
       "be a function"},
      {"#!lua name=lib\nredis.register_function{function_name='a', callback=function() end, "
       "flags={'nosuch'}}",
       "ERR Error registering functions: ERR unknown flag given"},
  };
  World world;
  Client client(world);
  for (const auto& [code, text] : kWrong) {
    INFO(code);
    CHECK(load(client, code) == "-" + std::string(text) + "\r\n");
  }
  CHECK(client.run({"FUNCTION", "LIST"}) == "*0\r\n");
}

TEST_CASE("FUNCTION LOAD: a function's name may be taken once") {
  World world;
  Client client(world);
  load(client, kEcho);
  CHECK(load(client, "#!lua name=other\nredis.register_function('echo', function() end)") ==
        "-ERR Function echo already exists\r\n");
  CHECK(client.run({"FUNCTION", "LOAD", "REPLACE",
                    "#!lua name=lib\nredis.register_function('two', function() return 2 end)"}) ==
        bulk("lib"));
  CHECK(client.run({"FCALL", "two", "0"}) == ":2\r\n");
  CHECK(client.run({"FCALL", "echo", "0"}) == "-ERR Function not found\r\n");
}

TEST_CASE("FUNCTION LIST: names, flags, descriptions and code") {
  World world;
  Client client(world, 3);
  const std::string code =
      "#!lua name=lib\nredis.register_function{function_name='f', description='what it does', "
      "callback=function() return 1 end, flags={'no-writes', 'allow-oom'}}";
  load(client, code);
  const std::string head = "*1\r\n%4\r\n" + bulk("library_name") + bulk("lib") + bulk("engine") +
                           bulk("LUA") + bulk("functions") + "*1\r\n%3\r\n" + bulk("name") +
                           bulk("f") + bulk("description") + bulk("what it does") + bulk("flags") +
                           "~2\r\n+no-writes\r\n+allow-oom\r\n";
  CHECK(client.run({"FUNCTION", "LIST", "WITHCODE"}) == head + bulk("library_code") + bulk(code));
  CHECK(client.run({"FUNCTION", "LIST", "LIBRARYNAME", "L*"}).starts_with("*1\r\n%3\r\n"));
  CHECK(client.run({"FUNCTION", "LIST", "LIBRARYNAME", "x*"}) == "*0\r\n");
  CHECK(client.run({"FUNCTION", "LIST", "foo"}) == "-ERR Unknown argument foo\r\n");
  CHECK(client.run({"FUNCTION", "LIST", "LIBRARYNAME"}) ==
        "-ERR library name argument was not given\r\n");
  CHECK(client.run({"FUNCTION", "STATS"}) ==
        "%2\r\n" + bulk("running_script") + "_\r\n" + bulk("engines") + "%1\r\n" + bulk("LUA") +
            "%2\r\n" + bulk("libraries_count") + ":1\r\n" + bulk("functions_count") + ":1\r\n");
}

TEST_CASE("FCALL: an error names the function and the line") {
  World world;
  Client client(world);
  load(client,
       "#!lua name=lib\nredis.register_function('f', function()\n"
       "return redis.call('nosuch') end)");
  CHECK(client.run({"FCALL", "f", "0"}) ==
        "-ERR Unknown Redis command called from script script: f, on @user_function:3.\r\n");
}

TEST_CASE("FCALL_RO: runs what declares that it does not write") {
  World world;
  Client client(world);
  load(client,
       "#!lua name=lib\n"
       "redis.register_function('plain', function() return 1 end)\n"
       "redis.register_function{function_name='reads', callback=function(keys) "
       "return redis.call('get', keys[1]) end, flags={'no-writes'}}\n"
       "redis.register_function{function_name='lies', callback=function(keys) "
       "return redis.call('del', keys[1]) end, flags={'no-writes'}}");
  client.run({"SET", "k", "v"});
  CHECK(client.run({"FCALL_RO", "plain", "0"}) ==
        "-ERR Can not execute a script with write flag using *_ro command.\r\n");
  CHECK(client.run({"FCALL_RO", "reads", "1", "k"}) == "$1\r\nv\r\n");
  CHECK(client.run({"FCALL", "lies", "1", "k"})
            .starts_with("-ERR Write commands are not allowed from read-only scripts. script: "));
  CHECK(client.run({"GET", "k"}) == "$1\r\nv\r\n");
}

TEST_CASE("FCALL: functions of a library share what it has made when it was loaded") {
  World world;
  Client client(world);
  load(client,
       "#!lua name=lib\nlocal count = 0\nlocal function add(n) count = count + n return count end\n"
       "redis.register_function('one', function() return add(1) end)\n"
       "redis.register_function('ten', function() return add(10) end)");
  client.run({"FCALL", "one", "0"});
  CHECK(client.run({"FCALL", "ten", "0"}) == ":11\r\n");
}

TEST_CASE("FCALL: a function cannot change what others see, nor register more") {
  World world;
  Client client(world);
  load(client,
       "#!lua name=lib\nlocal keep = redis\n"
       "redis.register_function('g', function() x = 1 end)\n"
       "redis.register_function('m', function() getmetatable(_G).__index.redis = 1 end)\n"
       "redis.register_function('r', function() return keep.register_function('z', function() end) "
       "end)");
  CHECK(client.run({"FCALL", "g", "0"}).find("Attempt to modify a readonly table") !=
        std::string::npos);
  CHECK(client.run({"FCALL", "m", "0"}).starts_with("-ERR user_function:4: attempt to index"));
  CHECK(
      client.run({"FCALL", "r", "0"})
          .starts_with("-ERR redis.register_function can only be called on FUNCTION LOAD command"));
}

TEST_CASE("FUNCTION DELETE, FLUSH: functions are gone, and FLUSHALL leaves them") {
  World world;
  Client client(world);
  load(client, kEcho);
  client.run({"FLUSHALL"});
  CHECK(client.run({"FCALL", "echo", "1", "k", "a"}).starts_with("*2"));
  CHECK(client.run({"FUNCTION", "DELETE", "nosuch"}) == "-ERR Library not found\r\n");
  CHECK(client.run({"FUNCTION", "DELETE", "lib"}) == "+OK\r\n");
  CHECK(client.run({"FCALL", "echo", "0"}) == "-ERR Function not found\r\n");
  load(client, kEcho);
  CHECK(client.run({"FUNCTION", "FLUSH", "x"}) ==
        "-ERR FUNCTION FLUSH only supports SYNC|ASYNC option\r\n");
  CHECK(client.run({"FUNCTION", "FLUSH", "SYNC"}) == "+OK\r\n");
  CHECK(client.run({"FUNCTION", "LIST"}) == "*0\r\n");
  CHECK(client.run({"FUNCTION", "KILL"}) == "-NOTBUSY No scripts in execution right now.\r\n");
}

TEST_CASE("FUNCTION RESTORE: takes what FUNCTION DUMP gives, by one of three policies") {
  World world;
  Client client(world);
  load(client, kEcho);
  const std::string dumped = client.run({"FUNCTION", "DUMP"});
  const std::size_t begin = dumped.find("\r\n") + 2;
  const std::string payload = dumped.substr(begin, dumped.size() - begin - 2);
  CHECK(client.run({"FUNCTION", "RESTORE", payload}) == "-ERR Library lib already exists\r\n");
  CHECK(client.run({"FUNCTION", "RESTORE", payload, "REPLACE"}) == "+OK\r\n");
  client.run({"FUNCTION", "DELETE", "lib"});
  load(client, "#!lua name=other\nredis.register_function('ECHO', function() end)");
  CHECK(client.run({"FUNCTION", "RESTORE", payload}) == "-ERR Function echo already exists\r\n");
  CHECK(client.run({"FUNCTION", "RESTORE", payload, "FLUSH"}) == "+OK\r\n");
  CHECK(client.run({"FCALL", "ECHO", "1", "k", "a"}) == "*2\r\n$1\r\nk\r\n$1\r\na\r\n");
  CHECK(world.engine.libraries().size() == 1);
  CHECK(client.run({"FUNCTION", "RESTORE", payload, "OTHER"}) ==
        "-ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.\r\n");
  std::string damaged = payload;
  damaged[5] = static_cast<char>(damaged[5] ^ 1);
  CHECK(client.run({"FUNCTION", "RESTORE", damaged, "FLUSH"}) ==
        "-ERR DUMP payload version or checksum are wrong\r\n");
  CHECK(client.run({"FUNCTION", "RESTORE", ""}) ==
        "-ERR DUMP payload version or checksum are wrong\r\n");
}

TEST_CASE("FUNCTION RESTORE: takes a payload of redis-server 7.0.15") {
  constexpr std::string_view kPayload =
      "f5c3405240571f23216c7561206e616d653d666f6f0a72656469732e72656769737465725f66750b6e6374696f6e"
      "282261222c20e0000d07292072657475726e2006402e1263616c6c28226e6f737563682229"
      "20656e64290a0007d15f8db893d906";
  std::string payload;
  for (std::size_t i = 0; i < kPayload.size(); i += 2) {
    payload.push_back(
        static_cast<char>(std::stoi(std::string(kPayload.substr(i, 2)), nullptr, 16)));
  }
  World world;
  Client client(world);
  CHECK(client.run({"FUNCTION", "RESTORE", payload}) == "+OK\r\n");
  CHECK(client.run({"FCALL", "a", "0"}) ==
        "-ERR Unknown Redis command called from script script: a, on @user_function:2.\r\n");
}

TEST_CASE("FCALL: the case of a function's name does not matter") {
  World world;
  Client client(world);
  load(client, kEcho);
  CHECK(client.run({"FCALL", "eChO", "0"}) == "*0\r\n");
}

TEST_CASE("Functions: libraries are there after a restart, but for those that were deleted") {
  World world;
  Client client(world);
  load(client, kEcho);
  load(client, "#!lua name=gone\nredis.register_function('gone', function() end)");
  client.run({"FUNCTION", "DELETE", "gone"});
  client.run({"FLUSHALL"});
  world.finish_tick();

  keyspace::Engine engine(*world.store, world.clock);
  engine.load();
  Instance instance(engine, world.clock);
  CHECK(engine.libraries().size() == 1);
  CHECK(engine.libraries().at("lib") == kEcho);
}

TEST_CASE("Functions: DEBUG RELOAD brings them back") {
  World world;
  Client client(world);
  load(client, kEcho);
  CHECK(client.run({"DEBUG", "RELOAD"}) == "+OK\r\n");
  CHECK(client.run({"FCALL", "echo", "1", "k", "a"}) == "*2\r\n$1\r\nk\r\n$1\r\na\r\n");
}

}  // namespace
}  // namespace bodega::redis::test
