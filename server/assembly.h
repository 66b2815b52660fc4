// Puts the process together: world, services and listeners, as the configuration says. A new
// service is one line in assembly.cc.
#pragma once

#include <memory>
#include <string>

#include "server/config.h"

namespace bodega::server {

class Assembly {
 public:
  // Binds the ports, opens the world. Throws StartError or StorageFault, in one line for a person.
  explicit Assembly(const Config& config);
  ~Assembly();
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;

  // "bodega 0.1.0, data in /data, durability process"
  std::string start_line() const;
  // "Ready. http://127.0.0.1:4566 redis://127.0.0.1:6379"
  std::string ready_line() const;

  // Answers from now on.
  void start();

  // Accepts nothing more and waits for what is in flight; then closes the world.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::server
