#include "protocol/aws/front/recognise.h"

#include <array>

#include "protocol/aws/front/other_services.h"
#include "tests/catch.h"

using namespace bodega;
using aws::ServiceRow;

namespace {

constexpr std::array<std::string_view, 1> kTableHosts{"tables."};
constexpr std::array<std::string_view, 1> kTableTargets{"Tables_2020."};
constexpr std::array<std::string_view, 1> kKeyTargets{"Keys."};
constexpr std::array<std::string_view, 1> kTokenHosts{"tokens."};

constexpr std::array kRows{
    ServiceRow{.service = "tables",
               .scope = "tables",
               .hosts = kTableHosts,
               .targets = kTableTargets,
               .media_type = "application/x-amz-json-1.0"},
    ServiceRow{.service = "keys", .scope = "keys", .targets = kKeyTargets},
    ServiceRow{.service = "users", .scope = "users", .version = "2020-05-08"},
    ServiceRow{.service = "tokens",
               .scope = "tokens",
               .hosts = kTokenHosts,
               .version = "2011-06-15",
               .forms = ServiceRow::Forms::kUnnamed},
};

std::string_view service_of(std::string method, std::string path, http::Headers headers,
                            std::string_view query = {}) {
  http::RequestHead head;
  head.method = std::move(method);
  head.path = std::move(path);
  head.headers = std::move(headers);
  head.query = http::Query::parse(query);
  if (!head.headers.has("host")) head.headers.add("Host", "localhost:4566");
  return aws::recognise(head, kRows);
}

http::Header scope(std::string_view service) {
  return {"Authorization", "AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/" +
                               std::string(service) + "/aws4_request, SignedHeaders=host"};
}

}  // namespace

TEST_CASE("recognise: the target's prefix counts first, and an unknown one is no service's here") {
  CHECK(service_of("POST", "/", {{"X-Amz-Target", "Keys.Encrypt"}, scope("tables")}) == "keys");
  CHECK(service_of("POST", "/", {{"x-amz-target", "Tables_2020.Get"}}) == "tables");
  CHECK(service_of("POST", "/", {{"X-Amz-Target", "Others.Get"}, scope("tables")}) ==
        aws::kUnservedServices);
}

TEST_CASE("recognise: the service in the signature's scope") {
  CHECK(service_of("POST", "/", {scope("tokens")}) == "tokens");
  CHECK(service_of("GET", "/bucket/key", {scope("keys")}) == "keys");
  CHECK(service_of("GET", "/bucket/key", {scope("s3")}) == "s3");
  CHECK(service_of("GET", "/bucket/key", {{"Authorization", "/aws4_request"}}) == "s3");
  CHECK(service_of("GET", "/", {},
                   "X-Amz-Credential=A%2F20260102%2Fus-east-1%2Ftokens%2Faws4_request") ==
        "tokens");
}

TEST_CASE("recognise: host, version, form and media type, where no bucket is named") {
  CHECK(service_of("GET", "/", {{"Host", "tables.eu-west-1.amazonaws.com"}}) == "tables");
  CHECK(service_of("GET", "/key", {{"Host", "tables.eu-west-1.amazonaws.com"}}) == "s3");
  CHECK(service_of("GET", "/", {}, "Action=ListUsers&Version=2020-05-08") == "users");
  CHECK(service_of("GET", "/", {}, "Version=2020-05-08") == "s3");
  CHECK(service_of("GET", "/", {}, "Action=ListUsers&Version=") == "s3");
  CHECK(service_of("GET", "/b", {}, "Action=ListUsers&Version=2020-05-08") == "s3");
  CHECK(service_of("POST", "/",
                   {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}) ==
        "tokens");
  CHECK(service_of("POST", "/", {{"Content-Type", "application/x-amz-json-1.0"}}) == "tables");
  CHECK(service_of("POST", "/", {{"Content-Type", "text/plain"}}) == "s3");
  CHECK(service_of("POST", "/", {}) == "s3");
}

TEST_CASE("recognise: a browser that asks whether it may send a target") {
  CHECK(service_of("OPTIONS", "/", {{"Access-Control-Request-Headers", "A,X-Amz-Target"}}) ==
        "tables");
  CHECK(service_of("OPTIONS", "/", {{"Access-Control-Request-Headers", "content-type"}}) == "s3");
}

TEST_CASE("recognise: what nothing tells is S3's") {
  CHECK(service_of("GET", "/", {}) == "s3");
  CHECK(service_of("PUT", "/bucket/key", {}) == "s3");
}

TEST_CASE("recognise: a service that is not here is named by scope, presigned scope or Version") {
  CHECK(service_of("POST", "/", {scope("sqs")}) == aws::kUnservedServices);
  CHECK(service_of("GET", "/2015-03-31/functions", {scope("lambda")}) == aws::kUnservedServices);
  CHECK(service_of("POST", "/",
                   {scope("iam"), {"Content-Type", "application/x-www-form-urlencoded"}}) ==
        aws::kUnservedServices);
  CHECK(service_of("GET", "/b/k", {},
                   "X-Amz-Credential=A%2F20260102%2Fus-east-1%2Fpolly%2Faws4_request") ==
        aws::kUnservedServices);
  CHECK(service_of("GET", "/000000000000/queue", {}, "Action=ReceiveMessage&Version=2012-11-05") ==
        aws::kUnservedServices);
  CHECK(service_of("GET", "/b", {}, "Action=ReceiveMessage&Version=1999-01-01") == "s3");
}

TEST_CASE("recognise: a scope that no service has is S3's") {
  CHECK(service_of("PUT", "/b/k", {scope("garage")}) == "s3");
  CHECK(service_of("PUT", "/b/k", {scope("s3express")}) == "s3");
}

TEST_CASE("recognise: S3 Control is told from a bucket of its path's name by its header") {
  CHECK(service_of("GET", "/v20180820/tags/arn", {scope("s3")}) == "s3");
  CHECK(service_of("GET", "/v20180820/tags/arn",
                   {scope("s3"), {"x-amz-account-id", "000000000000"}}) == aws::kUnservedServices);
}

TEST_CASE("recognise: no service is both here and not here") {
  for (const ServiceRow& row : aws::service_rows()) {
    INFO(row.service);
    for (const aws::OtherService& other : aws::other_services()) {
      CHECK(other.scope != row.scope);
      if (!row.version.empty()) CHECK(other.version != row.version);
    }
  }
}
