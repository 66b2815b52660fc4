// What is carried out as the process starts and stops besides serving: the RDB file
// (--redis-import), the seed file (--seed) and the init folders (--init).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engines/base/executor.h"
#include "engines/base/mutex.h"
#include "engines/world/worlds.h"
#include "server/command/config.h"
#include "server/control/localstack.h"
#include "server/init/hooks.h"
#include "server/redis/server.h"
#include "server/seed/seeder.h"

namespace bodega::server {

class Startup {
 public:
  struct Parts {
    world::Worlds& worlds;
    base::Executor& executor;
    RedisServer* redis;                                   // null: not served, and then …
    base::Mutex& unserved;                                // … this holds the keyspaces
    std::function<std::vector<std::string>()> addresses;  // URLs
  };

  // All of them must outlive it.
  Startup(const Config& config, Parts parts);

  // boot.d, start.d, the RDB file and the seed file: before anything is answered. Throws StartError
  // when one of the two files is refused.
  void before_answering();
  // ready.d: once the listeners answer.
  void when_answering();
  // shutdown.d: before they close, and no longer than the stop timeout. After when_answering().
  void before_stopping();

  // For /_localstack/init. Thread-safe.
  InitState state() const;

 private:
  void run(InitHooks::Stage stage, const std::function<bool()>& must_end);
  void import_keys() const;
  void apply(const std::filesystem::path& seed) const;
  void with_redis(const std::function<void(redis::Instance&)>& work) const;
  InitHooks::Variables variables() const;

  const Config& config_;
  const Parts parts_;
  const Seeder seeder_;
  InitHooks hooks_;
  bool answering_ = false;
};

}  // namespace bodega::server
