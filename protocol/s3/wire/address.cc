#include "protocol/s3/wire/address.h"

#include <algorithm>

#include "engines/base/text.h"
#include "protocol/http/host.h"
#include "protocol/http/percent.h"
#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {
namespace {

using http::is_ip_address;
using http::without_port;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "us-west-2", "eu-central-1", "us-gov-east-1": two dashes at least, a digit last.
bool looks_like_region(std::string_view label) {
  return label.size() >= 9 && std::count(label.begin(), label.end(), '-') >= 2 &&
         is_digit(label.back());
}

// Takes the last label (and its dot) off `rest`.
std::string_view pop_label(std::string_view& rest) {
  const std::size_t dot = rest.rfind('.');
  const std::string_view label = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
  rest = dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot);
  return label;
}

// Takes the labels that name S3 itself off the end of `rest`: "b.s3", "b.s3.us-west-2",
// "b.s3.dualstack.us-west-2", and with `dashed` "b.s3-us-west-2", "b.s3-accelerate.dualstack",
// "b.s3-website-us-east-1". Tells whether there were such labels.
bool strip_service(std::string_view& rest, bool dashed) {
  const auto is_service = [dashed](std::string_view label) {
    return label == "s3" || (dashed && label.starts_with("s3-"));
  };
  std::string_view shorter = rest;
  std::string_view label = pop_label(shorter);
  if (is_service(label)) {
    rest = shorter;
    return true;
  }
  if (looks_like_region(label)) label = pop_label(shorter);
  if (label == "dualstack") label = pop_label(shorter);
  if (!is_service(label)) return false;
  rest = shorter;
  return true;
}

}  // namespace

Addressing::Addressing(std::vector<std::string> domains) {
  for (std::string& domain : domains) {
    domain = base::to_lower(without_port(domain));
    if (!domain.empty() && !is_ip_address(domain)) domains_.push_back(std::move(domain));
  }
  std::sort(domains_.begin(), domains_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Addressing::bucket_of_host(std::string_view raw_host) const {
  const std::string host = base::to_lower(without_port(raw_host));
  if (host.empty() || is_ip_address(host)) return "";
  // What stands before ".domain", or nothing when the host is not below that domain.
  const auto below = [&host](std::string_view domain) -> std::string_view {
    if (host.size() <= domain.size() + 1 || !host.ends_with(domain)) return {};
    const std::string_view rest(host.data(), host.size() - domain.size());
    return rest.back() == '.' ? rest.substr(0, rest.size() - 1) : std::string_view();
  };
  for (const std::string& domain : domains_) {
    if (host == domain) return "";
    std::string_view rest = below(domain);
    if (rest.empty()) continue;
    strip_service(rest, false);
    return std::string(rest);
  }
  if (std::string_view rest = below(http::kLocalStackDomain); !rest.empty()) {
    return strip_service(rest, false) ? std::string(rest) : "";
  }
  if (std::string_view rest = below(http::kLocalhost); !rest.empty()) {
    strip_service(rest, false);
    return std::string(rest);
  }
  for (const std::string_view domain : {http::kAmazonDomain, http::kAmazonChinaDomain}) {
    if (std::string_view rest = below(domain); !rest.empty()) {
      return strip_service(rest, true) ? std::string(rest) : "";
    }
  }
  return "";
}

Address Addressing::read(const http::RequestHead& head) const {
  std::string_view path = head.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  Address address;
  address.bucket = bucket_of_host(head.headers.get_or_empty("host"));
  address.virtual_host = !address.bucket.empty();
  const auto decode = [&head](std::string_view text) -> std::string {
    auto decoded = http::percent_decode(text);
    if (!decoded || !http::is_utf8(*decoded)) {
      throw Error(Code::kInvalidURI).with("URI", head.path);
    }
    return *std::move(decoded);
  };
  if (!address.virtual_host) {
    const std::size_t slash = path.find('/');
    address.bucket = decode(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  address.key = decode(path);
  if (address.key.size() > kMaxKeyBytes) {
    throw Error(Code::kKeyTooLongError)
        .with("Size", std::to_string(address.key.size()))
        .with("MaxSizeAllowed", std::to_string(kMaxKeyBytes));
  }
  return address;
}

std::string_view host_of(const http::RequestHead& head) {
  const std::string_view host = head.headers.get_or_empty("host");
  return host.empty() ? http::kLocalhost : host;
}

bool is_valid_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c); };
  if (!alphanumeric(name.front()) || !alphanumeric(name.back())) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!alphanumeric(c) && c != '-' && c != '.') return false;
    if (c == '.' && name[i + 1] == '.') return false;  // the last is alphanumeric: i + 1 is inside
  }
  if (is_ip_address(name) && std::count(name.begin(), name.end(), '.') == 3) return false;
  for (const std::string_view prefix : {"xn--", "sthree-", "amzn-s3-demo-"}) {
    if (name.starts_with(prefix)) return false;
  }
  for (const std::string_view suffix : {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}) {
    if (name.ends_with(suffix)) return false;
  }
  return true;
}

}  // namespace bodega::s3
