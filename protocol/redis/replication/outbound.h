// Outbound: a connection that a command opens to another Redis and waits for (MIGRATE). The server
// keeps everyone else waiting meanwhile, as Redis does; each step ends when its time is up.
//
// A pure interface: the sockets are the server's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace bodega::redis {

class Outbound {
 public:
  virtual ~Outbound() = default;

  // False when it failed or took too long, here and below; nothing more may be done then.
  virtual bool send(std::string_view bytes) = 0;
  // The next line without its end, at most kMaxLineBytes long.
  virtual bool receive_line(std::string& line) = 0;

  static constexpr std::size_t kMaxLineBytes = 64 * 1024;
};

// Null when the connection cannot be had in time.
using Connect = std::function<std::unique_ptr<Outbound>(const std::string& host, std::uint16_t port,
                                                        std::int64_t timeout_ms)>;

}  // namespace bodega::redis
