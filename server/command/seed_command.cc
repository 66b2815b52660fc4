#include "server/command/seed_command.h"

#include <cstdio>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/base/executor.h"
#include "engines/base/log.h"
#include "engines/world/worlds.h"
#include "server/seed/seed.h"
#include "server/seed/seeder.h"

namespace bodega::server {

int seed_command(Arguments arguments) {
  if (arguments.size() != 2 || std::string_view(arguments[0]).starts_with('-')) {
    std::fprintf(stderr, "bodega: usage: bodega seed DIR FILE\n");
    return 2;
  }
  log::set_level(log::Level::kWarn);
  const Seed seed = read_seed(arguments[1]);
  const base::SystemClock clock;
  base::InlineExecutor executor;
  world::WorldOptions options;
  options.folder = arguments[0];
  const std::shared_ptr<world::World> world = world::World::open(options, clock);
  world::Worlds worlds(world, clock);
  const Seeder seeder(worlds, executor, [&world](const auto& work) {
    redis::Instance instance(world->keyspace(), world->clock());
    work(instance);
  });
  std::printf("%s\n", seeder.apply(seed).text().c_str());
  world->sync();
  return 0;
}

}  // namespace bodega::server
