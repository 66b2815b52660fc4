// A blocking connection from the Redis loop to another server, for MIGRATE.
#pragma once

#include "protocol/redis/replication/outbound.h"

namespace bodega::server {

// As redis::Connect: null when it cannot be had in time. Each of its steps has the same time again.
std::unique_ptr<redis::Outbound> connect_outbound(const std::string& host, std::uint16_t port,
                                                  std::int64_t timeout_ms);

}  // namespace bodega::server
