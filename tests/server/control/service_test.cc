// The control API: what it claims, and who may see what while signatures are verified.
#include "server/control/service.h"

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

using Mode = aws::Authenticator::Mode;
using Reach = ControlAccess::Reach;

const aws::KeyRing& known_keys() {
  static const aws::KeyRing kKeys({{"AKIAONE", "secret-one", "", "111111111111"}});
  return kKeys;
}

struct Control {
  Control(Mode mode, Reach reach)
      : authenticator(mode, known_keys()),
        service({"s3"}, metrics,
                {authenticator, clock, reach,
                 [](std::string_view host) { return host.starts_with("bucket."); }},
                [this] { return fault; }) {}

  int status(http::RequestHead head) {
    return std::get<http::Reply>(service.begin(std::move(head))).status;
  }

  base::ManualClock clock;
  Metrics metrics;
  std::optional<std::string> fault;
  aws::Authenticator authenticator;
  ControlService service;
};

http::RequestHead get(std::string path, std::string peer = "10.0.0.9:1234") {
  http::RequestHead head;
  head.method = "GET";
  head.path = std::move(path);
  head.peer = std::move(peer);
  head.headers.add("Host", "localhost:4566");
  return head;
}

http::RequestHead signed_get(std::string path, const std::string& secret,
                             const std::string& service) {
  http::RequestHead head = get(std::move(path));
  head.headers.add("X-Amz-Date", "20260102T030405Z");
  aws::Signature claim;
  claim.access_key_id = "AKIAONE";
  claim.scope_date = "20260102";
  claim.region = "us-east-1";
  claim.service = service;
  claim.timestamp = "20260102T030405Z";
  claim.signed_headers = {"host", "x-amz-date"};
  const std::string hash = base::to_hex(base::sha256(""));
  head.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAONE/" + claim.scope() +
                                        ", SignedHeaders=host;x-amz-date, Signature=" +
                                        aws::sign(head, claim, hash, aws::PathRule::kS3, secret));
  return head;
}

}  // namespace

TEST_CASE("control: health, LocalStack's health, metrics") {
  Control control(Mode::kAcceptAny, Reach::kThisMachine);
  const auto ask = [&control](std::string method, std::string path) {
    http::RequestHead head = get(std::move(path));
    head.method = std::move(method);
    REQUIRE(control.service.claims(head));
    return std::get<http::Reply>(control.service.begin(std::move(head)));
  };
  CHECK(std::get<std::string>(ask("GET", "/_localstack/health").body) ==
        "{\"services\": {\"s3\": \"running\"}, \"edition\": \"community\", "
        "\"version\": \"" BODEGA_VERSION "\"}\n");
  CHECK(ask("HEAD", "/_bodega/health").status == 200);
  CHECK(ask("POST", "/_bodega/health").status == 405);
  CHECK(ask("GET", "/_bodega/nothing").status == 404);
  CHECK(ask("GET", "/_bodega/metrics").headers.get("content-type") ==
        "text/plain; version=0.0.4; charset=utf-8");
  CHECK_FALSE(control.service.claims(get("/_bodegas/health")));
}

TEST_CASE("control: paths under a bucket's host are keys of the bucket") {
  Control control(Mode::kAcceptAny, Reach::kThisMachine);
  auto head = get("/_bodega/metrics");
  CHECK(control.service.claims(head));
  head.headers.set("Host", "bucket.localhost:4566");
  CHECK_FALSE(control.service.claims(head));
  head.path = "/_localstack/health";
  CHECK_FALSE(control.service.claims(head));
}

TEST_CASE("control: all is open where nobody verifies") {
  Control control(Mode::kAcceptAny, Reach::kNetwork);
  CHECK(control.status(get("/_bodega/health")) == 200);
  CHECK(control.status(get("/_bodega/metrics")) == 200);
}

TEST_CASE("control: with verification only health is for everybody") {
  Control control(Mode::kVerify, Reach::kNetwork);
  CHECK(control.status(get("/_bodega/health")) == 200);
  CHECK(control.status(get("/_localstack/health")) == 200);
  for (const char* path : {"/_bodega/metrics", "/_bodega/other", "/_bodega", "/_localstack/info"}) {
    INFO(path);
    CHECK(control.status(get(path)) == 403);
    CHECK(control.status(get(path, "127.0.0.1:1234")) == 403);  // a proxy of this machine, maybe
  }
}

TEST_CASE("control: a signature of any service's scope is let in, a wrong one is not") {
  Control control(Mode::kVerify, Reach::kNetwork);
  CHECK(control.status(signed_get("/_bodega/metrics", "secret-one", "s3")) == 200);
  CHECK(control.status(signed_get("/_bodega/metrics", "secret-one", "dynamodb")) == 200);
  CHECK(control.status(signed_get("/_bodega/metrics", "guess", "s3")) == 403);
  CHECK(control.status(signed_get("/_bodega/other", "secret-one", "s3")) == 404);
  auto changed = signed_get("/_bodega/other", "secret-one", "s3");
  changed.path = "/_bodega/metrics";
  CHECK(control.status(changed) == 403);
  auto other_body = signed_get("/_bodega/metrics", "secret-one", "s3");
  other_body.headers.add("X-Amz-Content-Sha256", std::string(64, '0'));
  CHECK(control.status(other_body) == 403);
  control.clock.advance_us(std::int64_t{16} * 60 * 1'000'000);
  CHECK(control.status(signed_get("/_bodega/metrics", "secret-one", "s3")) == 403);
}

TEST_CASE("control: a listener that only this machine reaches needs no signature of it") {
  Control control(Mode::kVerify, Reach::kThisMachine);
  CHECK(control.status(get("/_bodega/metrics", "127.0.0.1:1234")) == 200);
  CHECK(control.status(get("/_bodega/metrics", "[::1]:1234")) == 200);
  CHECK(control.status(get("/_bodega/metrics", "10.0.0.9:1234")) == 403);
  auto forwarded = get("/_bodega/metrics", "127.0.0.1:1234");
  forwarded.headers.add("X-Forwarded-For", "10.0.0.9");
  CHECK(control.status(forwarded) == 403);
}

TEST_CASE("control: a page's request is refused in words") {
  Control control(Mode::kAcceptAny, Reach::kThisMachine);
  CHECK(control.service.exposure() == http::Exposure::kNothing);
  const auto reply = control.service.refuse(get("/_bodega/metrics"), "Because.");
  CHECK(reply.status == 403);
  CHECK(std::get<std::string>(reply.body) == "Because.\n");
}

TEST_CASE("control: health says what keeps the stores from taking writes, with 503") {
  Control control(Mode::kAcceptAny, Reach::kThisMachine);
  control.fault = "the disk of \"/data\" is full";
  const auto reply = std::get<http::Reply>(control.service.begin(get("/_bodega/health")));
  CHECK(reply.status == 503);
  CHECK(std::get<std::string>(reply.body) ==
        "{\"status\": \"fault\", \"fault\": \"the disk of \\\"/data\\\" is full\", "
        "\"services\": {\"s3\": \"error\"}, \"version\": \"" BODEGA_VERSION "\"}\n");
  CHECK(control.status(get("/_localstack/health")) == 503);
  control.fault.reset();
  CHECK(control.status(get("/_bodega/health")) == 200);
}
