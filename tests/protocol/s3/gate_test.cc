// What a gate is told of a request, and the errors that it may answer with.
#include "tests/catch.h"
#include "tests/fixed_gate.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;

namespace {

WorldOptions with(observe::Gate& gate,
                  aws::Authenticator::Mode mode = aws::Authenticator::Mode::kAcceptAny) {
  WorldOptions options;
  options.mode = mode;
  options.gate = &gate;
  return options;
}

}  // namespace

TEST_CASE("Gate: an error of S3's catalogue by its name, before anything has happened") {
  tests::FixedGate gate("PutObject", {"SlowDown"});
  World world(with(gate));
  CHECK(world.run("PUT", "/bucket").status == 200);
  const Answer answer = world.run("PUT", "/bucket/a/key", "body", {claim("111122223333")});
  CHECK(answer.status == 503);
  CHECK(answer.code == "SlowDown");
  CHECK(answer.at("Code") == "SlowDown");
  CHECK(answer.at("Message") == "Please reduce your request rate.");
  CHECK(gate.seen.service == "s3");
  CHECK(gate.seen.operation == "PutObject");
  CHECK(gate.seen.resource == "bucket/a/key");
  CHECK(gate.seen.caller == "111122223333");
  CHECK(gate.seen.account == "111122223333");
  CHECK(gate.seen.region == "us-east-1");
  CHECK(gate.seen.request_id == answer.header("x-amz-request-id"));
  CHECK(gate.seen.started_us == world.clock.now_us());
  CHECK(world.run("GET", "/bucket/a/key").code == "NoSuchKey");
}

TEST_CASE("Gate: its own message, and an internal error for a name that S3 has not") {
  tests::FixedGate named("GetObject", {"AccessDenied", "Not today."});
  World denied(with(named));
  denied.run("PUT", "/bucket");
  const Answer answer = denied.run("GET", "/bucket/key");
  CHECK(answer.status == 403);
  CHECK(answer.at("Message") == "Not today.");
  tests::FixedGate wrong("GetObject", {"ProvisionedThroughputExceededException"});
  World confused(with(wrong));
  CHECK(confused.run("GET", "/bucket/key").code == "InternalError");
}

TEST_CASE("Gate: who may not is refused before a gate is asked") {
  tests::FixedGate gate("ListBuckets", {"SlowDown"});
  World world(with(gate, aws::Authenticator::Mode::kVerify));
  CHECK(world.run("GET", "/").code == "AccessDenied");
  CHECK(gate.seen.operation.empty());
}
