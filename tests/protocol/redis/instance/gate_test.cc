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
