// What Bodega says about itself: GET /_bodega/health, /_localstack/health and /_bodega/metrics. No
// bucket can take these paths away, as a bucket's name never starts with an underscore.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/http/message.h"
#include "server/metrics.h"

namespace bodega::server {

class ControlService : public http::Service {
 public:
  // What keeps the stores from taking writes, in one line; nothing when all is well.
  using Fault = std::function<std::optional<std::string>()>;

  // `services`: the names that health lists as running. `metrics` must outlive the service.
  ControlService(std::vector<std::string> services, const Metrics& metrics, Fault fault);

  std::string_view name() const override { return "control"; }
  bool claims(const http::RequestHead& head) const override;
  http::Begun begin(http::RequestHead head) override;

 private:
  // {"status": "ok", …} with 200, or {"status": "fault", "fault": "…", …} with 503.
  http::Reply health(std::string_view edition) const;

  const std::vector<std::string> services_;
  const Metrics& metrics_;
  const Fault fault_;
};

}  // namespace bodega::server
