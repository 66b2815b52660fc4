// Several Redis endpoints on one loop: each sees its own data, and each can end alone.
#include "server/redis/server.h"

#include <atomic>
#include <future>
#include <thread>

#include "engines/keyspace/engine.h"
#include "engines/world/world.h"
#include "protocol/observe/observer.h"
#include "server/control/metrics.h"
#include "server/tls/tls.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"
#include "tests/server/fixture.h"

using namespace bodega;
using namespace bodega::server;
using namespace bodega::server::test;

namespace {

// Adds up what it hears of Redis commands.
class Recorder : public observe::Observer {
 public:
  void after(const observe::Exchange&) override {}
  void after(const observe::Batch& batch) override {
    if (batch.service != "redis" || batch.operation != "incr") return;
    errors += batch.errors;
    count += batch.count;  // last: the tests wait for it
  }

  std::atomic<std::uint64_t> count = 0;
  std::atomic<std::uint64_t> errors = 0;
};

// A Redis without a name, and one for each of `names`.
class Redises {
 public:
  explicit Redises(const std::vector<std::string>& names) {
    add("", [this] { ++shutdowns; });
    for (const std::string& name : names) add(name, nullptr);
    server.start();
  }
  ~Redises() {
    server.stop();
    server.join();
  }

  void add(const std::string& name, std::function<void()> shutdown) {
    RedisEndpoint endpoint{
        Address::of("127.0.0.1", 0), name, world->keyspace_named(name), &world->clock(), {}};
    endpoint.options.shutdown = std::move(shutdown);
    endpoint.options.observers = {&recorder};
    ports[name] = server.add(std::move(endpoint)).front().port;
  }

  std::string ask(const std::string& name, const std::string& line, std::size_t reply_bytes) {
    Client client(ports[name]);
    client.send(line + "\r\n");
    return client.read(reply_bytes);
  }

