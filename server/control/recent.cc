#include "server/control/recent.h"

#include <algorithm>

#include "protocol/http/dates.h"
#include "protocol/json/json.h"

namespace bodega::server {

void RecentRequests::after(const observe::Exchange& exchange) {
  if (exchange.service == "control") return;
  if (exchange.service == "redis" && exchange.missing.empty()) return;
  const std::uint64_t number = count_.fetch_add(1, std::memory_order_relaxed) + 1;
  Slot& slot = slots_[number % kSlots];
  const base::Lock lock(slot.mutex);
  Request& request = slot.request;
  if (request.number > number) return;  // this thread was overtaken by a whole round
  request.number = number;
  request.time_us = clock_.now_us();
  request.service = exchange.service;
  request.operation = exchange.operation;
  // The strings keep their room from round to round.
  const std::string& resource = exchange.missing.empty() ? exchange.resource : exchange.missing;
  request.resource.assign(resource, 0, kMaxResourceBytes);
  request.status = exchange.status;
  request.error_code = exchange.error_code;
  request.error_message.assign(exchange.error_message, 0, kMaxMessageBytes);
  request.elapsed_us = exchange.elapsed_us;
  request.request_bytes = exchange.request_bytes;
  request.response_bytes = exchange.response_bytes;
}

std::vector<RecentRequests::Request> RecentRequests::list() const {
  std::vector<Request> out;
  for (const Slot& slot : slots_) {
    const base::Lock lock(slot.mutex);
    if (slot.request.number > 0) out.push_back(slot.request);
  }
  std::sort(out.begin(), out.end(),
            [](const Request& one, const Request& other) { return one.number > other.number; });
  return out;
}

std::string RecentRequests::json() const {
  std::string out;
  json::Array array(out);
  for (const Request& request : list()) {
    json::Object object(array.next());
    object.integer("number", static_cast<std::int64_t>(request.number));
    object.string("time", http::iso_time(request.time_us));
    object.string("service", request.service);
    object.string("operation", request.operation);
    object.string("resource", request.resource);
    object.integer("status", request.status);
    object.string("error", request.error_code);
    object.string("message", request.error_message);
    object.integer("elapsed_us", static_cast<std::int64_t>(request.elapsed_us));
    object.integer("request_bytes", static_cast<std::int64_t>(request.request_bytes));
    object.integer("response_bytes", static_cast<std::int64_t>(request.response_bytes));
  }
  array.close();
  return out;
}

}  // namespace bodega::server
