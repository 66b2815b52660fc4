// Whom a browser may let in, as a table: what a page of somewhere can make a browser send, and what
// comes of it.
#include "protocol/http/browser.h"

#include "protocol/http/host.h"
#include "tests/catch.h"

using namespace bodega::http;

namespace {

RequestHead head_of(std::string method, Headers headers, std::string host = "127.0.0.1:4566") {
  RequestHead head;
  head.method = std::move(method);
  head.path = "/";
  head.headers = std::move(headers);
  head.headers.add("Host", std::move(host));
  return head;
}

// A write of a page from that origin, to a service that exposes nothing.
bool let_in(const BrowserGuard& guard, std::string origin, std::string host = "127.0.0.1:4566") {
  const auto judgement =
      guard.judge(head_of("POST", {{"Origin", origin}}, std::move(host)), Exposure::kNothing);
  CHECK(judgement.let_in == !judgement.stranger.has_value());
  CHECK(judgement.readable_by == (judgement.let_in ? origin : ""));
  return judgement.let_in;
}

// A browser's request for that host.
bool is_own(const BrowserGuard& guard, std::string host) {
  const auto judgement = guard.judge(
      head_of("GET", {{"Sec-Fetch-Site", "same-origin"}}, std::move(host)), Exposure::kReads);
  return judgement.let_in;
}

}  // namespace

TEST_CASE("browser guard: pages of this machine are let in, whatever their port") {
  const BrowserGuard guard;
  for (const char* origin :
       {"http://localhost", "http://localhost:3000", "https://localhost:5173", "HTTP://LOCALHOST:1",
        "http://app.localhost:8080", "http://127.0.0.1:4566", "http://127.8.9.10",
        "http://[::1]:80", "http://0.0.0.0:8000"}) {
    INFO(origin);
    CHECK(let_in(guard, origin));
  }
}

TEST_CASE(
    "browser guard: pages of elsewhere are not, and names that look like ours are elsewhere") {
  const BrowserGuard guard;
  for (const char* origin : {"http://evil.example",
                             "https://evil.example:4566",
                             "null",
                             "",
                             "http://localhost.evil.example",
                             "http://evillocalhost",
                             "http://127.0.0.1.evil.example",
                             "http://127.evil.example",
                             "http://localhost@evil.example",
                             "http://evil.example/localhost",
                             "localhost",
                             "http://localhost:4566:1",
                             "http://localhost:",
                             "http://",
                             "://localhost",
                             "http://[::1",
                             "http://10.0.0.5:3000",
                             "http://1270.0.0.1.",
                             "http://web:3000",
                             "http://[::2]",
                             "chrome-extension://localhost",
                             "file://localhost",
                             "http://localhost evil.example"}) {
    INFO(origin);
    CHECK_FALSE(let_in(guard, origin));
  }
}

TEST_CASE("browser guard: a page of the very host that was asked is the server's own") {
  const BrowserGuard guard;
  CHECK(let_in(guard, "http://192.168.1.5:4566", "192.168.1.5:4566"));
  CHECK(let_in(guard, "http://bodega:4566", "bodega:4566"));
  CHECK_FALSE(let_in(guard, "http://192.168.1.6:4566", "192.168.1.5:4566"));
  CHECK_FALSE(let_in(guard, "http://evil.example:4566", "evil.example:4566"));
  CHECK_FALSE(let_in(guard, "http://.", ""));
}

TEST_CASE("browser guard: origins in the settings") {
  const BrowserGuard guard({{"https://app.example.com", "shop.example.com", "dev.example.com:3000",
                             "*.preview.example.com", "null", "chrome-extension://abcdef"},
                            {}});
  CHECK(let_in(guard, "https://app.example.com"));
  CHECK_FALSE(let_in(guard, "http://app.example.com"));
  CHECK_FALSE(let_in(guard, "https://app.example.com:8443"));
  CHECK(let_in(guard, "http://shop.example.com"));
  CHECK(let_in(guard, "https://SHOP.example.com:8443"));
  CHECK_FALSE(let_in(guard, "https://a.shop.example.com"));
  CHECK(let_in(guard, "http://dev.example.com:3000"));
  CHECK_FALSE(let_in(guard, "http://dev.example.com"));
  CHECK(let_in(guard, "https://a.b.preview.example.com"));
  CHECK_FALSE(let_in(guard, "https://preview.example.com"));
  CHECK_FALSE(let_in(guard, "https://evilpreview.example.com"));
  CHECK(let_in(guard, "null"));
  CHECK(let_in(guard, "file://"));
  CHECK_FALSE(let_in(guard, ""));
  CHECK(let_in(guard, "chrome-extension://abcdef"));
  const BrowserGuard open({{"*"}, {}});
  CHECK(let_in(open, "https://evil.example"));
  CHECK(let_in(open, "null"));
  CHECK(let_in(open, ""));
  CHECK_FALSE(is_own(open, "evil.example"));  // which is about the name, not about the page
}

