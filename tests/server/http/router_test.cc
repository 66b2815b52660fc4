// The front: whose request it is, and what a web page of elsewhere gets instead.
#include "server/http/router.h"

#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

class Stub : public http::Service {
 public:
  Stub(std::string path, http::Exposure exposure) : path_(std::move(path)), exposure_(exposure) {}

  std::string_view name() const override { return "stub"; }
  http::Exposure exposure() const override { return exposure_; }
  bool claims(const http::RequestHead& head) const override { return head.path == path_; }
  http::Begun begin(http::RequestHead head) override {
    ++begun;
    http::Reply reply;
    reply.body = head.readable_by;
    return reply;
  }

  int begun = 0;

 private:
  std::string path_;
  http::Exposure exposure_;
};

struct Front {
  Front() { router.route_to({&closed, &reads, &is_signed}); }

  http::Reply run(std::string method, std::string path, http::Headers headers) {
    http::RequestHead head;
    head.method = std::move(method);
    head.path = std::move(path);
    head.headers = std::move(headers);
    head.headers.add("Host", "localhost:4566");
    return std::get<http::Reply>(router.begin(std::move(head)));
  }

  Stub closed{"/closed", http::Exposure::kNothing};
  Stub reads{"/reads", http::Exposure::kReads};
  Stub is_signed{"/signed", http::Exposure::kSigned};
  Router router{http::BrowserGuard({{"https://app.example"}, {}})};
};

}  // namespace

TEST_CASE("router: a foreign page's request never begins where the service is not exposed") {
  Front front;
  const http::Headers evil{{"Origin", "http://evil.example"}};
  CHECK(front.run("POST", "/closed", evil).status == 403);
  CHECK(front.run("GET", "/closed", evil).status == 403);
  CHECK(front.closed.begun == 0);
  CHECK(front.run("PUT", "/reads", evil).status == 403);
  CHECK(front.reads.begun == 0);
  CHECK(front.run("GET", "/reads", evil).status == 200);
  CHECK(front.reads.begun == 1);
  CHECK(front.run("PUT", "/signed", evil).status == 200);
  CHECK(front.run("POST", "/closed", {}).status == 200);
  CHECK(std::get<std::string>(front.run("POST", "/closed", evil).body).find("--cors-origins") !=
        std::string::npos);
}

TEST_CASE(
    "router: the service is told which origin may read, and what a client claims is nothing") {
  Front front;
  const auto readable_by = [&](const char* origin) {
    return std::get<std::string>(front.run("GET", "/reads", {{"Origin", origin}}).body);
  };
  CHECK(readable_by("https://app.example") == "https://app.example");
  CHECK(readable_by("http://localhost:3000") == "http://localhost:3000");
  CHECK(readable_by("http://evil.example").empty());
}

TEST_CASE("router: what nobody claims is not implemented") {
  Front front;
  CHECK(front.run("GET", "/other", {}).status == 501);
}

TEST_CASE("router: pages with ever new names are refused as well") {
  Front front;
  for (std::size_t i = 0; i < 3 * Router::kMaxStrangers; ++i) {
    const std::string origin = "http://evil" + std::to_string(i) + ".example";
    CHECK(front.run("POST", "/closed", {{"Origin", origin}}).status == 403);
  }
  CHECK(front.closed.begun == 0);
}
