// A service of two operations and a clock, as JSON and as a query service: what tests of the front
// run.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/bytes.h"
#include "engines/base/clock.h"
#include "engines/base/digest.h"
#include "engines/base/fault.h"
#include "protocol/aws/front/json_service.h"
#include "protocol/aws/front/query_service.h"

namespace bodega::aws::toy {

struct Engine {
  std::string greeting = "Hello";
  bool broken = false;
};

struct Request {
  json::Node input;
  const Caller& caller;
  Engine& engine;
};

using Type = Shape::Type;
inline constinit const Shape kName{.type = Type::kString, .min_length = 2, .max_length = 10};
inline constinit const Shape kTimes{.type = Type::kInteger, .min_value = 1, .max_value = 3};
inline constinit const Shape kNames{.type = Type::kList, .element = &kName};
inline constinit const Shape kWords{.type = Type::kMap, .element = &kName};
inline constinit const Member kGreetMembers[] = {{"Name", &kName, Presence::kNotNull},
                                                 {"Times", &kTimes},
                                                 {"Friends", &kNames},
                                                 {"Words", &kWords}};
inline constinit const Shape kGreetInput{
    .type = Type::kStructure, .name = "GreetRequest", .members = kGreetMembers};
inline constinit const Shape kNoInput{.type = Type::kStructure, .name = "WhoRequest"};

inline constexpr std::array<ErrorRow, 11> kJsonErrors{{{"AccessDeniedException"},
                                                       {"ExpiredTokenException"},
                                                       {"IncompleteSignatureException"},
                                                       {"InternalFailure", 500},
                                                       {"InvalidSignatureException"},
                                                       {"MissingAuthenticationTokenException"},
                                                       {"NotImplementedException", 501},
                                                       {"SerializationException"},
                                                       {"UnknownOperationException"},
                                                       {"UnrecognizedClientException"},
                                                       {"ValidationException"}}};
inline constexpr std::array<ErrorRow, 13> kQueryErrors{{{"AccessDenied", 403},
                                                        {"ExpiredToken", 403},
                                                        {"IncompleteSignature"},
                                                        {"InternalFailure", 500},
                                                        {"InvalidAction"},
                                                        {"InvalidClientTokenId", 403},
                                                        {"MalformedInput"},
                                                        {"MissingAction"},
                                                        {"MissingAuthenticationToken", 403},
                                                        {"NotImplemented", 501},
                                                        {"SignatureDoesNotMatch", 403},
                                                        {"Throttling"},
                                                        {"ValidationError"}}};

inline const JsonProfile kJsonProfile{
    {.service = "toy",
     .catalogue = Catalogue(kJsonErrors),
     .model = {"com.amazonaws.toy.", &kJsonErrors[7], &kJsonErrors[10]},
     .max_body_bytes = 1000},
    "application/x-amz-json-1.1"};
inline const QueryProfile kQueryProfile{
    {.service = "toy",
     .catalogue = Catalogue(kQueryErrors),
     .model = {"com.amazonaws.toy.", &kQueryErrors[6], &kQueryErrors[12]},
     .max_body_bytes = 1000},
    "2020-01-01",
    "https://toy.example/doc/"};

// What both have to say to a Greet.
inline std::string greet(const Request& request) {
  if (request.engine.broken) throw base::StorageFault("rocksdb: the disk is on fire");
  return request.engine.greeting + ", " + std::string(request.input.find("Name").text());
}

// The world of the tests.
struct Toy {
  Engine engine;
  base::ManualClock clock;
  KeyRing keys;

  base::Pinned<void> pin() {
    return {std::shared_ptr<void>(std::shared_ptr<void>(), &engine), &clock, nullptr};
  }
  Request request(const ServiceRequest& from) {
    return {from.input, from.caller, *static_cast<Engine*>(from.world.engine.get())};
  }
};

// Fails what it is told to fail.
class TestGate : public observe::Gate {
 public:
  std::optional<observe::GateAnswer> before(const observe::Exchange& exchange) override {
    seen = exchange;
    return answer;
  }
  std::optional<observe::GateAnswer> answer;
  observe::Exchange seen;
};

// ---- The JSON service ----

struct JsonOperation : OperationRow {
  std::string (*run)(const Request&) = nullptr;
};

inline std::string greet_json(const Request& request) {
  std::string out;
  json::Object(out).string("Greeting", greet(request));
  return out;
}

inline std::string who_json(const Request& request) {
  std::string out;
  json::Object reply(out);
  reply.string("Arn", request.caller.principal_arn());
  reply.string("Region", request.caller.region);
  reply.close();
  return out;
}

inline constexpr std::array<JsonOperation, 5> kJsonOperations{
    {{{"Greet", &kGreetInput}, greet_json},
     {{.name = "Ponder", .input = &kGreetInput, .cost = OperationRow::Cost::kLarge}, greet_json},
     {{"Who", &kNoInput}, who_json},
     {{"WhoEver", &kNoInput, OperationRow::Access::kAnyone}, who_json},
     {{"Part"}}}};

class JsonToy final : public JsonService {
 public:
  JsonToy(Toy& toy, const Front& front) : JsonService(front, kJsonProfile), toy_(toy) {}

