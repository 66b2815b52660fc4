// Asks the services in their order; the first that claims a request gets it.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "protocol/http/message.h"

namespace bodega::server {

class Router : public http::Service {
 public:
  // The services must outlive the router.
  explicit Router(std::vector<http::Service*> services) : services_(std::move(services)) {}

  std::string_view name() const override { return "router"; }
  bool claims(const http::RequestHead&) const override { return true; }
  // 501 NotImplemented when nobody claims it.
  http::Begun begin(http::RequestHead head) override;

 private:
  std::vector<http::Service*> services_;
};

}  // namespace bodega::server
