// The conversation: framing, errors, HELLO and AUTH, transactions, pub/sub, waiting, pauses.
#include <string>

#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {

TEST_CASE("Requests: inline and array forms, pipelined, answered in order") {
  World world;
  Client c(world);
  CHECK(c.send("PING\r\n\r\n*0\r\n*1\r\n$4\r\nPING\r\nset k v\r\nget k\n") ==
        "+PONG\r\n+PONG\r\n+OK\r\n$1\r\nv\r\n");
  CHECK(c.send("*2\r\n$4\r\nECHO\r\n$5\r\nab") == "");
  CHECK(c.send("c\r\n\r\n") == "$5\r\nabc\r\n\r\n");
}

TEST_CASE("Requests: a protocol error is answered and ends the connection") {
  World world;
  Client c(world);
  CHECK(c.send("*1\r\nfoo\r\nPING\r\n") == "-ERR Protocol error: expected '$', got 'f'\r\n");
  CHECK(c.closed());
}

TEST_CASE("Requests: a browser's POST is cut off without an answer") {
  World world;
  Client c(world);
  CHECK(c.send("POST / HTTP/1.1\r\nHost: x\r\n\r\n") == "");
  CHECK(c.session().dropped());
}

TEST_CASE("Errors: unknown commands echo what was sent, arity errors the name") {
  World world;
  Client c(world);
  CHECK(c.run({"NOSUCH", "a", "b"}) ==
        "-ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' \r\n");
  CHECK(c.run({"GET"}) == "-ERR wrong number of arguments for 'get' command\r\n");
  CHECK(c.run({"CLIENT"}) == "-ERR wrong number of arguments for 'client' command\r\n");
  CHECK(c.run({"Client", "KILL"}) ==
        "-ERR wrong number of arguments for 'client|kill' command\r\n");
  CHECK(c.run({"CLIENT", "nope"}) == "-ERR unknown subcommand 'nope'. Try CLIENT HELP.\r\n");
  CHECK(c.run({"JSON.GET", "k"}).starts_with("-ERR unknown command 'JSON.GET'"));
  const std::string echoed = c.run({"NOSUCH", std::string(300, 'x')});
  CHECK(echoed == "-ERR unknown command 'NOSUCH', with args beginning with: '" +
                      std::string(128, 'x') + "' \r\n");
}

TEST_CASE("HELLO: switches the protocol and introduces the server") {
  World world;
  Client c(world);
  const std::string two = c.run({"HELLO"});
  CHECK(two.starts_with("*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n"));
  const std::string three = c.run({"HELLO", "3", "SETNAME", "me"});
  CHECK(three.starts_with("%7\r\n"));
  CHECK(three.find("$5\r\nproto\r\n:3\r\n") != std::string::npos);
  CHECK(c.run({"CLIENT", "GETNAME"}) == "$2\r\nme\r\n");
  CHECK(c.run({"GET", "nokey"}) == "_\r\n");
  CHECK(c.run({"HELLO", "4"}) == "-NOPROTO unsupported protocol version\r\n");
  CHECK(c.run({"HELLO", "x"}) == "-ERR Protocol version is not an integer or out of range\r\n");
  CHECK(c.run({"RESET"}) == "+RESET\r\n");
  CHECK(c.run({"GET", "nokey"}) == "$-1\r\n");
  CHECK(c.run({"CLIENT", "GETNAME"}) == "$-1\r\n");
}

