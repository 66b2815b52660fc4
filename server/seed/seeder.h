// Carries out a seed through the services' own front, so that what is wrong is refused as the real
// service refuses it. What is there stays: a bucket, a table, a key or an alias that exists is not
// changed, and files and items are put only where there are none.
//
// First the whole seed is tried in a world that is thrown away; a seed that any service refuses
// changes nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/executor.h"
#include "engines/world/worlds.h"
#include "protocol/dynamodb/service.h"
#include "protocol/redis/instance/instance.h"
#include "server/seed/seed.h"

namespace bodega::server {

class Seeder {
 public:
  // Calls back with the Redis without a name, on the thread that may use it, and returns when that
  // has returned.
  using WithRedis = std::function<void(const std::function<void(redis::Instance&)>&)>;

  // `worlds` and `executor` must outlive it. May be called from any thread, as `with_redis`.
  Seeder(world::Worlds& worlds, base::Executor& executor, WithRedis with_redis,
         dynamodb::Tables tables = dynamodb::Tables::kOfCaller)
      : worlds_(worlds), executor_(executor), with_redis_(std::move(with_redis)), tables_(tables) {}

  // How many there were of each kind in the seed, and how many of them were not there yet.
  struct Done {
    struct Count {
      std::size_t all = 0;
      std::size_t made = 0;
    };
    Count buckets, files, tables, items, keys, kms;

    // "2 buckets, 5 files (3 new), …"
    std::string text() const;
  };

  // Throws std::runtime_error in one line, as read_seed() does.
  Done apply(const Seed& seed) const;

 private:
  world::Worlds& worlds_;
  base::Executor& executor_;
  const WithRedis with_redis_;
  const dynamodb::Tables tables_;
};

}  // namespace bodega::server
