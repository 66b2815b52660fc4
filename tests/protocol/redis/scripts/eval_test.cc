// EVAL and SCRIPT: what a script gets, what its client gets, and what it may do. The expected bytes
// are redis-server 7.0.15's, and 7.2's for numbers in arguments, unless a test says otherwise.
#include <functional>
#include <string>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {
namespace {

struct Reply {
  const char* script;
  const char* resp2;
  const char* resp3;
};

std::string eval(Client& client, std::string_view script) {
  return client.run({"EVAL", script, "0"});
}

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

TEST_CASE("EVAL: what a script returns becomes a reply in the client's protocol") {
  constexpr Reply kReplies[] = {
      {"return 3.99", ":3\r\n", ":3\r\n"},
      {"return -1.5", ":-1\r\n", ":-1\r\n"},
      {"return 0/0", ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"},
      {"return 'str'", "$3\r\nstr\r\n", "$3\r\nstr\r\n"},
      {"return true", ":1\r\n", ":1\r\n"},
      {"return false", "$-1\r\n", "_\r\n"},
      {"return nil", "$-1\r\n", "_\r\n"},
      {"return function() end", "$-1\r\n", "_\r\n"},
      {"redis.setresp(3); return true", ":1\r\n", "#t\r\n"},
      {"redis.setresp(3); return false", ":0\r\n", "#f\r\n"},
      {"return {1,2,{3,'x'},nil,4}", "*3\r\n:1\r\n:2\r\n*2\r\n:3\r\n$1\r\nx\r\n",
       "*3\r\n:1\r\n:2\r\n*2\r\n:3\r\n$1\r\nx\r\n"},
      {"return {1,false,2}", "*3\r\n:1\r\n$-1\r\n:2\r\n", "*3\r\n:1\r\n_\r\n:2\r\n"},
      {"return {ok='a\\nb'}", "+a b\r\n", "+a b\r\n"},
      {"return {err='My e\\r\\nrr'}", "-My e  rr\r\n", "-My e  rr\r\n"},
      {"return {ok='fine', err='ERR both'}", "-ERR both\r\n", "-ERR both\r\n"},
      {"return {ok=1}", "*0\r\n", "*0\r\n"},
      {"return {double=3.25}", "$4\r\n3.25\r\n", ",3.25\r\n"},
      {"return {big_number='12\\r\\n3'}", "$5\r\n12  3\r\n", "(12  3\r\n"},
      {"return {map={a=1}}", "*2\r\n$1\r\na\r\n:1\r\n", "%1\r\n$1\r\na\r\n:1\r\n"},
      {"return {set={a=true}}", "*1\r\n$1\r\na\r\n", "~1\r\n$1\r\na\r\n"},
      {"return {verbatim_string={format='txt',string='x'}}", "$1\r\nx\r\n", "=5\r\ntxt:x\r\n"},
      {"return {verbatim_string={string='x'}}", "*0\r\n", "*0\r\n"},
      {"return redis.status_reply('fine')", "+fine\r\n", "+fine\r\n"},
      {"return redis.error_reply('My Err')", "-My Err\r\n", "-My Err\r\n"},
      {"return redis.error_reply('x')", "-ERR x\r\n", "-ERR x\r\n"},
      {"return redis.error_reply('-FOO bar\\r\\n')", "-FOO bar\r\n", "-FOO bar\r\n"},
  };
  World world;
  Client two(world);
  Client three(world, 3);
  for (const Reply& reply : kReplies) {
    INFO(reply.script);
    CHECK(eval(two, reply.script) == reply.resp2);
    CHECK(eval(three, reply.script) == reply.resp3);
  }
}

TEST_CASE("EVAL: a table that contains itself ends in an error inside the reply") {
  World world;
  Client client(world);
  const std::string reply = eval(client, "local a = {}; a[1] = a; return a");
  CHECK(reply.starts_with("*1\r\n*1\r\n"));
  CHECK(reply.ends_with("*1\r\n-ERR reached lua stack limit\r\n"));
}

TEST_CASE("redis.call: a reply becomes a value of Lua") {
  World world;
  Client client(world);
  client.run({"SET", "k", "v"});
  client.run({"HSET", "h", "f", "v"});
  CHECK(eval(client, "return redis.call('get','k')") == "$1\r\nv\r\n");
  CHECK(eval(client, "return redis.call('set','k','v').ok") == "$2\r\nOK\r\n");
  CHECK(eval(client, "return redis.call('get','none') == false") == ":1\r\n");
  CHECK(eval(client, "redis.setresp(3); return redis.call('get','none') == nil") == ":1\r\n");
  CHECK(eval(client, "return redis.call('hgetall','h')[2]") == "$1\r\nv\r\n");
  CHECK(eval(client, "redis.setresp(3); return redis.call('hgetall','h').map.f") == "$1\r\nv\r\n");
  CHECK(eval(client, "return type(redis.call('incr','n'))") == bulk("number"));
  CHECK(eval(client,
             "redis.call('zadd','z',1.5,'m'); redis.setresp(3); "
             "return redis.call('zscore','z','m').double * 2") == ":3\r\n");
  CHECK(eval(client, "return redis.call('blpop','nothing',0) == false") == ":1\r\n");
}

TEST_CASE("redis.call: numbers among the arguments are written in the shortest form") {
  World world;
  Client client(world);
  constexpr std::pair<const char*, const char*> kNumbers[] = {
      {"3", "3"},          {"3.0", "3"}, {"0.1", "0.1"}, {"-2.5", "-2.5"}, {"1e10", "10000000000"},
      {"1e300", "1e+300"},
  };
  for (const auto& [number, text] : kNumbers) {
    INFO(number);
    CHECK(eval(client, "return redis.call('echo', " + std::string(number) + ")") == bulk(text));
  }
}

TEST_CASE("redis.call: an error ends the script and names script and line") {
  World world;
  Client client(world);
  client.run({"SET", "k", "v"});
  CHECK(eval(client, "\n\nreturn redis.call('incr','k')") ==
        "-ERR value is not an integer or out of range script: "
        "f1713f2f5469cc6e06a40db6cfc9cf3ea9f81ec2, on @user_script:3.\r\n");
  CHECK(eval(client, "return redis.call('nosuch')") ==
        "-ERR Unknown Redis command called from script script: "
        "206396248e12c6e742fd7296250433c8d7343b74, on @user_script:1.\r\n");
  CHECK(eval(client, "return redis.call('client','nosuch')") ==
        "-ERR Unknown Redis command called from script script: "
        "e0bcd03cb045b05b11121beec6b6e470fb0352f6, on @user_script:1.\r\n");
  CHECK(eval(client, "return redis.call()") ==
        "-ERR Please specify at least one argument for this redis lib call script: "
        "0a907e1429221a4d85516cab7fd219a82a9439d8, on @user_script:1.\r\n");
  CHECK(eval(client, "return redis.call({})") ==
        "-ERR Lua redis lib command arguments must be strings or integers script: "
        "80747816df1f4411f7c442b928fce6a814214839, on @user_script:1.\r\n");
  CHECK(eval(client, "error({err='FOO bar'})") ==
        "-FOO bar script: 629984d72109c43bebb2bb1377e52b82d7c6079a, on @user_script:1.\r\n");
  CHECK(eval(client, "error('x')") ==
        "-ERR user_script:1: x script: 9851144f39f03a0d597a980c5aa79c80cb696891, on "
        "@user_script:1.\r\n");
  CHECK(eval(client, "error()").starts_with("-ERR nil script: "));
  // Redis 7.0 ends here itself; 7.4 answers this.
  CHECK(eval(client, "error({})").starts_with("-ERR unknown error script: "));
}

TEST_CASE("redis.pcall: an error is a table, and its text when Lua's pcall caught it") {
  World world;
  Client client(world);
  client.run({"SET", "k", "v"});
  CHECK(eval(client, "return redis.pcall('incr','k')") ==
        "-ERR value is not an integer or out of range\r\n");
  CHECK(eval(client, "return redis.pcall('incr','k').err") ==
        bulk("ERR value is not an integer or out of range"));
  CHECK(eval(client, "return {redis.pcall('incr','a','b'), 1}") ==
        "*2\r\n-ERR Wrong number of args calling Redis command from script\r\n:1\r\n");
  CHECK(eval(client, "return {pcall(redis.call,'nosuch')}") ==
        "*2\r\n$-1\r\n" + bulk("ERR Unknown Redis command called from script"));
}

TEST_CASE("EVAL: KEYS and ARGV are what follows the number of keys") {
  World world;
  Client client(world);
  CHECK(client.run({"EVAL", "return {KEYS[1],KEYS[2],ARGV[1],#ARGV}", "2", "a", "b", "c"}) ==
        "*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n:1\r\n");
  CHECK(client.run({"EVAL", "return #KEYS + #ARGV", "0"}) == ":0\r\n");
  CHECK(client.run({"EVAL", "return 1", "x"}) ==
        "-ERR value is not an integer or out of range\r\n");
  CHECK(client.run({"EVAL", "return 1", "1"}) ==
        "-ERR Number of keys can't be greater than number of args\r\n");
  CHECK(client.run({"EVAL", "return 1", "-1"}) == "-ERR Number of keys can't be negative\r\n");
}

TEST_CASE("EVALSHA: runs what EVAL or SCRIPT LOAD has made known, in any case of letters") {
  World world;
  Client client(world);
  constexpr std::string_view kSha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";  // return 1
  constexpr std::string_view kUpper = "E0E1F9FABFC9D4800C877A703B823AC0578FF8DB";
  CHECK(client.run({"EVALSHA", kSha, "0"}) == "-NOSCRIPT No matching script. Please use EVAL.\r\n");
  CHECK(client.run({"SCRIPT", "LOAD", "return 1"}) == bulk(kSha));
  CHECK(client.run({"EVALSHA", kSha, "0"}) == ":1\r\n");
  CHECK(client.run({"EVALSHA", kUpper, "0"}) == ":1\r\n");
  CHECK(client.run({"EVALSHA", "short", "x"}) ==
        "-NOSCRIPT No matching script. Please use EVAL.\r\n");
  CHECK(client.run({"SCRIPT", "EXISTS", kSha, "other"}) == "*2\r\n:1\r\n:0\r\n");
  CHECK(client.run({"SCRIPT", "FLUSH", "WHENEVER"}) ==
        "-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n");
  CHECK(client.run({"SCRIPT", "FLUSH", "ASYNC"}) == "+OK\r\n");
  CHECK(client.run({"SCRIPT", "EXISTS", kSha}) == "*1\r\n:0\r\n");
  CHECK(client.run({"SCRIPT", "KILL"}) == "-NOTBUSY No scripts in execution right now.\r\n");
}

TEST_CASE("EVAL: scripts that were only sent whole are forgotten from the 501st on") {
  World world;
  Client client(world);
  client.run({"SCRIPT", "LOAD", "return 'kept'"});
  for (int i = 0; i < 501; ++i) eval(client, "return " + std::to_string(i));
  CHECK(client.run({"INFO", "memory"}).find("number_of_cached_scripts:501") != std::string::npos);
  // Of "return 0", and of "return 1".
  CHECK(client.run({"SCRIPT", "EXISTS", "06d3d9b2060dd51343d5f19f0e531f15c507e3d1",
                    "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"}) == "*2\r\n:0\r\n:1\r\n");
}

TEST_CASE("EVAL: a script that does not compile says where") {
  World world;
  Client client(world);
  CHECK(eval(client, "return 5 +") ==
        "-ERR Error compiling script (new function): user_script:1: unexpected symbol near "
        "'<eof>'\r\n");
}

TEST_CASE("EVAL: the first line declares what the script does") {
  World world;
  Client client(world);
  CHECK(eval(client, "#!lua\nreturn 1") == ":1\r\n");
  CHECK(eval(client, "#!lua flags=\nreturn 1") == ":1\r\n");
  CHECK(eval(client, "#!lua flags=no-writes,allow-oom\nreturn 1") == ":1\r\n");
  CHECK(eval(client, "#!lua") == "-ERR Invalid script shebang\r\n");
  CHECK(eval(client, "#!lua flags=foo\nreturn 1") ==
        "-ERR Unexpected flag in script shebang: foo\r\n");
  CHECK(eval(client, "#!lua name=foo\nreturn 1") ==
        "-ERR Unknown lua shebang option: name=foo\r\n");
  CHECK(eval(client, "#!python\nreturn 1") ==
        "-ERR Unexpected engine in script shebang: #!python\r\n");
  CHECK(eval(client, "#!lua flags=no-writes\nreturn redis.call('set','a','b')") ==
        "-ERR Write commands are not allowed from read-only scripts. script: "
        "6acb400a50fe96e33eca4e0af6e9dcfb21193726, on @user_script:2.\r\n");
}

TEST_CASE("EVAL_RO: a script may not write") {
  World world;
  Client client(world);
  client.run({"SET", "k", "v"});
  CHECK(client.run({"EVAL_RO", "return redis.call('get',KEYS[1])", "1", "k"}) == "$1\r\nv\r\n");
  CHECK(client.run({"EVAL_RO", "return redis.call('del',KEYS[1])", "1", "k"})
            .starts_with("-ERR Write commands are not allowed from read-only scripts. script: "));
  CHECK(client.run({"EVAL_RO", "#!lua\nreturn 1", "0"}) ==
        "-ERR Can not execute a script with write flag using *_ro command.\r\n");
  CHECK(client.run({"GET", "k"}) == "$1\r\nv\r\n");
}

TEST_CASE("EVAL: a script is refused what may not be called from scripts") {
  World world;
  Client client(world);
  for (const char* command : {"'multi'", "'subscribe','x'", "'eval','return 1',0",
                              "'script','kill'", "'config','get','maxmemory'"}) {
    INFO(command);
    CHECK(eval(client, "return redis.pcall(" + std::string(command) + ")") ==
          "-ERR This Redis command is not allowed from script\r\n");
  }
  CHECK(client.run({"DEBUG", "SET-DISABLE-DENY-SCRIPTS", "1"}) == "+OK\r\n");
  CHECK(eval(client, "return redis.call('config','get','maxmemory')[2]") == "$1\r\n0\r\n");
}

TEST_CASE("EVAL: the database that a script selects is the script's alone") {
  World world;
  Client client(world);
  CHECK(eval(client, "redis.call('select',3); redis.call('set','k','v'); return 1") == ":1\r\n");
  CHECK(client.run({"GET", "k"}) == "$-1\r\n");
  client.run({"SELECT", "3"});
  CHECK(client.run({"GET", "k"}) == "$1\r\nv\r\n");
}

// A world whose clock goes on in DEBUG SLEEP, which scripts may call.
struct Sleeping {
  Sleeping() : world(options()) { Client(world).run({"DEBUG", "SET-DISABLE-DENY-SCRIPTS", "1"}); }

  InstanceOptions options() {
    InstanceOptions out;
    out.sleep = [this](std::int64_t microseconds) { world.clock.advance_ms(microseconds / 1000); };
    out.pump = [this] { return pump(); };
    return out;
  }

  std::function<bool()> pump = [] { return true; };
  World world;
};

TEST_CASE("EVAL: time stands still in a script") {
  Sleeping sleeping;
  Client client(sleeping.world);
  client.run({"SET", "k", "v", "PX", "100"});
  CHECK(eval(client, "redis.call('debug','sleep','0.2'); return redis.call('get','k')") ==
        "$1\r\nv\r\n");
  CHECK(client.run({"GET", "k"}) == "$-1\r\n");
}

constexpr std::string_view kBusy =
    "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";

TEST_CASE("EVAL: others are answered BUSY while a script takes long, and may kill it") {
  Sleeping sleeping;
  Client client(sleeping.world);
  Client other(sleeping.world);
  client.run({"CONFIG", "SET", "busy-reply-threshold", "10"});
  int calls = 0;
  // Replies are taken without ending the tick, which the script is in the middle of.
  const auto ask = [&other](std::string_view request) {
    other.session().feed(request);
    other.session().process(10);
    return other.take();
  };
  sleeping.pump = [&] {
    if (++calls > 1) return true;
    CHECK(ask("GET k\r\n") == kBusy);
    CHECK(ask("NOSUCH\r\n").starts_with("-ERR unknown command"));
    CHECK(ask("FUNCTION KILL\r\n") == kBusy);
    CHECK(ask("FUNCTION STATS\r\n") == kBusy);
    CHECK(ask("MULTI\r\n") == "+OK\r\n");
    CHECK(ask("PING\r\n") == kBusy);
    CHECK(ask("DISCARD\r\n") == "+OK\r\n");
    CHECK(ask("SHUTDOWN\r\n") == kBusy);
    CHECK(ask("SCRIPT KILL\r\n") == "+OK\r\n");
    return true;
  };
  CHECK(eval(client,
             "redis.call('debug','sleep','0.02') "
             "while true do pcall(function() while true do end end) end")
            .starts_with("-ERR Script killed by user with SCRIPT KILL... script: "));
  CHECK(calls == 1);
  CHECK(other.run({"GET", "k"}) == "$-1\r\n");
  CHECK(eval(client, "for i = 1, 1000000 do end return 1") == ":1\r\n");
}

TEST_CASE(
    "EVAL: a script that has written cannot be killed, and is forgotten when the process ends") {
  Sleeping sleeping;
  Client client(sleeping.world);
  Client other(sleeping.world);
  client.run({"SET", "k", "before"});
  client.run({"CONFIG", "SET", "busy-reply-threshold", "10"});
  sleeping.pump = [&] {
    other.session().feed("SCRIPT KILL\r\n");
    other.session().process(10);
    CHECK(other.take().starts_with("-UNKILLABLE Sorry the script already executed write commands"));
    return false;
  };
  CHECK(eval(client,
             "redis.call('debug','sleep','0.02') redis.call('set','k','half') "
             "while true do end")
            .starts_with("-ERR "));
  CHECK(client.run({"GET", "k"}) == "$6\r\nbefore\r\n");
}

TEST_CASE("EVAL: who waits for a key is served when a script that took long has ended") {
  Sleeping sleeping;
  Client client(sleeping.world);
  Client other(sleeping.world);
  Client waiting(sleeping.world);
  waiting.run({"BLPOP", "l", "0"});
  client.run({"CONFIG", "SET", "busy-reply-threshold", "10"});
  sleeping.pump = [&] {
    other.session().feed("HELLO 2\r\n");
    other.session().process(10);
    CHECK(waiting.take() == "");
    return true;
  };
  CHECK(eval(client,
             "redis.call('lpush','l','y') redis.call('debug','sleep','0.02') "
             "for i = 1, 300000 do end return redis.call('lpush','l','z')") == ":2\r\n");
  CHECK(waiting.take() == "*2\r\n$1\r\nl\r\n$1\r\nz\r\n");
}

TEST_CASE("EVAL: inside MULTI it is queued, and one entry of EXEC's reply") {
  World world;
  Client client(world);
  client.run({"MULTI"});
  CHECK(client.run({"EVAL", "redis.call('incr',KEYS[1]); return redis.call('incr',KEYS[1])", "1",
                    "n"}) == "+QUEUED\r\n");
  CHECK(client.run({"GET", "n"}) == "+QUEUED\r\n");
  CHECK(client.run({"EXEC"}) == "*2\r\n:2\r\n$1\r\n2\r\n");
}

TEST_CASE("EVAL: a client that waits for a key is served when the script has ended") {
  World world;
  Client waiting(world);
  Client client(world);
  CHECK(waiting.run({"BLPOP", "l", "0"}) == "");
  CHECK(eval(client, "redis.call('rpush','l','a','b'); return redis.call('llen','l')") == ":2\r\n");
  CHECK(waiting.take() == "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
}

TEST_CASE("EVAL: a watched key that a script changes breaks the transaction") {
  World world;
  Client watching(world);
  Client client(world);
  watching.run({"WATCH", "k"});
  eval(client, "return redis.call('set','k','v')");
  watching.run({"MULTI"});
  watching.run({"PING"});
  CHECK(watching.run({"EXEC"}) == "*-1\r\n");
}

TEST_CASE("MONITOR: a script is shown before what it calls, which comes from lua") {
  World world;
  Client monitor(world);
  Client client(world);
  monitor.run({"MONITOR"});
  eval(client, "return redis.call('set','k','v')");
  const std::string seen = monitor.take();
  const std::size_t script = seen.find("[0 127.0.0.1:50000] \"EVAL\"");
  const std::size_t command = seen.find("[0 lua] \"set\" \"k\" \"v\"");
  CHECK(script != std::string::npos);
  CHECK(command != std::string::npos);
  CHECK(script < command);
  CHECK(seen.find("\"EVAL\"", script + 30) == std::string::npos);
}

TEST_CASE("EVAL: an error is counted once, where it arises") {
  World world;
  Client client(world);
  client.run({"SET", "k", "v"});
  eval(client, "return redis.call('incr','k')");
  eval(client, "return redis.pcall('incr','k')");
  eval(client, "return redis.error_reply('MINE x')");
  const std::string info = client.run({"INFO", "errorstats"});
  CHECK(info.find("errorstat_ERR:count=2") != std::string::npos);
  CHECK(info.find("errorstat_MINE:count=1") != std::string::npos);
  // The script has failed as well as what it called (unit/scripting of redis 7.0.15).
  client.run({"CONFIG", "RESETSTAT"});
  client.run({"EVAL", "return redis.call('select', 99)", "0"});
  client.run({"EVAL", "return redis.pcall('select', 99)", "0"});
  client.run({"EVAL", "redis.pcall('select', 99) return 1", "0"});
  const std::string commands = client.run({"INFO", "commandstats"});
  CHECK(commands.find("cmdstat_select:calls=3") != std::string::npos);
  CHECK(commands.find("failed_calls=3") != std::string::npos);
  CHECK(commands.find("failed_calls=2") != std::string::npos);
}

TEST_CASE("EVAL: over maxmemory a script may not begin to take memory") {
  World world;
  Client client(world);
  client.run({"SET", "k", "v"});
  client.run({"CONFIG", "SET", "maxmemory", "1"});
  CHECK(eval(client, "return redis.call('set','k','v')")
            .starts_with("-OOM command not allowed when used memory > 'maxmemory'. script: "));
  CHECK(eval(client, "return redis.call('get','k')") == "$1\r\nv\r\n");
  // What it has begun it may end.
  CHECK(eval(client, "redis.call('del','k'); return redis.call('set','k','w')") == "+OK\r\n");
  CHECK(eval(client, "#!lua flags=allow-oom\nreturn redis.call('set','k','x')") == "+OK\r\n");
  CHECK(eval(client, "#!lua\nreturn 1") ==
        "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
}

TEST_CASE("EVAL: COMMAND GETKEYS names the keys that a script is given") {
  World world;
  Client client(world);
  CHECK(client.run({"COMMAND", "GETKEYS", "EVAL", "return 1", "2", "a", "b", "c"}) ==
        "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  CHECK(client.run({"COMMAND", "GETKEYSANDFLAGS", "EVAL_RO", "return 1", "1", "a"}) ==
        "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n");
  CHECK(client.run({"COMMAND", "GETKEYS", "EVAL", "return 1", "0"}) == "*0\r\n");
}

// unit/tracking of Valkey 8.0.1, and of redis 7.0.15.
TEST_CASE("EVAL: what a script reads is tracked, before 7.2 all its keys") {
  World world;
  Client reader(world);
  Client writer(world);
  reader.run({"HELLO", "3"});
  reader.run({"CLIENT", "TRACKING", "ON"});
  const auto read_and_change = [&] {
    reader.run({"EVAL", "redis.call('get', 'b')", "2", "a", "b"});
    writer.run({"MSET", "a", "1", "b", "1"});
    return reader.take();
  };
  const std::string of_b = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nb\r\n";
  CHECK(read_and_change() == of_b);
  writer.run({"CONFIG", "SET", "compatibility", "7.0"});
  CHECK(read_and_change() == ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n" + of_b);
  reader.run({"EVAL", "redis.call('set', 'c', '1')", "2", "a", "b"});
  writer.run({"MSET", "a", "2", "b", "2"});
  CHECK(reader.take().empty());
}

}  // namespace
}  // namespace bodega::redis::test