TEST_CASE("AUTH: nothing but logging in is possible before it") {
  InstanceOptions options;
  options.password = "secret";
  World world(options);
  Client c(world);
  CHECK(c.run({"GET", "k"}) == "-NOAUTH Authentication required.\r\n");
  CHECK(c.run({"HELLO", "3"}).starts_with("-NOAUTH HELLO must be called"));
  CHECK(c.run({"AUTH", "wrong"}) ==
        "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  CHECK(c.run({"AUTH", "someone", "secret"}).starts_with("-WRONGPASS"));
  CHECK(c.run({"HELLO", "2", "AUTH", "default", "secret"}).starts_with("*14"));
  CHECK(c.run({"GET", "k"}) == "$-1\r\n");
  Client d(world);
  CHECK(d.run({"AUTH", "default", "secret"}) == "+OK\r\n");
  CHECK(d.run({"PING"}) == "+PONG\r\n");
  Client e(world);
  CHECK(e.send("*11\r\n") == "-ERR Protocol error: unauthenticated multibulk length\r\n");
  World open;
  Client f(open);
  CHECK(f.run({"AUTH", "x"}).starts_with("-ERR AUTH <password> called without any password"));
}

TEST_CASE("QUIT: is answered, then the connection ends") {
  World world;
  Client c(world);
  CHECK(c.send("QUIT\r\nPING\r\n") == "+OK\r\n");
  CHECK(c.closed());
}

TEST_CASE("SELECT: databases are apart, SWAPDB exchanges them") {
  World world;
  Client c(world);
  c.run({"SET", "k", "zero"});
  CHECK(c.run({"SELECT", "1"}) == "+OK\r\n");
  CHECK(c.run({"GET", "k"}) == "$-1\r\n");
  CHECK(c.run({"SWAPDB", "0", "1"}) == "+OK\r\n");
  CHECK(c.run({"GET", "k"}) == "$4\r\nzero\r\n");
  CHECK(c.run({"SELECT", "16"}) == "-ERR DB index is out of range\r\n");
  CHECK(c.run({"SELECT", "x"}) == "-ERR value is not an integer or out of range\r\n");
}

TEST_CASE("MULTI: queues, runs in one step, and keeps errors inside the array") {
  World world;
  Client c(world);
  CHECK(c.run({"MULTI"}) == "+OK\r\n");
  CHECK(c.run({"MULTI"}) == "-ERR MULTI calls can not be nested\r\n");
  CHECK(c.run({"SET", "a", "1"}) == "+QUEUED\r\n");
  CHECK(c.run({"LPUSH", "a", "x"}) == "+QUEUED\r\n");
  CHECK(c.run({"INCR", "a"}) == "+QUEUED\r\n");
  CHECK(c.run({"EXEC"}) ==
        "*3\r\n+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
        ":2\r\n");
  CHECK(c.run({"EXEC"}) == "-ERR EXEC without MULTI\r\n");
  CHECK(c.run({"DISCARD"}) == "-ERR DISCARD without MULTI\r\n");
}

TEST_CASE("MULTI: a command refused while queueing discards everything") {
  World world;
  Client c(world);
  c.run({"MULTI"});
  c.run({"SET", "a", "1"});
  CHECK(c.run({"NOSUCH"}).starts_with("-ERR unknown command"));
  CHECK(c.run({"EXEC"}) == "-EXECABORT Transaction discarded because of previous errors.\r\n");
  CHECK(c.run({"GET", "a"}) == "$-1\r\n");
}

TEST_CASE("EXEC: refused itself, it says why without the reason's own ERR") {
  World world;
  Client c(world);
  c.run({"MULTI"});
  CHECK(c.run({"EXEC", "x"}) ==
        "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' "
        "command\r\n");
  CHECK(c.run({"EXEC"}) == "-ERR EXEC without MULTI\r\n");
}

TEST_CASE("WATCH: any change, expiry and FLUSHALL break the transaction") {
  World world;
  Client c(world);
  Client other(world);
  const auto attempt = [&] {
    c.run({"MULTI"});
    c.run({"PING"});
    return c.run({"EXEC"});
  };
  c.run({"SET", "k", "v"});
  c.run({"WATCH", "k"});
  CHECK(attempt() == "*1\r\n+PONG\r\n");
  c.run({"WATCH", "k"});
  other.run({"SET", "k", "v"});  // the same value is a change, too
  CHECK(attempt() == "*-1\r\n");
  CHECK(attempt() == "*1\r\n+PONG\r\n");
  c.run({"PEXPIRE", "k", "10"});
  c.run({"WATCH", "k"});
  world.clock.advance_ms(20);
  CHECK(attempt() == "*-1\r\n");
  c.run({"SET", "k", "v"});
  c.run({"WATCH", "k"});
  other.run({"FLUSHALL"});
  CHECK(attempt() == "*-1\r\n");
  c.run({"WATCH", "k"});  // absent, and stays so
  other.run({"FLUSHALL"});
  CHECK(attempt() == "*1\r\n+PONG\r\n");
  c.run({"WATCH", "k"});
  other.run({"SET", "k", "v"});
  c.run({"UNWATCH"});
  CHECK(attempt() == "*1\r\n+PONG\r\n");
  c.run({"MULTI"});
  CHECK(c.run({"WATCH", "k"}) == "-ERR WATCH inside MULTI is not allowed\r\n");
}

TEST_CASE("Pub/sub: confirmations, messages, patterns, and what may be said meanwhile") {
  World world;
  Client listener(world);
  Client speaker(world);
  CHECK(listener.run({"SUBSCRIBE", "a", "b"}) ==
        "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n");
  CHECK(listener.run({"PSUBSCRIBE", "a*"}) == "*3\r\n$10\r\npsubscribe\r\n$2\r\na*\r\n:3\r\n");
  CHECK(speaker.run({"PUBLISH", "a", "hi"}) == ":2\r\n");
  CHECK(listener.take() ==
        "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n"
        "*4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$1\r\na\r\n$2\r\nhi\r\n");
  CHECK(listener.run({"GET", "k"}) ==
        "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET "
        "are allowed in this context\r\n");
  CHECK(listener.run({"PING"}) == "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  CHECK(speaker.run({"PUBSUB", "NUMSUB", "a", "x"}) == "*4\r\n$1\r\na\r\n:1\r\n$1\r\nx\r\n:0\r\n");
  CHECK(speaker.run({"PUBSUB", "NUMPAT"}) == ":1\r\n");
  CHECK(listener.run({"UNSUBSCRIBE", "a", "b"}).ends_with("$1\r\nb\r\n:1\r\n"));
  CHECK(listener.run({"PUNSUBSCRIBE"}) == "*3\r\n$12\r\npunsubscribe\r\n$2\r\na*\r\n:0\r\n");
  CHECK(listener.run({"UNSUBSCRIBE"}) == "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n");
  CHECK(listener.run({"GET", "k"}) == "$-1\r\n");
}

TEST_CASE("Pub/sub: in RESP3 messages are pushes and everything may be said") {
  World world;
  Client c(world, 3);
  CHECK(c.run({"SUBSCRIBE", "ch"}) == ">3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n");
  CHECK(c.run({"SET", "k", "v"}) == "+OK\r\n");
  // A message to oneself never stands inside the reply of a transaction.
  c.run({"MULTI"});
  c.run({"PUBLISH", "ch", "m"});
  c.run({"PING"});
  CHECK(c.run({"EXEC"}) == "*2\r\n:1\r\n+PONG\r\n>3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$1\r\nm\r\n");
}

TEST_CASE("Pub/sub: a listener that goes away hears nothing and is not counted") {
  World world;
  Client speaker(world);
  {
    Client listener(world);
    listener.run({"SSUBSCRIBE", "s"});
    CHECK(speaker.run({"SPUBLISH", "s", "m"}) == ":1\r\n");
  }
  CHECK(speaker.run({"SPUBLISH", "s", "m"}) == ":0\r\n");
}

TEST_CASE("Keyspace notifications: the classes asked for, on both channels") {
  World world;
  Client listener(world);
  Client c(world);
  c.run({"CONFIG", "SET", "notify-keyspace-events", "KEA"});
  CHECK(c.run({"CONFIG", "GET", "notify-keyspace-events"}).ends_with("$3\r\nAKE\r\n"));
  listener.run({"PSUBSCRIBE", "__key*__:*"});
  c.run({"SET", "k", "v"});
  const std::string heard = listener.take();
  CHECK(heard.find("__keyspace@0__:k\r\n$3\r\nset\r\n") != std::string::npos);
  CHECK(heard.find("__keyevent@0__:set\r\n$1\r\nk\r\n") != std::string::npos);
  c.run({"PEXPIRE", "k", "10"});
  listener.take();
  world.advance_ms(100);
  CHECK(listener.take().find("__keyevent@0__:expired") != std::string::npos);
  c.run({"CONFIG", "SET", "notify-keyspace-events", ""});
  c.run({"SET", "k", "v"});
  CHECK(listener.take() == "");
}

TEST_CASE("Output: a client that does not read gets no more before it does") {
  World world;
  Client slow(world);
  Client c(world);
  slow.session().delivery.unsent_bytes = Session::kFullOutputBytes;
  CHECK(slow.send("SET k 1\r\nGET k\r\n") == "");
  CHECK(slow.progress() == Session::Progress::kParked);
  CHECK(c.run({"GET", "k"}) == "$-1\r\n");
  slow.session().delivery.unsent_bytes = Session::kFullOutputBytes * 3 / 4;
  slow.session().resume_if_drained();
  world.finish_tick();
  CHECK(slow.take() == "");
  slow.session().delivery.unsent_bytes = 100;
  slow.session().resume_if_drained();
  world.finish_tick();
  CHECK(slow.take() == "+OK\r\n$1\r\n1\r\n");
}

TEST_CASE("Output: much of it ends the session's turn") {
  World world;
  Client c(world);
  c.run({"SET", "k", std::string(600'000, 'x')});
  c.session().feed("GET k\r\nGET k\r\nGET k\r\n");
  CHECK(c.session().process(100) == Session::Progress::kMore);
  CHECK(c.session().output().size() < 1'300'000);
}

// redis-server: the last interaction is the last read from or write to the socket.
TEST_CASE("timeout: a client that sends or is sent something is not idle") {
  World world;
  Client c(world);
  Client idle(world);
  c.run({"CONFIG", "SET", "timeout", "2"});
  c.session().feed("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10\r\n");
  for (int i = 0; i < 5; ++i) {
    world.advance_ms(1000);
    c.session().feed("x");
  }
  CHECK(!c.closed());
  CHECK(idle.closed());
}

TEST_CASE("Waiting: first come, first served, after the whole transaction") {
  World world;
  Client first(world);
  Client second(world);
  Client c(world);
  CHECK(first.run({"BLPOP", "l", "0"}) == "");
  CHECK(second.run({"BLPOP", "l", "0"}) == "");
  c.run({"MULTI"});
  c.run({"RPUSH", "l", "a"});
  c.run({"LPOP", "l"});
  c.run({"RPUSH", "l", "b"});
  c.run({"EXEC"});
  CHECK(first.take() == "*2\r\n$1\r\nl\r\n$1\r\nb\r\n");
  CHECK(second.take() == "");
  c.run({"RPUSH", "l", "c", "d"});
  CHECK(second.take() == "*2\r\n$1\r\nl\r\n$1\r\nc\r\n");
  CHECK(c.run({"LLEN", "l"}) == ":1\r\n");
}

TEST_CASE("Waiting: keys that appear by RENAME, COPY, MOVE and SWAPDB serve as well") {
  World world;
  Client waiter(world);
  Client c(world);
  c.run({"RPUSH", "src", "a", "b"});
  waiter.run({"BLPOP", "dst", "0"});
  c.run({"RENAME", "src", "dst"});
  CHECK(waiter.take() == "*2\r\n$3\r\ndst\r\n$1\r\na\r\n");
  waiter.run({"BLPOP", "copy", "0"});
  c.run({"COPY", "dst", "copy"});
  CHECK(waiter.take() == "*2\r\n$4\r\ncopy\r\n$1\r\nb\r\n");
  waiter.run({"BLPOP", "far", "0"});
  c.run({"SELECT", "1"});
  c.run({"RPUSH", "far", "z"});
  CHECK(waiter.take() == "");
  c.run({"SWAPDB", "0", "1"});
  CHECK(waiter.take() == "*2\r\n$3\r\nfar\r\n$1\r\nz\r\n");
}

TEST_CASE("Waiting: a served BLMOVE serves the next in the chain") {
  World world;
  Client mover(world);
  Client popper(world);
  Client c(world);
  mover.run({"BLMOVE", "a", "b", "LEFT", "RIGHT", "0"});
  popper.run({"BLPOP", "b", "0"});
  c.run({"RPUSH", "a", "x"});
  CHECK(mover.take() == "$1\r\nx\r\n");
  CHECK(popper.take() == "*2\r\n$1\r\nb\r\n$1\r\nx\r\n");
}

TEST_CASE("Waiting: deadlines, CLIENT UNBLOCK, and a waiter that went away loses nothing") {
  World world;
  Client waiter(world);
  Client c(world);
  waiter.run({"BLPOP", "l", "0.05"});
  CHECK(world.instance.next_deadline_ms() == world.clock.now_ms() + 50);
  world.advance_ms(60);
  CHECK(waiter.take() == "*-1\r\n");
  CHECK(waiter.run({"BLPOP", "l", "-1"}) == "-ERR timeout is negative\r\n");
  CHECK(waiter.run({"BLPOP", "l", "x"}) == "-ERR timeout is not a float or out of range\r\n");

  waiter.run({"BLPOP", "l", "0"});
  const std::string id = std::to_string(waiter.session().id);
  CHECK(c.run({"CLIENT", "UNBLOCK", id, "ERROR"}) == ":1\r\n");
  CHECK(waiter.take() == "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
  CHECK(c.run({"CLIENT", "UNBLOCK", id}) == ":0\r\n");

  {
    Client gone(world);
    gone.run({"BLPOP", "l", "0"});
  }
  c.run({"RPUSH", "l", "a"});
  CHECK(c.run({"LLEN", "l"}) == ":1\r\n");
}

TEST_CASE("Waiting: what was sent meanwhile runs afterwards, in order") {
  World world;
  Client waiter(world);
  Client c(world);
  CHECK(waiter.send("BLPOP l 0\r\nPING\r\n") == "");
  c.run({"RPUSH", "l", "a"});
  CHECK(waiter.take() == "*2\r\n$1\r\nl\r\n$1\r\na\r\n+PONG\r\n");
}

TEST_CASE("Waiting: inside MULTI nobody waits") {
  World world;
  Client c(world);
  c.run({"MULTI"});
  c.run({"BLPOP", "l", "0"});
  CHECK(c.run({"EXEC"}) == "*1\r\n*-1\r\n");
}

TEST_CASE("CLIENT PAUSE: writes wait for its end, reads do not") {
  World world;
  Client c(world);
  Client writer(world);
  c.run({"SET", "k", "v"});
  CHECK(c.run({"CLIENT", "PAUSE", "100", "WRITE"}) == "+OK\r\n");
  CHECK(writer.run({"SET", "k", "w"}) == "");
  CHECK(c.run({"GET", "k"}) == "$1\r\nv\r\n");
  world.advance_ms(100);
  CHECK(writer.take() == "+OK\r\n");
  CHECK(c.run({"GET", "k"}) == "$1\r\nw\r\n");
  c.run({"CLIENT", "PAUSE", "100000", "WRITE"});
  CHECK(writer.run({"DEL", "k"}) == "");
  CHECK(c.run({"CLIENT", "UNPAUSE"}) == "+OK\r\n");
  CHECK(writer.take() == ":1\r\n");
}

TEST_CASE("CLIENT REPLY: off and skip silence replies, not effects") {
  World world;
  Client c(world);
  CHECK(c.run({"CLIENT", "REPLY", "OFF"}) == "");
  CHECK(c.run({"SET", "k", "v"}) == "");
  CHECK(c.run({"CLIENT", "REPLY", "ON"}) == "+OK\r\n");
  CHECK(c.run({"CLIENT", "REPLY", "SKIP"}) == "");
  CHECK(c.run({"GET", "k"}) == "");
  CHECK(c.run({"GET", "k"}) == "$1\r\nv\r\n");
}

TEST_CASE("CLIENT KILL: by id and filter; a killed client's session ends") {
  World world;
  Client c(world);
  Client victim(world);
  CHECK(c.run({"CLIENT", "KILL", "ID", std::to_string(victim.session().id)}) == ":1\r\n");
  CHECK(victim.closed());
  CHECK(c.run({"CLIENT", "KILL", "1.1.1.1:1"}) == "-ERR No such client\r\n");
  CHECK(c.run({"CLIENT", "KILL", "ID", "0"}) == "-ERR client-id should be greater than 0\r\n");
}

TEST_CASE("Client tracking: a key that was read and changes is told, once") {
  World world;
  Client reader(world, 3);
  Client c(world);
  reader.run({"CLIENT", "TRACKING", "ON"});
  reader.run({"GET", "k"});
  c.run({"SET", "k", "1"});
  CHECK(reader.take() == ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n");
  c.run({"SET", "k", "2"});
  CHECK(reader.take() == "");
  reader.run({"GET", "k"});
  c.run({"FLUSHALL"});
  CHECK(reader.take() == ">2\r\n$10\r\ninvalidate\r\n_\r\n");
  c.run({"SET", "k", "1", "PX", "10"});
  reader.run({"GET", "k"});
  world.advance_ms(100);
  CHECK(reader.take() == ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n");
}

TEST_CASE("Client tracking: FLUSHALL forgets the keys of those who track no more") {
  World world;
  Client reader(world, 3);
  Client writer(world);
  writer.run({"SET", "k", "v"});
  reader.run({"CLIENT", "TRACKING", "ON"});
  reader.run({"GET", "k"});
  reader.run({"CLIENT", "TRACKING", "OFF"});
  writer.run({"FLUSHALL"});
  CHECK(world.instance.tracking().key_count() == 0);
  CHECK(world.instance.tracking().item_count() == 0);
  reader.run({"CLIENT", "TRACKING", "ON"});
  writer.run({"SET", "k", "w"});
  CHECK(reader.take() == "");
}

TEST_CASE("CLIENT CACHING: says what is missing, tracking or the mode") {
  World world;
  Client c(world);
  CHECK(c.run({"CLIENT", "CACHING", "YES"}) ==
        "-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or "
        "OPTOUT mode enabled\r\n");
  c.run({"HELLO", "3"});
  c.run({"CLIENT", "TRACKING", "ON"});
  CHECK(c.run({"CLIENT", "CACHING", "YES"}) ==
        "-ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.\r\n");
  CHECK(c.run({"CLIENT", "CACHING", "no"}) ==
        "-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.\r\n");
  CHECK(c.run({"CLIENT", "TRACKING", "ON", "REDIRECT", "x"}) ==
        "-ERR value is not an integer or out of range\r\n");
}

TEST_CASE("Client tracking: a redirection to a client that is leaving is reported as broken") {
  World world;
  Client target(world);
  Client reader(world, 3);
  Client writer(world);
  reader.run({"CLIENT", "TRACKING", "ON", "REDIRECT", std::to_string(target.session().id)});
  writer.run({"SET", "k", "v"});
  reader.run({"GET", "k"});
  target.run({"QUIT"});  // its session is still there
  writer.run({"SET", "k", "w"});
  CHECK(reader.take().find("tracking-redir-broken") != std::string::npos);
}

TEST_CASE("Client tracking: BCAST by prefix, NOLOOP, and redirection to a RESP2 client") {
  World world;
  Client reader(world, 3);
  Client c(world);
  reader.run({"CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "user:", "NOLOOP"});
  c.run({"MSET", "user:1", "a", "user:2", "b", "other", "c"});
  CHECK(reader.take() == ">2\r\n$10\r\ninvalidate\r\n*2\r\n$6\r\nuser:1\r\n$6\r\nuser:2\r\n");
  CHECK(reader.run({"SET", "user:1", "x"}) == "+OK\r\n");

  Client target(world);
  target.run({"SUBSCRIBE", "__redis__:invalidate"});
  c.run({"CLIENT", "TRACKING", "ON", "REDIRECT", std::to_string(target.session().id)});
  c.run({"GET", "k"});
  c.run({"SET", "k", "v"});
  CHECK(target.take() == "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n*1\r\n$1\r\nk\r\n");
}

TEST_CASE("CLIENT REPLY: off and skip silence a command that had to wait, however its wait ends") {
  World world;
  Client waiter(world);
  Client c(world);
  waiter.run({"CLIENT", "REPLY", "OFF"});
  waiter.run({"BLPOP", "l", "0"});
  c.run({"RPUSH", "l", "a"});
  CHECK(waiter.take() == "");
  CHECK(c.run({"LLEN", "l"}) == ":0\r\n");
  waiter.run({"BLPOP", "l", "0.05"});
  world.advance_ms(60);
  CHECK(waiter.take() == "");
  waiter.run({"BLPOP", "l", "0"});
  const std::string id = std::to_string(waiter.session().id);
  CHECK(c.run({"CLIENT", "UNBLOCK", id, "ERROR"}) == ":1\r\n");
  CHECK(waiter.take() == "");
  CHECK(waiter.run({"CLIENT", "REPLY", "ON"}) == "+OK\r\n");

  waiter.run({"CLIENT", "REPLY", "SKIP"});
  waiter.send("BLPOP l 0\r\nPING\r\n");
  c.run({"RPUSH", "l", "a"});
  CHECK(waiter.take() == "+PONG\r\n");
}

}  // namespace bodega::redis::test
