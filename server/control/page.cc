#include "server/control/page.h"

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/digest.h"
#include "page_html.h"
#include "server/control/service.h"

namespace bodega::server {
namespace {

constexpr std::string_view kOperation = "Page";

// The source of a policy that allows what stands between <tag> and </tag>.
std::string hash_of(std::string_view html, const std::string& tag) {
  const std::string opening = "<" + tag + ">";
  const std::size_t begin = html.find(opening);
  const std::size_t end = html.find("</" + tag + ">");
  BODEGA_CHECK(begin != std::string_view::npos && end != std::string_view::npos);
  const std::size_t first = begin + opening.size();
  return "'sha256-" + base::to_base64(base::sha256(html.substr(first, end - first))) + "'";
}

}  // namespace

std::string page_policy(std::string_view html) {
  return "default-src 'none'; script-src " + hash_of(html, "script") + "; style-src " +
         hash_of(html, "style") +
         "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
}

http::Reply page(const http::RequestHead& head) {
  if (!is_read(head)) return only_reads(kOperation);
  static const std::string kPolicy = page_policy(kPageHtml);
  http::Reply reply =
      control_reply(200, "text/html; charset=utf-8", std::string(kPageHtml), kOperation);
  reply.headers.add("Content-Security-Policy", kPolicy);
  reply.headers.add("X-Content-Type-Options", "nosniff");
  reply.headers.add("X-Frame-Options", "DENY");
  reply.headers.add("Referrer-Policy", "same-origin");
  reply.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  reply.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  reply.headers.add("Cache-Control", "no-cache");
  return reply;
}

}  // namespace bodega::server
