// What Bodega says about itself: GET /_bodega/health, /_localstack/health and /_bodega/metrics. No
// bucket can take these paths away, as a bucket's name never starts with an underscore.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/http/message.h"
#include "server/metrics.h"

namespace bodega::server {

class ControlService : public http::Service {
 public:
  // `services`: the names that health lists as running. `metrics` must outlive the service.
  ControlService(std::vector<std::string> services, const Metrics& metrics);

  std::string_view name() const override { return "control"; }
  bool claims(const http::RequestHead& head) const override;
  http::Begun begin(http::RequestHead head) override;

 private:
  std::string health_;             // what it says never changes
  std::string localstack_health_;
  const Metrics& metrics_;
};

}  // namespace bodega::server
