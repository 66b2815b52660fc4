// The page for a person: its text, its headers, and who is sent to it.
#include "server/control/page.h"

#include <fstream>
#include <iterator>

#include "server/control/service.h"
#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

http::RequestHead get(std::string path) {
  http::RequestHead head;
  head.method = "GET";
  head.path = std::move(path);
  head.headers.add("Host", "localhost:4566");
  return head;
}

// What Chromium sends when a person types an address.
http::RequestHead visit(std::string path) {
  http::RequestHead head = get(std::move(path));
  head.headers.add("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36");
  head.headers.add("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
  return head;
}

struct Control {
  base::ManualClock clock;
  Metrics metrics;
  aws::KeyRing keys{{}};
  aws::Authenticator authenticator{aws::Authenticator::Mode::kAcceptAny, keys};
  ControlService service{{"s3"},
                         metrics,
                         {authenticator, clock, ControlAccess::Reach::kThisMachine,
                          [](std::string_view host) { return host.starts_with("bucket."); }},
                         [] { return std::nullopt; }};
};

}  // namespace

TEST_CASE("Page: it is the file beside its source, under a policy that allows nothing else") {
  const http::Reply reply = page(get("/_bodega/"));
  CHECK(reply.status == 200);
  CHECK(reply.headers.get("content-type") == "text/html; charset=utf-8");
  std::ifstream file("server/control/page.html");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(!text.empty());
  CHECK(std::get<std::string>(reply.body) == text);
  CHECK(reply.headers.get("content-security-policy") == page_policy(text));
  CHECK(reply.headers.get("x-frame-options") == "DENY");
  CHECK(reply.headers.get("x-content-type-options") == "nosniff");
}

TEST_CASE("Page: its policy names the hashes of the style and of the script") {
  const std::string policy = page_policy("<style>a</style><p>b</p><script>\nabc</script>");
  CHECK(policy.starts_with("default-src 'none'; "));
  CHECK(policy.find("style-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='") !=
        std::string::npos);
  CHECK(policy.find("script-src 'sha256-8505v8mSh7hIeA1BEOtmPw58NErkH0ajkMQTW4ncJ1Y='") !=
        std::string::npos);
}

TEST_CASE("Page: it is read and nothing else") {
  http::RequestHead post = get("/_bodega/");
  post.method = "POST";
  CHECK(page(post).status == 405);
}

TEST_CASE("Page: a browser that opens the root is sent to it") {
  Control control;
  for (const char* path : {"/", "/_bodega"}) {
    INFO(path);
    REQUIRE(control.service.claims(visit(path)));
    const auto reply = std::get<http::Reply>(control.service.begin(visit(path)));
    CHECK(reply.status == 302);
    CHECK(reply.headers.get("location") == "/_bodega/");
  }
}

TEST_CASE("Page: what is no visit of a browser stays with the services") {
  const Control control;
  CHECK_FALSE(control.service.claims(get("/")));
  CHECK_FALSE(control.service.claims(visit("/photos")));
  http::RequestHead head = visit("/");
  head.headers.set("Host", "bucket.localhost:4566");
  CHECK_FALSE(control.service.claims(head));
  head = visit("/");
  head.has_query_mark = true;
  CHECK_FALSE(control.service.claims(head));
  head = visit("/");
  head.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=test/…");
  CHECK_FALSE(control.service.claims(head));
  head = visit("/");
  head.method = "POST";
  CHECK_FALSE(control.service.claims(head));
  head = visit("/");
  head.headers.set("Accept", "*/*");
  CHECK_FALSE(control.service.claims(head));
  head = get("/");  // HttpURLConnection, which waits for servers in tests
  head.headers.add("User-Agent", "Java/17.0.9");
  head.headers.add("Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2");
  CHECK_FALSE(control.service.claims(head));
}
