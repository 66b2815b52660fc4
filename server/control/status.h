// GET /_bodega/status: the process at a glance, as JSON for the page of a person: version,
// addresses, what is stored, the last requests, and what clients asked for in vain.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/http/message.h"

namespace bodega::server {

class Inventory;
class KeyCounts;
class Missing;
class RecentRequests;

class StatusService {
 public:
  struct Facts {
    std::vector<std::string> addresses;  // URLs
    std::vector<std::string> services;
    std::string data;  // the folder; empty: one that goes away at exit
    std::string durability;
    std::string auth;  // "off" or "verify"
  };

  // What the status is made of; all must outlive the service.
  struct Parts {
    const base::Clock& clock;
    const Missing& missing;
    const RecentRequests& recent;
    const KeyCounts& keys;
    Inventory& inventory;
  };

  // `facts` is called with each request, from any thread.
  StatusService(const Parts& parts, std::function<Facts()> facts);

  http::Begun begin(const http::RequestHead& head) const;

 private:
  class Sink;

  std::string json() const;

  const Parts parts_;
  const std::function<Facts()> facts_;
  const std::int64_t started_us_;
};

}  // namespace bodega::server
