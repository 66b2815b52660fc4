// The sandbox of scripts: what a script cannot reach, change, or exhaust. Each public way out of
// Redis's sandbox is tried; where Redis answers, the text is redis-server 7.0.15's.
#include <string>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

std::string eval(Client& client, std::string_view script) {
  return client.run({"EVAL", script, "0"});
}

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

InstanceOptions with_little_memory() {
  InstanceOptions options;
  options.script_memory_bytes = 16 << 20;
  return options;
}

TEST_CASE("Sandbox: what leads out of Lua is not there") {
  World world;
  Client client(world);
  for (const char* name : {"io", "package", "require", "module", "debug", "dofile", "loadfile",
                           "print", "newproxy", "getfenv", "setfenv"}) {
    INFO(name);
    CHECK(contains(
        eval(client, "return " + std::string(name)),
        "Script attempted to access nonexistent global variable '" + std::string(name) + "'"));
    CHECK(eval(client, "return rawget(_G, '" + std::string(name) + "')") == "$-1\r\n");
  }
  CHECK(eval(client, "local n = 0; for k in pairs(os) do n = n + 1 end; return n") == ":1\r\n");
  CHECK(eval(client, "return os.clock() >= 0") == ":1\r\n");
}

TEST_CASE("Sandbox: nothing that scripts share can be changed") {
  constexpr const char* kAttempts[] = {
      "x = 1",
      "_G.x = 1",
      "_G = {}",
      "KEYS = {}",
      "redis = function() end",
      "redis.call = nil",
      "string.x = 1",
      "string.format = nil",
      "table.insert = nil",
      "math.pi = 3",
      "coroutine.create = nil",
      "os.clock = nil",
      "cjson.encode = nil",
      "cmsgpack.pack = nil",
      "struct.pack = nil",
      "bit.band = nil",
      "rawset(_G, 'x', 1)",
      "rawset(redis, 'call', nil)",
      "setmetatable(_G, {})",
      "setmetatable(redis, nil)",
      "getmetatable(_G).__index = {}",
      "getmetatable(_G).__newindex = nil",
      "getmetatable(redis).__index = {}",
      "getmetatable('').__index = {}",
      "getmetatable('').__len = function() end",
      "rawset(getmetatable(''), '__index', {})",
      "rawset(getmetatable(_G), '__index', {})",
      "getmetatable(getmetatable(_G)).__newindex = nil",
      "setmetatable(getmetatable(_G), {})",
      "table.insert(redis, 1)",
      "table.insert(_G, 1)",
      "table.insert(getmetatable(_G), 1)",
      "table.sort(redis)",
      "table.remove(_G)",
      "for k, v in pairs(_G) do if k == '_G' then v.x = 1 end end",
      "local k, v = next(_G, 'redis'); _G[k] = 1",
  };
  World world;
  Client client(world);
  for (const char* attempt : kAttempts) {
    INFO(attempt);
    CHECK(contains(eval(client, attempt), "Attempt to modify a readonly table"));
  }
  CHECK(eval(client, "return {type(redis.call), type(string.format), ('a'):upper(), #_G}") ==
        "*4\r\n" + bulk("function") + bulk("function") + bulk("A") + ":0\r\n");
}

TEST_CASE("Sandbox: what is shared can be looked through") {
  World world;
  Client client(world);
  CHECK(eval(client, "local n = 0; for k, v in pairs(redis) do n = n + 1 end; return n") ==
        ":23\r\n");
  CHECK(eval(client, "return type(rawget(redis, 'call'))") == bulk("function"));
  CHECK(eval(client, "return rawget(_G, 'nosuch')") == "$-1\r\n");
  CHECK(eval(client, "for k, v in pairs(_G) do if k == '_G' then return v == _G end end") ==
        ":1\r\n");
  CHECK(eval(client, "return next({})") == "$-1\r\n");
  CHECK(eval(client, "local t = setmetatable({1}, {__index = {x = 2}}); return {t[1], t.x}") ==
        "*2\r\n:1\r\n:2\r\n");
}

