// What a client of a service that is not here is told, in the protocol that it reads.
#include "protocol/aws/front/unserved.h"

#include "tests/catch.h"

using namespace bodega;

namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

http::RequestHead request(std::string method, std::string path, std::string_view scope,
                          http::Headers headers = {}) {
  http::RequestHead head;
  head.method = std::move(method);
  head.path = std::move(path);
  head.headers = std::move(headers);
  head.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/" +
                                        std::string(scope) + "/aws4_request, SignedHeaders=host");
  return head;
}

aws::UnservedServices& services() {
  static aws::UnservedServices all({"s3", "dynamodb", "kms", "sts"});
  return all;
}

std::string body_of(const http::Reply& reply) { return std::get<std::string>(reply.body); }

http::Reply answer(const http::RequestHead& head, std::string_view body = {}) {
  http::Reply reply = services().handle(head, body);
  CHECK(reply.status == 501);
  CHECK(reply.error_code == "NotImplemented");
  REQUIRE(reply.exchange != nullptr);
  return reply;
}

}  // namespace

TEST_CASE("unserved: a JSON service by its target") {
  const auto reply = answer(request(
      "POST", "/", "sqs",
      {{"X-Amz-Target", "AmazonSQS.CreateQueue"}, {"Content-Type", "application/x-amz-json-1.0"}}));
  CHECK(body_of(reply) ==
        R"({"__type":"NotImplemented","message":"Bodega has no SQS, so CreateQueue was not )"
        R"(carried out. It has s3, dynamodb, kms, sts."})");
  CHECK(reply.headers.get("content-type") == "application/x-amz-json-1.0");
  CHECK(reply.headers.get("x-amzn-errortype") == "NotImplemented");
  CHECK(reply.exchange->service == "sqs");
  CHECK(reply.exchange->missing == "CreateQueue");
}

TEST_CASE("unserved: a query service by its form, EC2 with its own document") {
  const http::Headers form{{"Content-Type", std::string(kForm) + "; charset=utf-8"}};
  auto reply = answer(request("POST", "/", "iam", form), "Action=ListUsers&Version=2010-05-08");
  CHECK(
      body_of(reply).find("<ErrorResponse><Error><Type>Receiver</Type>"
                          "<Code>NotImplemented</Code><Message>Bodega has no IAM, so ListUsers") !=
      std::string::npos);
  CHECK(reply.headers.get("content-type") == "text/xml");
  reply = answer(request("POST", "/", "ec2", form), "Action=DescribeVpcs&Version=2016-11-15");
  CHECK(body_of(reply).find("<Response><Errors><Error><Code>NotImplemented</Code>") !=
        std::string::npos);
  CHECK(reply.exchange->missing == "DescribeVpcs");
}

TEST_CASE("unserved: a REST service by method and the first two parts of the path") {
  auto reply = answer(request("GET", "/2015-03-31/functions/mine/configuration", "lambda"));
  CHECK(reply.exchange->missing == "GET /2015-03-31/functions");
  CHECK(
      body_of(reply).starts_with(R"({"__type":"NotImplemented","message":"Bodega has no Lambda)"));
  reply = answer(request("GET", "/2013-04-01/hostedzone", "route53"));
  CHECK(body_of(reply).find("<ErrorResponse><Error>") != std::string::npos);
  reply = answer(request("GET", "/v2/email/identities", "ses"));
  CHECK(body_of(reply).starts_with("{"));
}

TEST_CASE("unserved: RPC v2 CBOR by the path") {
  const auto reply =
      answer(request("POST", "/service/GraniteServiceVersion20100801/operation/ListMetrics",
                     "monitoring", {{"smithy-protocol", "rpc-v2-cbor"}}));
  CHECK(reply.exchange->missing == "ListMetrics");
  CHECK(reply.headers.get("smithy-protocol") == "rpc-v2-cbor");
  const std::string message = reply.exchange->error_message;
  REQUIRE(message.size() < 256);
  CHECK(body_of(reply) == std::string("\xa2\x66__type\x6eNotImplemented\x67message\x79") + '\0' +
                              static_cast<char>(message.size()) + message);
}

TEST_CASE("unserved: a target of no known service is named as it came, fit for a log") {
  http::RequestHead head;
  head.method = "POST";
  head.path = "/";
  head.headers.add("X-Amz-Target", "Odd_2026.\x01" + std::string(200, 'x'));
  const auto reply = answer(head);
  CHECK(reply.exchange->missing == "Odd_2026.?" + std::string(70, 'x'));
  CHECK(reply.exchange->service == "aws");
}

TEST_CASE("unserved: a body is read before the answer, and of a form only the beginning is kept") {
  aws::UnservedServices& service = services();
  auto head = request("POST", "/", "sns", {{"Content-Type", std::string(kForm)}});
  head.content_length = 200'000;
  auto begun = service.begin(std::move(head));
  auto& sink = *std::get<std::unique_ptr<http::BodySink>>(begun);
  CHECK(sink.write("Action=Publish&Message=") == http::BodySink::Flow::kMore);
  CHECK(sink.write(std::string(199'977, 'm')) == http::BodySink::Flow::kMore);
  const auto reply = sink.finish({});
  CHECK(reply.status == 501);
  CHECK(reply.exchange->missing == "Publish");
}

TEST_CASE("unserved: a body that is longer than any operation's is not read on") {
  aws::UnservedServices& service = services();
  auto head = request("POST", "/-/vaults/v/archives", "glacier");
  head.chunked = true;
  auto begun = service.begin(std::move(head));
  auto& sink = *std::get<std::unique_ptr<http::BodySink>>(begun);
  const std::string piece(1024 * 1024, 'x');
  auto flow = http::BodySink::Flow::kMore;
  std::size_t sent = 0;
  for (; sent < 80 && flow == http::BodySink::Flow::kMore; ++sent) flow = sink.write(piece);
  CHECK(flow == http::BodySink::Flow::kStop);
  CHECK(sent == 65);
}

TEST_CASE("unserved: a service that is not switched on is named as well") {
  auto reply = answer(request("PUT", "/bucket/key", "s3"));
  CHECK(reply.exchange->service == "s3");
  CHECK(reply.exchange->missing == "PUT");
  CHECK(body_of(reply).find("<Message>Bodega has no s3, so PUT was") != std::string::npos);
  reply = answer(request("POST", "/", "kms", {{"X-Amz-Target", "TrentService.CreateKey"}}));
  CHECK(reply.exchange->service == "kms");
  CHECK(reply.exchange->missing == "CreateKey");
  reply = answer(request("POST", "/", "sts", {{"Content-Type", std::string(kForm)}}),
                 "Action=GetCallerIdentity&Version=2011-06-15");
  CHECK(reply.exchange->missing == "GetCallerIdentity");
  CHECK(body_of(reply).find("<ErrorResponse>") != std::string::npos);
}
