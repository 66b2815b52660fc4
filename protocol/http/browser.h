// Whom a browser may let in. A page of any web site can make the browser that shows it send
// requests to this server, which takes every request for its owner's while no signature is asked
// for. Two attacks follow, and both can be told from what a browser adds to a request by itself:
//
// - The page asks this server directly. Its Origin (or Sec-Fetch-Site: cross-site) gives it away.
// - The page's own host name is made to point here (DNS rebinding), so that the browser takes the
//   server for the page's own. Host gives it away: it is no name that this server could have.
//
// Clients that are no browsers send none of these headers and notice nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/http/message.h"

namespace bodega::http {

// Whether a text stands for origins: "*" (all), "null" (pages that belong to no site, such as
// files), "https://app.example.com:8443" (that origin), "app.example.com" or
// "app.example.com:3000" (that host over http and https), "*.example.com" (the hosts below it).
bool is_origin_pattern(std::string_view text);

class BrowserGuard {
 public:
  struct Settings {
    std::vector<std::string> origins;  // patterns, besides this machine's own names
    std::vector<std::string> domains;  // names of this server, besides those everybody has
  };

  // Why a page is a stranger, and what would make it a guest.
  struct Stranger {
    std::string name;  // the origin, or the host that was asked for
    std::string why;   // a sentence that names the setting to change
  };

  struct Judgement {
    bool let_in = true;
    std::string readable_by;           // for RequestHead::readable_by
    std::optional<Stranger> stranger;  // also where it is let in, but may not read the answer
  };

  BrowserGuard() = default;
  explicit BrowserGuard(const Settings& settings);

  Judgement judge(const RequestHead& head, Exposure exposure) const;

 private:
  bool is_welcome(std::string_view origin, std::string_view host) const;

  std::vector<std::string> origins_;  // lower case, as domains_
  std::vector<std::string> domains_;
};

}  // namespace bodega::http
