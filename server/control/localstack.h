// What LocalStack says about itself at /_localstack/…, in its shapes and with what is true here,
// for the scripts and tools that ask: info, init, diagnose. Health is the control service's own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/http/message.h"

namespace bodega::server {

class ControlService;

// The scripts of a start, and how far it has come. Stages are LocalStack's: BOOT, START, READY and
// SHUTDOWN.
struct InitState {
  struct Script {
    std::string stage;
    std::string name;
    std::string state;  // UNKNOWN, RUNNING, SUCCESSFUL or ERROR
  };

  bool booted = true;
  bool started = true;
  bool is_ready = true;
  bool shut_down = false;
  std::vector<Script> scripts = {};
};

class LocalStackPages {
 public:
  // `services`: what is served. `init`: called from any thread. `clock` must outlive it.
  LocalStackPages(std::vector<std::string> services, const base::Clock& clock,
                  std::function<InitState()> init);

  // Adds the paths. Outlives the requests.
  void add_to(ControlService& control) const;

 private:
  std::string info() const;
  std::string init() const;
  std::string init_of(std::string_view stage) const;
  std::string diagnose() const;

  const std::vector<std::string> services_;
  const base::Clock& clock_;
  const std::function<InitState()> init_;
  const std::int64_t started_us_;
  const std::string session_id_;
};

}  // namespace bodega::server
