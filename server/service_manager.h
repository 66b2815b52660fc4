// Tells the service manager that started the process, systemd with Type=notify, how it stands.
#pragma once

#include <string_view>

namespace bodega::server {

inline constexpr std::string_view kServiceReady = "READY=1";
inline constexpr std::string_view kServiceStopping = "STOPPING=1";

// Sends one line of sd_notify(3) to the socket that NOTIFY_SOCKET names; does nothing without one.
// What fails is logged: a manager that does not hear of it says so by itself.
void notify_service_manager(std::string_view state);

}  // namespace bodega::server