  // The server tells its observers twice a second.
  void wait_for_count(std::uint64_t count) {
    for (int i = 0; i < 500 && recorder.count < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  std::atomic<int> shutdowns = 0;
  Recorder recorder;
  std::map<std::string, std::uint16_t> ports;
  base::SystemClock process;
  std::shared_ptr<world::World> world = world::World::in_memory(process);
  Metrics metrics;
  RedisServer server{metrics};
};

}  // namespace

TEST_CASE("Redis: endpoints of one process do not see each other") {
  Redises redises({"cache", "sessions"});
  CHECK(redises.ask("", "SET key main", 5) == "+OK\r\n");
  CHECK(redises.ask("cache", "SET key cache", 5) == "+OK\r\n");
  CHECK(redises.ask("", "GET key", 10) == "$4\r\nmain\r\n");
  CHECK(redises.ask("cache", "GET key", 11) == "$5\r\ncache\r\n");
  CHECK(redises.ask("sessions", "GET key", 5) == "$-1\r\n");

  Client subscriber(redises.ports["cache"]);
  subscriber.send("SUBSCRIBE news\r\n");
  const std::string subscribed = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n";
  CHECK(subscriber.read(subscribed.size()) == subscribed);
  CHECK(redises.ask("", "PUBLISH news x", 4) == ":0\r\n");
  CHECK(redises.ask("cache", "PUBLISH news x", 4) == ":1\r\n");

  // A client that waits in one, while another is at work.
  Client waiting(redises.ports["sessions"]);
  waiting.send("BLPOP list 5\r\n");
  CHECK(redises.ask("", "RPUSH list x", 4) == ":1\r\n");
  CHECK(redises.ask("cache", "CONFIG SET maxclients 100", 5) == "+OK\r\n");
  CHECK(redises.ask("sessions", "RPUSH list y", 4) == ":1\r\n");
  const std::string popped = "*2\r\n$4\r\nlist\r\n$1\r\ny\r\n";
  CHECK(waiting.read(popped.size()) == popped);
}

TEST_CASE("Redis: SHUTDOWN ends the endpoint that it was said to, and no other") {
  Redises redises({"cache"});
  Client other(redises.ports["cache"]);
  CHECK(redises.ask("cache", "SET key value", 5) == "+OK\r\n");
  Client client(redises.ports["cache"]);
  client.send("SET last 1\r\nSHUTDOWN NOSAVE\r\n");
  CHECK(client.read_to_end() == "+OK\r\n");
  CHECK(other.read_to_end().empty());
  CHECK(redises.shutdowns == 0);
  CHECK(redises.ask("", "PING", 7) == "+PONG\r\n");
  CHECK(redises.ask("", "SHUTDOWN", 0).empty());
  CHECK(redises.ask("", "PING", 7) == "+PONG\r\n");
  CHECK(redises.shutdowns == 1);

  redises.server.stop();
  redises.server.join();
  const auto kept = redises.world->keyspace_named("cache");
  CHECK(kept->exists(0, "last"));
  CHECK_FALSE(kept->has_changes());
}

TEST_CASE("Redis: an endpoint that has ended lets go of its world") {
  Redises redises({});
  auto world = world::World::in_memory(redises.process);
  const std::weak_ptr<world::World> watched = world;
  RedisEndpoint endpoint{
      Address::of("127.0.0.1", 0), "other", world->keyspace_named(""), &world->clock(), {}};
  redises.ports["other"] = redises.server.add(std::move(endpoint)).front().port;
  world.reset();
  Client client(redises.ports["other"]);
  client.send("SET key value\r\n");
  CHECK(client.read(5) == "+OK\r\n");
  CHECK_FALSE(watched.expired());
  client.send("SHUTDOWN NOSAVE\r\n");
  CHECK(client.read_to_end().empty());
  // The loop answers the others only after it has buried the connection.
  for (int i = 0; i < 1000 && !watched.expired(); ++i) redises.ask("", "PING", 7);
  CHECK(watched.expired());
}

TEST_CASE("Redis: metrics carry the label of an endpoint, and none for the one without a name") {
  Metrics metrics;
  metrics.make_shard("redis").record("redis", "get", Result::kOk, 10);
  metrics.make_shard("redis", "cache").record("redis", "get", Result::kOk, 10);
  metrics.make_shard("redis", "cache").connection_opened();
  const std::string text = metrics.render();
  const auto has = [&text](std::string_view line) { return text.find(line) != std::string::npos; };
  CHECK(has("bodega_requests_total{service=\"redis\",operation=\"get\"} 1\n"));
  CHECK(has("bodega_requests_total{service=\"redis\",operation=\"get\",endpoint=\"cache\"} 1\n"));
  CHECK(has("bodega_open_connections{listener=\"redis\",endpoint=\"cache\"} 1\n"));
  CHECK(has("bodega_open_connections{listener=\"redis\"} 0\n"));
}

TEST_CASE("Redis: observers hear of commands in batches, with their errors") {
  Redises redises({"cache"});
  CHECK(redises.ask("", "INCR n", 4) == ":1\r\n");
  CHECK(redises.ask("cache", "INCR n", 4) == ":1\r\n");
  CHECK(redises.ask("cache", "SET n text", 5) == "+OK\r\n");
  CHECK(redises.ask("cache", "INCR n", 4) == "-ERR");
  redises.wait_for_count(3);
  CHECK(redises.recorder.count == 3);
  CHECK(redises.recorder.errors == 1);
}

TEST_CASE("Redis: CONFIG RESETSTAT takes nothing away from what observers have heard") {
  Redises redises({});
  CHECK(redises.ask("", "SET n text\r\nINCR n", 9) == "+OK\r\n-ERR");
  redises.wait_for_count(1);
  // More calls than before, and fewer errors.
  CHECK(redises.ask("", "CONFIG RESETSTAT\r\nSET n 1\r\nINCR n\r\nINCR n", 18) ==
        "+OK\r\n+OK\r\n:2\r\n:3\r\n");
  redises.wait_for_count(3);
  CHECK(redises.recorder.count == 3);
  CHECK(redises.recorder.errors == 1);
}

namespace {

RedisServer::Cleared clear(Redises& redises, RedisServer::Keyspaces keyspaces) {
  std::promise<RedisServer::Cleared> promise;
  redises.server.clear(std::move(keyspaces), [&promise](const RedisServer::Cleared& cleared) {
    promise.set_value(cleared);
  });
  return promise.get_future().get();
}

}  // namespace

TEST_CASE("Redis: clear empties endpoints as FLUSHALL does, and keyspaces that none has") {
  Redises redises({"cache"});
  const auto unserved = redises.world->keyspace_named("unserved");
  unserved->set_string(0, "key", "value");
  CHECK(redises.ask("", "SET a 1", 5) == "+OK\r\n");
  CHECK(redises.ask("", "SELECT 3\r\nSET b 1", 10) == "+OK\r\n+OK\r\n");
  CHECK(redises.ask("cache", "RPUSH list x y", 4) == ":2\r\n");

  Client watching(redises.ports[""]);
  watching.send("WATCH a\r\nMULTI\r\nSET c 1\r\n");
  CHECK(watching.read(19) == "+OK\r\n+OK\r\n+QUEUED\r\n");
  Client tracking(redises.ports["cache"]);
  tracking.send("HELLO 3\r\nCLIENT TRACKING ON\r\nLRANGE list 0 -1\r\nECHO done\r\n");
  std::string seen;
  while (!seen.ends_with("$4\r\ndone\r\n")) seen += tracking.read(1);

  const auto cleared = clear(redises, {redises.world->keyspace_named(""),
                                       redises.world->keyspace_named("cache"), unserved});
  CHECK(cleared.keys == 4);
  CHECK(cleared.fault.empty());
  CHECK(redises.ask("", "DBSIZE", 4) == ":0\r\n");
  CHECK(redises.ask("cache", "EXISTS list", 4) == ":0\r\n");
  CHECK(unserved->key_count() == 0);
  watching.send("EXEC\r\n");
  CHECK(watching.read(5) == "*-1\r\n");
  const std::string invalidated = ">2\r\n$10\r\ninvalidate\r\n_\r\n";
  CHECK(tracking.read(invalidated.size()) == invalidated);
}

TEST_CASE("Redis: TLS and RESP share a port, by pipelines and by large values") {
  const tests::ScratchFolder folder;
  Tls tls{Tls::Settings{}};
  tls.keep_authority_in(folder / "ca.key");
  Redises redises({});
  RedisEndpoint endpoint{Address::of("127.0.0.1", 0),
                         "secure",
                         redises.world->keyspace_named("secure"),
                         &redises.world->clock(),
                         {}};
  endpoint.tls = &tls;
  const std::uint16_t port = redises.server.add(std::move(endpoint)).front().port;
  Client secure(port, *tls.authority_pem());
  Client plain(port);
  const std::string value = pattern(3'000'000);
  secure.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3000000\r\n" + value + "\r\n");
  CHECK(secure.read(5) == "+OK\r\n");
  for (Client* client : {&secure, &plain}) {
    client->send("GET k\r\n");
    CHECK(client->read(value.size() + 12) == "$3000000\r\n" + value + "\r\n");
  }
  std::string commands;
  std::string answers;
  for (int i = 1; i <= 5000; ++i) {
    commands += "INCR n\r\n";
    answers += ":" + std::to_string(i) + "\r\n";
  }
  secure.send(commands);
  CHECK(secure.read(answers.size()) == answers);
  secure.send("QUIT\r\n");
  CHECK(secure.read_to_end() == "+OK\r\n");
  CHECK(secure.ended_well());
  Client garbage(port);
  garbage.send("\x16GET / HTTP/1.1\r\n\r\n");
  garbage.read_to_end();
  const std::string text = redises.metrics.render();
  CHECK(text.find("bodega_tls_connections_total{listener=\"redis\",endpoint=\"secure\"} 1\n") !=
        std::string::npos);
}