TEST_CASE("Sandbox: compiled code is not run") {
  World world;
  Client client(world);
  CHECK(contains(eval(client, "return loadstring(string.dump(function() return 1 end))()"),
                 "attempt to call a nil value"));
  CHECK(contains(eval(client,
                      "local s = string.dump(function() end); local i = 0; "
                      "return load(function() i = i + 1; return s:sub(i, i) end)()"),
                 "attempt to call a nil value"));
  CHECK(contains(client.run({"EVAL", "\x1bLua", "0"}), "compiled code is not allowed"));
  CHECK(contains(client.run({"EVAL", "#!lua\n\x1bLua", "0"}), "Error compiling script"));
  CHECK(eval(client, "return loadstring('return 1 + 1')()") == ":2\r\n");
  CHECK(eval(client,
             "local t = {'return ', '3'}; local i = 0; "
             "return load(function() i = i + 1; return t[i] end)()") == ":3\r\n");
  CHECK(contains(eval(client, "return loadstring('x = 1')()"), "readonly table"));
}

TEST_CASE("Sandbox: a script leaves nothing behind for the next") {
  World world;
  Client client(world);
  eval(client, "local mt = getmetatable('') collectgarbage('stop') return 1");
  CHECK(eval(client, "return collectgarbage('count') > 0") == ":1\r\n");
  eval(client, "KEYS.x = 1; ARGV.x = 1; return 1");
  CHECK(eval(client, "return {KEYS.x == nil, ARGV.x == nil}") == "*2\r\n:1\r\n:1\r\n");
}

TEST_CASE("Sandbox: counts that overflow and depths without end are errors") {
  constexpr const char* kAttempts[] = {
      "return unpack({}, 0, 2147483647)",
      "return unpack({}, -2147483648, 2147483647)",
      "return unpack({}, -2147483647, 2147483647)",
      "return {unpack({}, 1, 1e7)}",
      "local function f() return coroutine.wrap(f)() end return f()",
      "local function f() return f() + 1 end return f()",
      "local f = function() end; for i = 1, 300 do local g = f; f = function() return "
      "pcall(g) end end; local ok = f(); error('end')",
      "return string.rep('x', 2^40)",
      "return ('x'):rep(1e308)",
      "return string.find(string.rep('a', 100000), string.rep('a?', 100000))",
      "return string.gsub('x', string.rep('(', 100000), '')",
      "return cjson.decode(string.rep('[', 100000))",
      "return cmsgpack.unpack(string.rep('\\145', 100000))",
      "return loadstring('return ' .. string.rep('(', 100000) .. string.rep(')', 100000))()",
      "return loadstring('return ' .. string.rep('{', 100000))()",
      "error(setmetatable({}, {__index = function() error('x') end}))",
      "error(_G)",
      "error(redis)",
      "local t = setmetatable({}, {__tostring = function() error('x') end}); error(t)",
      "return xpcall(function() error('x') end, function() error('y') end) or error('end')",
      "local a = {} for i = 1, 1001 do a = {a} end return cjson.encode(a)",
      "local a = {} for i = 1, 100 do a = {a, a} end return cjson.encode(a)",
      "local a = {} a[1] = a; a[2] = a; return cjson.encode(a)",
      "local s = string.rep('x', 10000000); local a = {} for i = 1, 100 do a[i] = s end "
      "return cjson.encode(a)",
  };
  World world;
  Client client(world);
  for (const char* attempt : kAttempts) {
    INFO(attempt);
    CHECK(eval(client, attempt).starts_with("-"));
    CHECK(eval(client, "return 1") == ":1\r\n");
  }
}

TEST_CASE("Sandbox: a script that needs more memory than there is ends with an error") {
  World world(with_little_memory());
  Client client(world);
  for (const char* script : {"local t = {} while true do t[#t + 1] = {} end",
                             "local s = 'x' while true do s = s .. s end",
                             "local t = {} for i = 1, 1e9 do t[i] = tostring(i) .. 'some text' end",
                             "return string.rep('x', 100000000)"}) {
    INFO(script);
    CHECK(contains(eval(client, script), "not enough memory"));
    CHECK(eval(client, "return #string.rep('x', 4000000)") == ":4000000\r\n");
  }
  CHECK(contains(client.run({"EVAL", "return #ARGV[1]", "0", std::string(20 << 20, 'x')}),
                 "not enough memory"));
  CHECK(eval(client, "return 1") == ":1\r\n");
}

TEST_CASE("Sandbox: a script that is caught and goes on after a want of memory loses nothing") {
  World world(with_little_memory());
  Client client(world);
  CHECK(eval(client,
             "local ok = pcall(string.rep, 'x', 100000000); "
             "redis.call('set', 'k', 'v'); return ok") == "$-1\r\n");
  CHECK(client.run({"GET", "k"}) == "$1\r\nv\r\n");
}

}  // namespace
}  // namespace bodega::redis::test
