// Puts the process together: world, services and listeners, as the configuration says. A new
// service is one line in assembly.cc.
#pragma once

#include <memory>
#include <string>

#include "server/command/config.h"

namespace bodega::server {

class Assembly {
 public:
  // Binds the ports, opens the world. Throws StartError or StorageFault, in one line for a person.
  explicit Assembly(const Config& config);
  ~Assembly();
  Assembly(const Assembly&) = delete;
  Assembly& operator=(const Assembly&) = delete;

  // "bodega 0.1.0, data in /data, durability process", and a line with what was taken from the
  // environment of other servers. Lines, each with its end, as below.
  std::string start_lines() const;
  // The addresses, each in a line ("http://127.0.0.1:4566", "redis://…", "NAME=redis://…"), then
  // what tools wait for: "* Ready to accept connections" where Redis answers, as redis-server says
  // it, and in the end a line that is only "Ready.", as LocalStack does.
  std::string ready_lines() const;

  // Answers from now on.
  void start();

  // Accepts nothing more and waits for what is in flight; then closes the world.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::server
