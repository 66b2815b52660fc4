#include "protocol/aws/front/query_service.h"

#include "protocol/xml/reader.h"
#include "tests/catch.h"
#include "tests/protocol/aws/front/toy.h"

using namespace bodega;
using namespace bodega::aws;
using toy::text_of;

namespace {

const Credential kLongTerm{
    .access_key_id = "AKIAONE", .secret_access_key = "secret", .account = "111122223333"};

http::RequestHead head_for(std::string_view method = "POST") {
  http::RequestHead head;
  head.method = method;
  head.path = "/";
  head.headers.add("Host", "toy.amazonaws.com");
  head.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  return head;
}

struct World {
  explicit World(Authenticator::Mode mode = Authenticator::Mode::kAcceptAny)
      : authenticator(mode, toy.keys), service(toy, Front{authenticator, &gate}) {}

  http::Reply run(std::string form, const Credential& key = kLongTerm) {
    auto head = head_for();
    form += "&Version=2020-01-01";
    toy::sign_request(head, form, key);
    return toy::send(service, head, form);
  }
  // "403 Sender AccessDenied: Message"
  std::string error(std::string form) { return error_of(run(std::move(form))); }
  static std::string error_of(const http::Reply& reply) {
    const auto document = xml::Document::parse(text_of(reply));
    REQUIRE(document);
    const auto inner = document->root().child("Error");
    CHECK(reply.error_code == inner.child("Code").text());
    CHECK(document->root().child("RequestId").text().size() == 36);
    return std::to_string(reply.status) + " " + inner.child("Type").text() + " " +
           inner.child("Code").text() + ": " + inner.child("Message").text();
  }

  toy::Toy toy;
  toy::TestGate gate;
  Authenticator authenticator;
  toy::QueryToy service;
};

}  // namespace

TEST_CASE("Query service: an action answers with its result in XML") {
  World world;
  const http::Reply reply = world.run("Action=Greet&Name=Ada");
  CHECK(reply.status == 200);
  CHECK(reply.headers.get_or_empty("Content-Type") == "text/xml");
  const std::string id(reply.headers.get_or_empty("x-amzn-RequestId"));
  CHECK(text_of(reply) ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<GreetResponse xmlns=\"https://toy.example/doc/\">"
        "<GreetResult><Greeting>Hello, Ada</Greeting></GreetResult>"
        "<ResponseMetadata><RequestId>" +
            id + "</RequestId></ResponseMetadata></GreetResponse>");
  CHECK(reply.operation == "Greet");
}

TEST_CASE("Query service: lists and maps are read from their flattened names, in order") {
  World world;
  const std::string text =
      text_of(world.run("Action=Greet&Name=Ada&Friends.member.10=Tim&Friends.member.2=Bob%20B"
                        "&Words.entry.1.key=k&Words.entry.1.value=val&Words.entry.2.key=none"));
  CHECK(text.find("<Friend>Bob B</Friend><Friend>Tim</Friend><Word>k=val</Word></GreetResult>") !=
        std::string::npos);
}

TEST_CASE("Query service: a presigned or signed GET has its parameters in the URL") {
  World world;
  auto head = head_for("GET");
  head.query = http::Query::parse("Action=Greet&Name=Ada&Version=2020-01-01");
  toy::sign_request(head, "", kLongTerm);
  CHECK(toy::send(world.service, head, "").status == 200);
}

TEST_CASE("Query service: the front's refusals, each under its name") {
  World world;
  CHECK(world.error("Action=Greet&Name=A") ==
        "400 Sender ValidationError: 1 validation error detected: Value 'A' at 'name' failed to "
        "satisfy constraint: Member must have length greater than or equal to 2");
  CHECK(world.error("Action=Greet&Name=Ada&Times=4").find("less than or equal to 3") !=
        std::string::npos);
  CHECK(world.error("Action=Greet&Name=Ada&Times=x") ==
        "400 Sender MalformedInput: STRING_VALUE cannot be converted to Integer");
  CHECK(world.error("Action=Nothing") ==
        "400 Sender InvalidAction: Could not find operation Nothing for version 2020-01-01");
  CHECK(world.error("Name=Ada") ==
        "400 Sender MissingAction: The request must contain the parameter Action");
  CHECK(world.error("Action=Greet&Name=%zz").starts_with("400 Sender MalformedInput"));
  CHECK(world.error("Action=Greet&Name=%ff%ff").starts_with("400 Sender MalformedInput"));
  CHECK(world.error("Action=Part") ==
        "501 Receiver NotImplemented: The operation Part is not implemented");
  std::string deep = "Action=Greet&Name=Ada&a";
  for (int i = 0; i < 20; ++i) deep += ".a";
  CHECK(world.error(deep).starts_with("400 Sender MalformedInput"));
  world.toy.engine.broken = true;
  CHECK(world.error("Action=Greet&Name=Ada") == "500 Receiver InternalFailure: ");
}

TEST_CASE("Query service: a gate answers with any error of the catalogue, and only with those") {
  World world;
  world.gate.answer = {{"Throttling", "Injected."}};
  CHECK(world.error("Action=Greet") == "400 Sender Throttling: Injected.");
  CHECK(world.gate.seen.service == "toy");
  CHECK(world.gate.seen.operation == "Greet");
  CHECK(world.gate.seen.caller == "AKIAONE");
  CHECK(world.gate.seen.region == "eu-west-1");
  world.gate.answer = {{"SlowDown", ""}};
  CHECK(world.error("Action=Greet") == "500 Receiver InternalFailure: ");
  world.gate.answer = std::nullopt;
  CHECK(world.run("Action=Greet&Name=Ada").status == 200);
}

TEST_CASE("Query service: signatures are verified, and a row may let anyone in") {
  World world(Authenticator::Mode::kVerify);
  CHECK(world.error("Action=Who").starts_with("403 Sender InvalidClientTokenId"));
  world.toy.keys.add(kLongTerm);
  CHECK(text_of(world.run("Action=Who")).find("<Arn>arn:aws:iam::111122223333:root</Arn>") !=
        std::string::npos);
  Credential wrong = kLongTerm;
  wrong.secret_access_key = "another";
  CHECK(world.run("Action=Who", wrong).error_code == "SignatureDoesNotMatch");
  CHECK(World::error_of(toy::send(world.service, head_for(), "Action=Who&Version=2020-01-01"))
            .starts_with("403 Sender MissingAuthenticationToken"));
  CHECK(toy::send(world.service, head_for(), "Action=WhoEver&Version=2020-01-01").status == 200);
}