TEST_CASE("browser guard: what is an origin in the settings") {
  for (const char* good : {"*", "null", "https://a.example", "http://a.example:80", "a.example",
                           "a.example:3000", "*.a.example", "http://[::1]:80", "app://bundle"}) {
    INFO(good);
    CHECK(is_origin_pattern(good));
  }
  for (const char* bad : {"", "https://", "https://a.example/", "a.example/x", "a b", "*a.example",
                          "https://*.a.example", "http://u@a.example", "a.example:x", "*.", ":80",
                          "http://[::1\f:80", "http://[::1", "[]", "[::1]x80", "[::1]80"}) {
    INFO(bad);
    CHECK_FALSE(is_origin_pattern(bad));
  }
}

TEST_CASE("browser guard: names that a page's owner cannot make point here") {
  const BrowserGuard guard({{}, {"s3.dev.example:4566"}});
  for (const char* own :
       {"127.0.0.1:4566", "10.1.2.3", "[::1]:4566", "[fd00::1]", "localhost:4566", "LOCALHOST.",
        "bucket.localhost:4566", "bodega:4566", "host.docker.internal:4566", "s3.amazonaws.com",
        "bucket.s3.eu-west-1.amazonaws.com:4566", "dynamodb.cn-north-1.amazonaws.com.cn",
        "localhost.localstack.cloud:4566", "b.s3.localhost.localstack.cloud", "s3.dev.example",
        "bucket.s3.dev.example:80"}) {
    INFO(own);
    CHECK(is_own(guard, own));
  }
  for (const char* foreign :
       {"evil.example:4566", "127.0.0.1.evil.example", "localhost.evil.example",
        "evil.localhost.cloud", "evilamazonaws.com", "amazonaws.com.evil.example",
        "other.docker.internal", "dev.example", "evil-s3.dev.example", "localstack.cloud"}) {
    INFO(foreign);
    CHECK_FALSE(is_own(guard, foreign));
  }
}

