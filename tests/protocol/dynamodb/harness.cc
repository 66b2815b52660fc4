#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

Answer to_answer(const http::Reply& reply) {
  Answer answer;
  answer.status = reply.status;
  answer.headers = reply.headers;
  answer.text = std::get<std::string>(reply.body);
  answer.body = Json::parse(answer.text, nullptr, false);
  if (answer.body.is_discarded()) answer.body = nullptr;
  return answer;
}

}  // namespace

std::string Answer::error() const {
  if (!body.is_object() || !body.contains("__type")) return "";
  const std::string type = body["__type"];
  return type.substr(type.find('#') + 1);
}

std::string Answer::message() const {
  if (!body.is_object()) return "";
  return body.value("message", body.value("Message", std::string()));
}

Harness::Harness()
    : store(kv::make_memory_store(kv::Database::kShared)),
      engine(std::make_unique<table::Engine>(*store, clock)),
      selector(std::make_unique<base::SingleSelector<table::Engine>>(*engine, clock)),
      authenticator(aws::Authenticator::Mode::kAcceptAny, keys),
      service(std::make_unique<Service>(*selector, aws::Front{authenticator})) {}

http::RequestHead Harness::head(std::string_view target) const {
  http::RequestHead head;
  head.method = "POST";
  head.path = "/";
  head.headers.add("Host", "localhost:4566");
  head.headers.add("Content-Type", "application/x-amz-json-1.0");
  head.headers.add("X-Amz-Target", std::string(target));
  head.headers.add("X-Amz-Date", "20260102T030405Z");
  head.headers.add("Authorization",
                   "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/dynamodb/aws4_request, "
                   "SignedHeaders=host;x-amz-date;x-amz-target, Signature=0123456789abcdef");
  return head;
}

Answer Harness::send(http::RequestHead head, std::string_view body) {
  head.content_length = body.size();
  auto begun = service->begin(std::move(head));
  if (auto* reply = std::get_if<http::Reply>(&begun)) return to_answer(*reply);
  auto& sink = std::get<std::unique_ptr<http::BodySink>>(begun);
  sink->write(body);
  return to_answer(sink->finish({}));
}

Answer Harness::run_text(std::string_view operation, std::string_view body) {
  return send(head("DynamoDB_20120810." + std::string(operation)), body);
}

std::string Harness::invalid(std::string_view operation, const Json& body) {
  const Answer answer = run(operation, body);
  if (answer.error() == "ValidationException" && answer.status == 400) return answer.message();
  return std::to_string(answer.status) + " " + answer.error() + ": " + answer.message() + " " +
         answer.text;
}

void Harness::create_hash_table(const std::string& name, const std::string& type) {
  const Answer answer =
      run("CreateTable",
          {{"TableName", name},
           {"BillingMode", "PAY_PER_REQUEST"},
           {"AttributeDefinitions", {{{"AttributeName", "pk"}, {"AttributeType", type}}}},
           {"KeySchema", {{{"AttributeName", "pk"}, {"KeyType", "HASH"}}}}});
  if (!answer.ok()) throw std::runtime_error(answer.text);
}

void Harness::create_range_table(const std::string& name, const std::string& type) {
  const Answer answer = run("CreateTable", {{"TableName", name},
                                            {"BillingMode", "PAY_PER_REQUEST"},
                                            {"AttributeDefinitions",
                                             {{{"AttributeName", "pk"}, {"AttributeType", "S"}},
                                              {{"AttributeName", "sk"}, {"AttributeType", type}}}},
                                            {"KeySchema",
                                             {{{"AttributeName", "pk"}, {"KeyType", "HASH"}},
                                              {{"AttributeName", "sk"}, {"KeyType", "RANGE"}}}}});
  if (!answer.ok()) throw std::runtime_error(answer.text);
}

void Harness::put(const std::string& table, const Json& item) {
  const Answer answer = run("PutItem", {{"TableName", table}, {"Item", item}});
  if (!answer.ok()) throw std::runtime_error(answer.text);
}

Json Harness::get(const std::string& table, const Json& key) {
  const Answer answer =
      run("GetItem", {{"TableName", table}, {"Key", key}, {"ConsistentRead", true}});
  if (!answer.ok()) throw std::runtime_error(answer.text);
  return answer.has("Item") ? answer["Item"] : Json();
}

Json S(std::string text) { return {{"S", std::move(text)}}; }
Json N(std::string text) { return {{"N", std::move(text)}}; }
Json pk(const std::string& text) { return {{"pk", S(text)}}; }
Json pk_sk(const std::string& hash, const std::string& range) {
  return {{"pk", S(hash)}, {"sk", S(range)}};
}

}  // namespace bodega::dynamodb
