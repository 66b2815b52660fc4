#include "protocol/aws/front/json_service.h"

#include "tests/catch.h"
#include "tests/held_executor.h"
#include "tests/protocol/aws/front/toy.h"

using namespace bodega;
using namespace bodega::aws;
using toy::text_of;

namespace {

const Credential kLongTerm{
    .access_key_id = "AKIAONE", .secret_access_key = "secret", .account = "111122223333"};

http::RequestHead head_for(std::string_view operation) {
  http::RequestHead head;
  head.method = "POST";
  head.path = "/";
  head.headers.add("Host", "toy.eu-west-1.amazonaws.com");
  head.headers.add("Content-Type", "application/x-amz-json-1.1");
  head.headers.add("X-Amz-Target", "Toy." + std::string(operation));
  return head;
}

struct World {
  explicit World(Authenticator::Mode mode = Authenticator::Mode::kAcceptAny)
      : authenticator(mode, toy.keys), service(toy, Front{authenticator, &gate}) {}

  http::Reply run(std::string_view operation, std::string_view body,
                  const Credential& key = kLongTerm) {
    auto head = head_for(operation);
    toy::sign_request(head, body, key);
    return toy::send(service, head, body);
  }

  toy::Toy toy;
  toy::TestGate gate;
  Authenticator authenticator;
  toy::JsonToy service;
};

}  // namespace

TEST_CASE("JSON service: an operation answers with its handler's JSON") {
  World world;
  const http::Reply reply = world.run("Greet", R"({"Name":"Ada","Unknown":[1]})");
  CHECK(reply.status == 200);
  CHECK(text_of(reply) == R"({"Greeting":"Hello, Ada"})");
  CHECK(reply.headers.get_or_empty("Content-Type") == "application/x-amz-json-1.1");
  CHECK(reply.headers.get_or_empty("x-amzn-RequestId").size() == 36);
  CHECK(reply.service == "toy");
  CHECK(reply.operation == "Greet");
  CHECK(text_of(world.run("Who", "{}")) ==
        R"({"Arn":"arn:aws:iam::000000000000:root","Region":"eu-west-1"})");
}

TEST_CASE("JSON service: what takes long is done on the executor, while the connection waits") {
  World world;
  tests::HeldExecutor executor;
  toy::JsonToy service(world.toy, Front{world.authenticator, nullptr, &executor});
  const auto begin = [&](std::string_view operation, std::string_view body) {
    auto head = head_for(operation);
    toy::sign_request(head, body, kLongTerm);
    auto sink = std::get<std::unique_ptr<http::BodySink>>(service.begin(head));
    sink->write(body);
    return sink;
  };
  const std::string_view body = R"({"Name":"Ada"})";
  CHECK(begin("Greet", body)->end() == http::BodySink::Flow::kMore);

  auto sink = begin("Ponder", body);
  CHECK(sink->end() == http::BodySink::Flow::kWait);
  bool ready = false;
  sink->resume([&ready] { ready = true; });
  CHECK_FALSE(ready);
  executor.run_all();
  CHECK(ready);
  CHECK(text_of(sink->finish({})) == R"({"Greeting":"Hello, Ada"})");

  // A client that leaves meanwhile is not called back.
  sink = begin("Ponder", body);
  sink->end();
  ready = false;
  sink->resume([&ready] { ready = true; });
  sink.reset();
  executor.run_all();
  CHECK_FALSE(ready);
}

TEST_CASE("JSON service: the front's refusals, each under its name") {
  World world;
  const auto error = [&](std::string_view operation, std::string_view body) {
    const http::Reply reply = world.run(operation, body);
    return std::to_string(reply.status) + " " + text_of(reply);
  };
  CHECK(error("Nothing", "{}") == R"(400 {"__type":"UnknownOperationException"})");
  CHECK(error("Greet", "{") == R"(400 {"__type":"SerializationException"})");
  CHECK(error("Greet", "[]") == R"(400 {"__type":"SerializationException"})");
  CHECK(error("Greet", R"({"Name":[]})") ==
        R"(400 {"__type":"SerializationException",)"
        R"("message":"Unrecognized collection type class java.lang.String"})");
  CHECK(error("Greet", "{}") ==
        R"(400 {"__type":"ValidationException","message":"1 validation error detected: Value )"
        R"(null at 'name' failed to satisfy constraint: Member must not be null"})");
  CHECK(error("Part", "{}") == R"(501 {"__type":"NotImplementedException",)"
                               R"("message":"The operation Part is not implemented"})");
  CHECK(toy::send(world.service, head_for("Greet"), "{}").error_code ==
        "MissingAuthenticationTokenException");
  CHECK(error("Greet", std::string(1001, ' ')) == "413 ");
}

