#include "protocol/aws/front/walk.h"

#include "engines/base/log.h"

namespace bodega::aws {

void log_fault(const observe::Exchange& exchange, const base::StorageFault& fault) {
  std::string line(exchange.service);
  line.append(".").append(exchange.operation);
  if (!exchange.resource.empty()) line.append(" ").append(exchange.resource);
  line.append(" (request ").append(exchange.request_id).append("): ");
  log::error(line.append(fault.what()));
}

}  // namespace bodega::aws