  const OperationRow* find_operation(std::string_view target) const override {
    for (const JsonOperation& row : kJsonOperations) {
      if (target == "Toy." + std::string(row.name)) return &row;
    }
    return nullptr;
  }
  base::Pinned<void> pin(std::string_view) override { return toy_.pin(); }
  std::string run(const OperationRow& row, const ServiceRequest& request) override {
    return static_cast<const JsonOperation&>(row).run(toy_.request(request));
  }

 private:
  Toy& toy_;
};

// ---- The query service ----

struct QueryOperation : OperationRow {
  void (*run)(const Request&, xml::Writer&) = nullptr;
};

inline void greet_query(const Request& request, xml::Writer& out) {
  out.element("Greeting", greet(request));
  for (json::Node name = request.input.find("Friends").first(); name.exists(); name = name.next()) {
    out.element("Friend", name.text());
  }
  for (json::Node key = request.input.find("Words").first(); key.exists();) {
    const json::Node value = key.next();
    out.element("Word", std::string(key.text()) + "=" + std::string(value.text()));
    key = value.next();
  }
}

inline void who_query(const Request& request, xml::Writer& out) {
  out.element("Arn", request.caller.principal_arn());
}

inline constexpr std::array<QueryOperation, 4> kQueryOperations{
    {{{"Greet", &kGreetInput}, greet_query},
     {{"Who", &kNoInput}, who_query},
     {{"WhoEver", &kNoInput, OperationRow::Access::kAnyone}, who_query},
     {{"Part"}}}};

class QueryToy final : public QueryService {
 public:
  QueryToy(Toy& toy, const Front& front) : QueryService(front, kQueryProfile), toy_(toy) {}

  const OperationRow* find_operation(std::string_view action) const override {
    for (const QueryOperation& row : kQueryOperations) {
      if (action == row.name) return &row;
    }
    return nullptr;
  }
  base::Pinned<void> pin(std::string_view) override { return toy_.pin(); }
  void run(const OperationRow& row, const ServiceRequest& request, xml::Writer& out) override {
    static_cast<const QueryOperation&>(row).run(toy_.request(request), out);
  }

 private:
  Toy& toy_;
};

// ---- Requests ----

inline http::Reply send(http::Service& service, http::RequestHead head, std::string_view body) {
  head.content_length = body.size();
  auto begun = service.begin(std::move(head));
  if (auto* reply = std::get_if<http::Reply>(&begun)) return std::move(*reply);
  auto& sink = std::get<std::unique_ptr<http::BodySink>>(begun);
  sink->write(body);
  return sink->finish({});
}

inline const std::string& text_of(const http::Reply& reply) {
  return std::get<std::string>(reply.body);
}

// Signs with SigV4; `timestamp` as X-Amz-Date has it.
inline void sign_request(http::RequestHead& head, std::string_view body, const Credential& key,
                         std::string_view timestamp = "20260102T030405Z") {
  head.headers.set("X-Amz-Date", std::string(timestamp));
  Signature claim;
  claim.access_key_id = key.access_key_id;
  claim.scope_date = timestamp.substr(0, 8);
  claim.region = "eu-west-1";
  claim.service = "toy";
  claim.timestamp = timestamp;
  claim.signed_headers = {"host", "x-amz-date"};
  std::string names = "host;x-amz-date";
  if (!key.session_token.empty()) {
    head.headers.set("X-Amz-Security-Token", key.session_token);
    claim.signed_headers.emplace_back("x-amz-security-token");
    names += ";x-amz-security-token";
  }
  if (head.headers.has("x-amz-target")) {
    claim.signed_headers.emplace_back("x-amz-target");
    names += ";x-amz-target";
  }
  const std::string signature = sign(head, claim, base::to_hex(base::sha256(body)),
                                     PathRule::kNormalised, key.secret_access_key);
  head.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=" + claim.access_key_id + "/" +
                                        claim.scope() + ", SignedHeaders=" + names +
                                        ", Signature=" + signature);
}

}  // namespace bodega::aws::toy
