// The health checks of the servers that Bodega stands in for.
#include "server/control/peer_health.h"

#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

http::RequestHead get(std::string path, std::uint16_t local_port = 9000) {
  http::RequestHead head;
  head.method = "GET";
  head.path = std::move(path);
  head.local_port = local_port;
  head.headers.add("Host", "localhost");
  return head;
}

struct Peers {
  int status(const std::string& path) {
    REQUIRE(service.claims(get(path)));
    return std::get<http::Reply>(service.begin(get(path))).status;
  }

  std::optional<std::string> fault;
  PeerHealth service{[this] { return fault; },
                     [](std::string_view host) { return host.starts_with("bucket."); }};
};

}  // namespace

TEST_CASE("PeerHealth: MinIO's paths answer without a body") {
  Peers peers;
  for (const std::string path : {"live", "ready", "cluster", "cluster/read"}) {
    INFO(path);
    CHECK(peers.status("/minio/health/" + path) == 200);
  }
  const auto reply = std::get<http::Reply>(peers.service.begin(get("/minio/health/live")));
  CHECK(std::get<std::string>(reply.body).empty());
  auto head = get("/minio/health/live");
  head.method = "HEAD";
  CHECK(peers.service.claims(head));
}

TEST_CASE("PeerHealth: while writes are refused, it is not ready, and lives and reads") {
  Peers peers;
  peers.fault = "the disk is full";
  CHECK(peers.status("/minio/health/ready") == 503);
  CHECK(peers.status("/minio/health/cluster") == 503);
  CHECK(peers.status("/minio/health/live") == 200);
  CHECK(peers.status("/minio/health/cluster/read") == 200);
}

TEST_CASE("PeerHealth: a bucket called minio keeps its objects") {
  const Peers peers;
  CHECK_FALSE(peers.service.claims(get("/minio/health/other")));
  CHECK_FALSE(peers.service.claims(get("/minio/health/")));
  CHECK_FALSE(peers.service.claims(get("/minio/health")));
  auto head = get("/minio/health/live");
  head.method = "PUT";
  CHECK_FALSE(peers.service.claims(head));
  head = get("/minio/health/live");
  head.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=…");
  CHECK_FALSE(peers.service.claims(head));
  head = get("/minio/health/live");
  head.has_query_mark = true;
  CHECK_FALSE(peers.service.claims(head));
  head = get("/minio/health/live");
  head.headers.set("Host", "bucket.localhost");
  CHECK_FALSE(peers.service.claims(head));
}

TEST_CASE("PeerHealth: the root answers as DynamoDB Local's, on its port alone") {
  Peers peers;
  CHECK_FALSE(peers.service.claims(get("/", 4566)));
  REQUIRE(peers.service.claims(get("/", 8000)));
  const auto reply = std::get<http::Reply>(peers.service.begin(get("/", 8000)));
  CHECK(reply.status == 400);
  CHECK(std::get<std::string>(reply.body) ==
        R"({"__type":"com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken",)"
        R"("Message":"Request must contain either a valid (registered) AWS access key ID or )"
        R"(X.509 certificate."})");
  auto listing = get("/", 8000);
  listing.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=…");
  CHECK_FALSE(peers.service.claims(listing));
  auto target = get("/", 8000);
  target.method = "POST";
  CHECK_FALSE(peers.service.claims(target));
}
