// What a gate is told of a command, and its error text.
#include "tests/catch.h"
#include "tests/fixed_gate.h"
#include "tests/protocol/redis/harness.h"

using namespace bodega;
using namespace bodega::redis::test;

TEST_CASE("Gate: a command answers with the error text that the gate gives") {
  tests::FixedGate gate("set", {"LOADING Redis is loading the dataset in memory"});
  redis::InstanceOptions options;
  options.gate = &gate;
  World world(std::move(options));
  Client client(world);
  CHECK(client.run({"SET", "key", "value"}) ==
        "-LOADING Redis is loading the dataset in memory\r\n");
  CHECK(gate.seen.service == "redis");
  CHECK(gate.seen.operation == "set");
  CHECK(gate.seen.resource == "key");
  CHECK(gate.seen.caller == "default");
  CHECK(client.run({"GET", "key"}) == "$-1\r\n");
}

TEST_CASE("Gate: a command that CLIENT PAUSE held is asked about once, when it runs") {
  tests::FixedGate gate("set", {"LOADING Redis is loading the dataset in memory"});
  redis::InstanceOptions options;
  options.gate = &gate;
  World world(std::move(options));
  Client client(world);
  Client other(world);
  other.run({"CLIENT", "PAUSE", "100", "WRITE"});
  gate.asked = 0;
  CHECK(client.run({"SET", "key", "value"}) == "");
  CHECK(client.progress() == redis::Session::Progress::kParked);
  CHECK(gate.asked == 0);
  world.advance_ms(101);
  CHECK(gate.asked == 1);
  CHECK(client.take() == "-LOADING Redis is loading the dataset in memory\r\n");
}
