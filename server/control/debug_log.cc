#include "server/control/debug_log.h"

#include <string>

#include "engines/base/log.h"

namespace bodega::server {

void DebugLog::after(const observe::Exchange& exchange) {
  if (exchange.request_line.empty()) return;
  std::string line = exchange.request_line + " ";
  if (exchange.status != 0) line += std::to_string(exchange.status) + " ";
  line.append(exchange.service).append(".").append(exchange.operation);
  if (!exchange.error_code.empty()) line += " " + exchange.error_code;
  line += " " + std::to_string(exchange.elapsed_us) + "us";
  if (!exchange.request_id.empty()) line += " " + exchange.request_id;
  switch (exchange.end) {
    case observe::Exchange::End::kSent: break;
    case observe::Exchange::End::kBrokeOff: line += " (it broke off)"; break;
    case observe::Exchange::End::kClientGone: line += " (the client went away)"; break;
  }
  log::debug(line);
}

}  // namespace bodega::server