TEST_CASE("browser guard: every request of a browser is told by what it adds, others are let in") {
  const BrowserGuard guard;
  const auto judge = [&guard](std::string method, Headers headers, Exposure exposure) {
    return guard
        .judge(head_of(std::move(method), std::move(headers), "evil.example:4566"), exposure)
        .let_in;
  };
  for (const Exposure exposure : {Exposure::kNothing, Exposure::kReads}) {
    CHECK_FALSE(judge("GET", {{"Sec-Fetch-Site", "none"}}, exposure));
    CHECK_FALSE(judge("PUT", {{"Origin", "http://evil.example:4566"}}, exposure));
    // A page's GET to its own host over plain HTTP has neither of these.
    CHECK_FALSE(judge("GET", {{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"}}, exposure));
    CHECK_FALSE(judge("GET", {{"User-Agent", "Boto3/1.40"}, {"Accept-Language", ""}}, exposure));
    CHECK_FALSE(judge("GET", {{"Accept-Language", "*"}}, exposure));
    // SDKs and curl, under whatever name they know the server.
    CHECK(judge("GET", {}, exposure));
    CHECK(judge("PUT", {{"User-Agent", "Boto3/1.40"}, {"Accept-Encoding", "identity"}}, exposure));
    // Node's fetch.
    CHECK(judge("POST", {{"Accept-Language", "*"}, {"Sec-Fetch-Mode", "cors"}}, exposure));
  }
  // Who proves with each request who he is may come from anywhere.
  CHECK(judge("PUT", {{"Origin", "http://evil.example"}}, Exposure::kSigned));
}

TEST_CASE("browser guard: what changes nothing and is not read may pass where reads are exposed") {
  const BrowserGuard guard;
  const auto judge = [&guard](std::string method, Headers headers,
                              Exposure exposure = Exposure::kReads) {
    return guard.judge(head_of(std::move(method), std::move(headers)), exposure);
  };
  const auto cors = judge("GET", {{"Origin", "http://evil.example"}});
  CHECK(cors.let_in);
  CHECK(cors.readable_by.empty());
  CHECK(cors.stranger->name == "http://evil.example");
  for (const char* method : {"PUT", "POST", "DELETE", "OPTIONS", "PATCH"}) {
    INFO(method);
    CHECK_FALSE(judge(method, {{"Origin", "http://evil.example"}}).let_in);
    CHECK_FALSE(judge(method, {{"Sec-Fetch-Site", "cross-site"}}).let_in);
  }
  CHECK_FALSE(judge("GET", {{"Origin", "http://evil.example"}}, Exposure::kNothing).let_in);

  const auto shown = [&](const char* dest, const char* mode, Exposure exposure) {
    return judge("GET",
                 {{"Sec-Fetch-Site", "cross-site"},
                  {"Sec-Fetch-Mode", mode},
                  {"Sec-Fetch-Dest", dest}},
                 exposure)
        .let_in;
  };
  CHECK(shown("image", "no-cors", Exposure::kReads));
  CHECK(shown("iframe", "navigate", Exposure::kReads));
  CHECK_FALSE(shown("script", "no-cors", Exposure::kReads));
  CHECK_FALSE(shown("style", "no-cors", Exposure::kReads));
  CHECK_FALSE(shown("image", "no-cors", Exposure::kNothing));
  CHECK_FALSE(shown("iframe", "navigate", Exposure::kNothing));
  // A link that a person follows.
  CHECK(shown("document", "navigate", Exposure::kNothing));
  // The Referer tells whose page it is where no Origin does.
  CHECK(judge("GET", {{"Sec-Fetch-Site", "cross-site"},
                      {"Sec-Fetch-Dest", "script"},
                      {"Referer", "http://localhost:3000/page"}})
            .let_in);
  CHECK_FALSE(judge("GET", {{"Sec-Fetch-Site", "cross-site"},
                            {"Sec-Fetch-Dest", "script"},
                            {"Referer", "http://evil.example/http://localhost/"}})
                  .let_in);
}

TEST_CASE("browser guard: the reason names the setting and repeats nothing that is no name") {
  const BrowserGuard guard;
  const auto why = [&guard](Headers headers, std::string host = "localhost") {
    return guard.judge(head_of("POST", std::move(headers), std::move(host)), Exposure::kNothing)
        .stranger->why;
  };
  CHECK(why({{"Origin", "https://app.example:8443"}}) ==
        "Web pages of https://app.example:8443 may not use this server; --cors-origins "
        "https://app.example:8443 allows them to.");
  CHECK(why({{"Origin", "null"}}).find("--cors-origins null") != std::string::npos);
  CHECK(why({{"Sec-Fetch-Site", "cross-site"}}).find("--cors-origins '*'") != std::string::npos);
  CHECK(why({{"Origin", "\x1b[31m://a.example"}}).find('\x1b') == std::string::npos);
  CHECK(why({{"Origin", "http://a\x1b[31m.example"}}).find('\x1b') == std::string::npos);
  CHECK(
      why({{"Origin", "http://localhost"}}, "evil.example:4566").find("--domains evil.example ") !=
      std::string::npos);
  CHECK(why({{"Origin", "http://localhost"}}, "evil.ex\tample").find('\t') == std::string::npos);
}

TEST_CASE("host: its parts") {
  CHECK(without_port("[::1]:4566") == "[::1]");
  CHECK(without_port("[::1]") == "[::1]");
  CHECK(without_port("a.b:1") == "a.b");
  CHECK(without_port("a.b") == "a.b");
  CHECK(host_name("LocalHost.:80") == "localhost");
  CHECK(is_loopback("127.1.2.3"));
  CHECK(is_loopback("[::1]"));
  CHECK(is_loopback("a.localhost"));
  CHECK_FALSE(is_loopback("0.0.0.0"));
  CHECK_FALSE(is_loopback("127.example"));
  CHECK_FALSE(is_loopback("alocalhost"));
  CHECK(is_ip_address("127.0.0.1"));
  CHECK(is_ip_address("[::1]"));
  CHECK(is_ip_address("[2001:DB8::8.8.8.8]"));
  CHECK_FALSE(is_ip_address("[evil.example]"));
  CHECK_FALSE(is_ip_address("[]"));
  CHECK_FALSE(is_ip_address("["));
  CHECK_FALSE(is_ip_address("[127.0.0.1]"));
}
