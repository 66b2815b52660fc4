// The front of all services: finds the one that a request is for, and asks it nothing on behalf of
// a web page that has no business here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/mutex.h"
#include "protocol/http/browser.h"
#include "protocol/http/message.h"

namespace bodega::server {

class Router : public http::Service {
 public:
  // Strangers that are told of in the log, a line each; then no more are remembered.
  static constexpr std::size_t kMaxStrangers = 64;

  // What is answered to who does not speak TLS. What watches the server asks in plain.
  enum class Plain : std::uint8_t { kServed, kHealthAlone };

  explicit Router(http::BrowserGuard guard, Plain plain = Plain::kServed)
      : guard_(std::move(guard)), plain_(plain) {}

  // Before the first request. The first that claims a request gets it, else the one whose name
  // aws::recognise() gives. They must outlive the router.
  void route_to(std::vector<http::Service*> services) { services_ = std::move(services); }

  std::string_view name() const override { return "router"; }
  bool claims(const http::RequestHead&) const override { return true; }
  // 501 NotImplemented when it is for none of them.
  http::Begun begin(http::RequestHead head) override;

 private:
  http::Service* find(const http::RequestHead& head) const;
  http::Service* find(std::string_view name) const;
  void report(const http::BrowserGuard::Stranger& stranger);

  const http::BrowserGuard guard_;
  const Plain plain_;
  std::vector<http::Service*> services_;
  base::Mutex mutex_;
  std::set<std::string> strangers_ GUARDED_BY(mutex_);  // those the log has told of
};

}  // namespace bodega::server
