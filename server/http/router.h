// The front of all services: finds the one that claims a request, and asks it nothing on behalf of
// a web page that has no business here.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/http/browser.h"
#include "protocol/http/message.h"

namespace bodega::server {

class Router : public http::Service {
 public:
  // Strangers that are told of in the log, a line each; then no more are remembered.
  static constexpr std::size_t kMaxStrangers = 64;

  explicit Router(http::BrowserGuard guard) : guard_(std::move(guard)) {}

  // Before the first request. The services are asked in this order, the first that claims a request
  // gets it; they must outlive the router.
  void route_to(std::vector<http::Service*> services) { services_ = std::move(services); }

  std::string_view name() const override { return "router"; }
  bool claims(const http::RequestHead&) const override { return true; }
  // 501 NotImplemented when nobody claims it.
  http::Begun begin(http::RequestHead head) override;

 private:
  void report(const http::BrowserGuard::Stranger& stranger);

  const http::BrowserGuard guard_;
  std::vector<http::Service*> services_;
  std::mutex mutex_;
  std::set<std::string> strangers_;  // under the mutex: those the log has told of
};

}  // namespace bodega::server
