// Asks a listener of this machine one thing, as a client would.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "server/net/address.h"

namespace bodega::server {

// Connects, sends `request` and reads until the answer has `end` in it, or to its end where `end`
// is empty; a few kilobytes at most. An address that stands for all (0.0.0.0) is asked at loopback.
// Returns nullopt when nothing answers in time.
std::optional<std::string> ask(const Address& address, std::string_view request,
                               std::string_view end, std::chrono::milliseconds limit);

}  // namespace bodega::server
