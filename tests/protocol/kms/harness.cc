#include "tests/protocol/kms/harness.h"

namespace bodega::kms {

Answer Harness::send(std::string_view operation, const Json& body) {
  http::RequestHead head;
  head.method = "POST";
  head.path = "/";
  head.headers.add("Host", "localhost:4566");
  head.headers.add("Content-Type", "application/x-amz-json-1.1");
  head.headers.add("X-Amz-Target", "TrentService." + std::string(operation));
  head.headers.add("X-Amz-Date", "20260102T030405Z");
  head.headers.add("Authorization",
                   "AWS4-HMAC-SHA256 Credential=" + account + "/20260102/" + region +
                       "/kms/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, "
                       "Signature=0123456789abcdef");
  const http::Reply reply = service.handle(head, body.dump());
  return {reply.status, Json::parse(std::get<std::string>(reply.body))};
}

Answer Harness::run(std::string_view operation, const Json& body) {
  Answer answer = send(operation, body);
  INFO(operation << " " << answer.body.dump());
  REQUIRE(answer.status == 200);
  return answer;
}

std::string Harness::error(std::string_view operation, const Json& body) {
  const Answer answer = send(operation, body);
  if (answer.status == 200) return "(none)";
  INFO(answer.body.dump());
  CHECK(answer.status == 400);
  const std::string message =
      answer.body.value("message", answer.body.value("Message", std::string()));
  const std::string name = answer.text("__type");
  return message.empty() ? name : name + ": " + message;
}

std::string Harness::create(const Json& parameters) {
  return run("CreateKey", parameters)["KeyMetadata"].at("KeyId").get<std::string>();
}

}  // namespace bodega::kms
