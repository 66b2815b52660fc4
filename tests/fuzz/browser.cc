// Whether a page is let in: Origin, Host, Referer and what it wants the answer for, a line each.
#include "protocol/http/browser.h"

#include <algorithm>
#include <array>
#include <string>

#include "engines/base/check.h"
#include "engines/base/text.h"
#include "protocol/http/host.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What any name of this machine has in it.
bool may_be_ours(std::string_view origin, std::string_view host) {
  const std::string name = http::host_name(host);
  return contains(origin, "localhost") || contains(origin, "127.") || contains(origin, "[::") ||
         contains(origin, "0.0.0.0") || contains(origin, "app.example") ||
         (!name.empty() && contains(origin, name));
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void run(std::string_view bytes) {
  static const http::BrowserGuard guard({{"https://app.example"}, {"own.example"}});
  const std::string origin = base::to_lower(take_line(bytes));
  http::RequestHead head;
  head.method = "POST";
  head.headers.add("Origin", origin);
  head.headers.add("Host", std::string(take_line(bytes)));
  head.headers.add("Referer", std::string(take_line(bytes)));
  head.headers.add("Sec-Fetch-Dest", std::string(bytes));
  const auto strict = guard.judge(head, http::Exposure::kNothing);
  BODEGA_CHECK(strict.let_in == !strict.stranger.has_value());
  BODEGA_CHECK(!strict.let_in || may_be_ours(origin, head.headers.get_or_empty("host")));
  BODEGA_CHECK(strict.readable_by == (strict.let_in ? origin : ""));
  if (strict.stranger) BODEGA_CHECK(is_printable(strict.stranger->why + strict.stranger->name));
  BODEGA_CHECK(guard.judge(head, http::Exposure::kReads).let_in == strict.let_in);
  BODEGA_CHECK(guard.judge(head, http::Exposure::kSigned).let_in);
  // Without an Origin, the Referer's says whose page it is.
  head.method = "GET";
  head.headers.remove("Origin");
  head.headers.add("Sec-Fetch-Site", "cross-site");
  const auto read = guard.judge(head, http::Exposure::kReads);
  BODEGA_CHECK(read.readable_by.empty());
  BODEGA_CHECK(read.let_in || read.stranger);
  http::is_origin_pattern(origin);
}

constexpr std::array<std::string_view, 7> kSeeds{
    "http://localhost:3000\n127.0.0.1:4566\n\n",
    "https://app.example\nown.example\nhttps://app.example/page?q\nscript",
    "http://evil.example:4566\nevil.example:4566\nhttp://evil.example\nimage",
    "http://[::1]:80\n[::1]:4566\n\ndocument",
    "null\nbucket.s3.eu-west-1.amazonaws.com\nabout:blank\n",
    "http://[::1\f:80\n[::1:80\n\n",
    "http://localhost.evil.example\nlocalhost.\nhttp://u@localhost/\nstyle",
};

}  // namespace

const Target kBrowser{"browser", run, kSeeds};

}  // namespace bodega::fuzz
