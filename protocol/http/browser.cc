#include "protocol/http/browser.h"

#include <algorithm>
#include <array>

#include "engines/base/text.h"
#include "protocol/http/host.h"

namespace bodega::http {
namespace {

constexpr std::string_view kEverybody = "*";
constexpr std::string_view kNoOrigin = "null";
constexpr std::string_view kSchemeEnd = "://";

// What a host may consist of. Underscores are no DNS names, but compose has services with them.
bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "host", "host:port" or "[v6]:port", and nothing else. In lower case.
bool is_authority(std::string_view text) {
  const std::string_view host = without_port(text);
  if (host.empty()) return false;
  const std::string_view behind = text.substr(host.size());
  if (!behind.empty() && (behind.front() != ':' || !is_port(behind.substr(1)))) return false;
  if (host.front() == '[') {
    return host.size() > 2 && host.ends_with(']') &&
           host.find_first_not_of("0123456789abcdef:.", 1) == host.size() - 1;
  }
  return std::all_of(host.begin(), host.end(), is_host_character);
}

struct Origin {
  std::string_view scheme;
  std::string_view authority;
};

// An origin in lower case, or nothing for "null" and whatever else is none.
std::optional<Origin> parse_origin(std::string_view text) {
  const std::size_t end = text.find(kSchemeEnd);
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const Origin origin{text.substr(0, end), text.substr(end + kSchemeEnd.size())};
  const bool is_scheme = std::all_of(origin.scheme.begin(), origin.scheme.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
  if (!is_scheme || !is_authority(origin.authority)) return std::nullopt;
  return origin;
}

bool is_web(const Origin& origin) { return origin.scheme == "http" || origin.scheme == "https"; }

bool matches(std::string_view pattern, std::string_view text, const std::optional<Origin>& origin) {
  if (pattern == kEverybody || pattern == text) return true;
  if (!origin || !is_web(*origin) || pattern.find(kSchemeEnd) != std::string_view::npos) {
    return false;
  }
  const std::string_view host = without_port(origin->authority);
  if (pattern.starts_with("*.")) {
    pattern.remove_prefix(2);
    return host.size() > pattern.size() && is_in_domain(host, pattern);
  }
  const bool any_port = without_port(pattern) == pattern;
  return pattern == (any_port ? host : origin->authority);
}

// The origin part of a URL such as a Referer.
std::string origin_of_url(std::string_view url) {
  const std::size_t scheme = url.find(kSchemeEnd);
  if (scheme == std::string_view::npos) return {};
  return std::string(url.substr(0, url.find_first_of("/?#", scheme + kSchemeEnd.size())));
}

// Browsers add Origin and Sec-Fetch-Site by themselves and let no page change them. They leave both
// out of a page's GET to what they take for the page's own site without TLS, which is just what a
// rebound name looks like. Then the two headers that all of them send tell: Chromium lets no page
// change User-Agent, Firefox does, but lets none take Accept-Language away. (Node's fetch sends an
// Accept-Language too, beside a Sec-Fetch-Mode that no browser sends alone.)
bool is_from_a_browser(const Headers& headers) {
  if (headers.has("origin") || headers.has("sec-fetch-site")) return true;
  if (headers.get_or_empty("user-agent").starts_with("Mozilla/")) return true;
  return headers.has("accept-language") && !headers.has("sec-fetch-mode");
}

bool changes_nothing(const RequestHead& head) {
  return head.method == "GET" || head.method == "HEAD";
}

// What a page learns from these is what they say: the browser runs scripts and applies style sheets
// of any site. Pictures, films and frames it only shows.
bool tells_the_page(const Headers& headers) {
  constexpr std::array<std::string_view, 5> kTelling{"script", "style", "worker", "sharedworker",
                                                     "xslt"};
  return std::find(kTelling.begin(), kTelling.end(), headers.get_or_empty("sec-fetch-dest")) !=
         kTelling.end();
}

// A person followed a link, and sees the answer in the place of the page.
bool is_a_visit(const RequestHead& head) {
  return changes_nothing(head) && head.headers.get_or_empty("sec-fetch-mode") == "navigate" &&
         head.headers.get_or_empty("sec-fetch-dest") == "document";
}

BrowserGuard::Stranger foreign_page(const std::string& origin) {
  const bool named = parse_origin(origin).has_value();
  BrowserGuard::Stranger stranger;
  stranger.name = named ? origin : origin.empty() ? "a page that hides its origin" : kNoOrigin;
  stranger.why = named ? "Web pages of " + origin : std::string("Web pages that hide their origin");
  stranger.why += " may not use this server; --cors-origins " +
                  (named            ? origin
                   : origin.empty() ? "'*'"
                                    : std::string(kNoOrigin)) +
                  " allows them to.";
  return stranger;
}

BrowserGuard::Stranger foreign_host(const std::string& host) {
  BrowserGuard::Stranger stranger;
  stranger.name = is_authority(host) ? host : "a name that is none";
  stranger.why = "A browser asked for " + stranger.name +
                 ", which is no name of this server (DNS rebinding looks like this); --domains " +
                 (is_authority(host) ? host : "NAME") + " makes it one.";
  return stranger;
}

}  // namespace

bool is_origin_pattern(std::string_view text) {
  const std::string pattern = base::to_lower(text);
  if (pattern == kEverybody || pattern == kNoOrigin) return true;
  if (pattern.find(kSchemeEnd) != std::string::npos) return parse_origin(pattern).has_value();
  return is_authority(pattern.starts_with("*.") ? std::string_view(pattern).substr(2) : pattern);
}

BrowserGuard::BrowserGuard(const Settings& settings) {
  for (const std::string& origin : settings.origins) origins_.push_back(base::to_lower(origin));
  for (const std::string& domain : settings.domains) domains_.push_back(host_name(domain));
}

// Pages of this machine (0.0.0.0 is what some development servers print as their address), of the
// very host that was asked (whose name was checked before), and of the origins in the settings.
bool BrowserGuard::is_welcome(std::string_view text, std::string_view host) const {
  const std::optional<Origin> origin = parse_origin(text);
  if (origin && is_web(*origin)) {
    const std::string name = host_name(origin->authority);
    if (is_loopback(name) || name == "0.0.0.0" || name == "[::]") return true;
    if (!host.empty() && name == host) return true;
  }
  // Whatever names no site is as good as null: "file://", as Electron's pages have it.
  const std::string_view name = origin || text.empty() ? text : kNoOrigin;
  return std::any_of(origins_.begin(), origins_.end(),
                     [&](const std::string& pattern) { return matches(pattern, name, origin); });
}

BrowserGuard::Judgement BrowserGuard::judge(const RequestHead& head, Exposure exposure) const {
  Judgement judgement;
  if (exposure == Exposure::kSigned || !is_from_a_browser(head.headers)) return judgement;
  const std::string host = host_name(head.headers.get_or_empty("host"));
  if (!http::is_own_name(host, domains_)) {
    judgement.let_in = false;
    judgement.stranger = foreign_host(host);
    return judgement;
  }
  const auto sent = head.headers.get("origin");
  if (!sent && head.headers.get_or_empty("sec-fetch-site") != "cross-site") return judgement;
  // A page may hide where it is, but not claim to be elsewhere: the Referer does for an Origin.
  const std::string origin = base::to_lower(
      sent ? std::string(*sent) : origin_of_url(head.headers.get_or_empty("referer")));
  if (is_welcome(origin, host)) {
    if (sent) judgement.readable_by = *sent;
    return judgement;
  }
  if (!sent && is_a_visit(head)) return judgement;
  const bool shown_only = changes_nothing(head) && (sent || !tells_the_page(head.headers));
  judgement.let_in = exposure == Exposure::kReads && shown_only;
  if (!judgement.let_in || sent) judgement.stranger = foreign_page(origin);
  return judgement;
}

}  // namespace bodega::http