TEST_CASE("JSON service: observers are told what the client was, and what is not implemented") {
  World world;
  http::Reply reply = world.run("Part", "{}");
  REQUIRE(reply.exchange);
  CHECK(reply.exchange->missing == "Part");
  CHECK(reply.exchange->error_message == "The operation Part is not implemented");
  reply = world.run("Greet", "{}");
  REQUIRE(reply.exchange);
  CHECK(reply.exchange->missing.empty());
  CHECK(reply.exchange->error_message.starts_with("1 validation error detected"));
}

TEST_CASE("missing_part: the operation, or what of it the message names") {
  CHECK(missing_part("Put", not_implemented_message("Put")) == "Put");
  CHECK(missing_part("Put", "The parameter Tags is not implemented") == "Put: The parameter Tags");
  CHECK(missing_part("Put", "Directory buckets are not implemented") == "Put: Directory buckets");
  CHECK(missing_part("Put", "Not here") == "Put: Not here");
}

TEST_CASE("JSON service: what the store says stays in the log") {
  World world;
  world.toy.engine.broken = true;
  const http::Reply reply = world.run("Greet", R"({"Name":"Ada"})");
  CHECK(reply.status == 500);
  CHECK(text_of(reply) == R"({"__type":"InternalFailure"})");
}

TEST_CASE("JSON service: signatures are verified, sessions with token and expiry") {
  World world(Authenticator::Mode::kVerify);
  CHECK(world.run("Who", "{}").error_code == "UnrecognizedClientException");
  world.toy.keys.add(kLongTerm);
  CHECK(text_of(world.run("Who", "{}")).find("111122223333:root") != std::string::npos);
  Credential wrong = kLongTerm;
  wrong.secret_access_key = "another";
  CHECK(world.run("Who", "{}", wrong).error_code == "InvalidSignatureException");

  const Credential session{.access_key_id = "ASIATWO",
                           .secret_access_key = "temporary",
                           .session_token = "token",
                           .account = "111122223333",
                           .expires_at_s = world.toy.clock.now_s() + 60,
                           .principal_arn = "arn:aws:sts::111122223333:assumed-role/R/me",
                           .user_id = "AROA1:me"};
  world.toy.keys.add(session);
  CHECK(text_of(world.run("Who", "{}", session)).find("assumed-role/R/me") != std::string::npos);
  Credential stolen = session;
  stolen.session_token = "other";
  CHECK(world.run("Who", "{}", stolen).error_code == "UnrecognizedClientException");
  world.toy.clock.advance_us(60'000'000);
  CHECK(world.run("Who", "{}", session).error_code == "ExpiredTokenException");
}

TEST_CASE("JSON service: a row may let anyone in, signed or not") {
  World world(Authenticator::Mode::kVerify);
  CHECK(toy::send(world.service, head_for("WhoEver"), "{}").status == 200);
  CHECK(toy::send(world.service, head_for("Who"), "{}").status == 400);
  CHECK(world.run("WhoEver", "{}").error_code == "UnrecognizedClientException");
}

TEST_CASE("JSON service: a gate answers with any error of the catalogue, and only with those") {
  World world;
  world.gate.answer = {{"ExpiredTokenException", "Injected."}};
  CHECK(text_of(world.run("Greet", "{}")) ==
        R"({"__type":"ExpiredTokenException","message":"Injected."})");
  CHECK(world.gate.seen.service == "toy");
  CHECK(world.gate.seen.operation == "Greet");
  CHECK(world.gate.seen.caller == "AKIAONE");
  CHECK(world.gate.seen.region == "eu-west-1");
  world.gate.answer = {{"SlowDown", ""}};
  CHECK(text_of(world.run("Greet", "{}")) == R"({"__type":"InternalFailure"})");
  world.gate.answer = std::nullopt;
  CHECK(world.run("Greet", R"({"Name":"Ada"})").status == 200);
}

TEST_CASE("JSON service: other methods, types and paths are unknown; a foreign page is refused") {
  World world;
  auto head = head_for("Greet");
  head.headers.set("Content-Type", "text/plain");
  CHECK(toy::send(world.service, head, "{}").status == 404);
  head.method = "GET";
  CHECK(toy::send(world.service, head, "").status == 404);
  const http::Reply refused = world.service.refuse(head, "Because.");
  CHECK(refused.status == 403);
  CHECK(text_of(refused) == R"({"__type":"AccessDeniedException","message":"Because."})");
  CHECK(world.service.exposure() == http::Exposure::kNothing);
}
