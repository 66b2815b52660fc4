#include "server/startup.h"

#include <signal.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

#include "engines/base/log.h"
#include "engines/keyspace/engine.h"
#include "server/net/start_error.h"
#include "server/seed/seed.h"

namespace bodega::server {
namespace {

using Stage = InitHooks::Stage;

// What the texts of Redis's errors begin with.
constexpr std::string_view kErrorCode = "ERR ";

// main() waits for these, blocked, until the process is to stop.
bool is_stop_pending() {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1 ||
         sigismember(&pending, SIGHUP) == 1;
}

// The first of that scheme, as a client on this machine reaches it.
std::string local_address(const std::vector<std::string>& addresses, std::string_view scheme) {
  constexpr std::string_view kEverywhere = "0.0.0.0:";
  for (const std::string& address : addresses) {
    if (!address.starts_with(scheme)) continue;
    std::string rest = address.substr(scheme.size());
    if (rest.starts_with(kEverywhere)) rest = "127.0.0.1:" + rest.substr(kEverywhere.size());
    return rest;
  }
  return {};
}

}  // namespace

Startup::Startup(const Config& config, Parts parts)
    : config_(config),
      parts_(std::move(parts)),
      seeder_(
          parts_.worlds, parts_.executor, [this](const auto& work) { with_redis(work); },
          config.shared_db ? dynamodb::Tables::kShared : dynamodb::Tables::kOfCaller),
      hooks_(config.init, [this](const std::filesystem::path& seed) { apply(seed); }) {}

void Startup::before_answering() {
  run(Stage::kBoot, is_stop_pending);
  run(Stage::kStart, is_stop_pending);
  if (!config_.redis_import.empty()) import_keys();
  if (config_.seed.empty()) return;
  try {
    apply(config_.seed);
  } catch (const std::runtime_error& refused) {
    throw StartError(std::string("--seed: ") + refused.what());
  }
}

void Startup::when_answering() {
  answering_ = true;
  run(Stage::kReady, is_stop_pending);
}

void Startup::before_stopping() {
  if (!answering_) return;
  const auto deadline = std::chrono::steady_clock::now() + config_.stop_timeout;
  run(Stage::kShutdown, [deadline] { return std::chrono::steady_clock::now() > deadline; });
}

void Startup::run(Stage stage, const std::function<bool()>& must_end) {
  hooks_.run(stage, variables(), must_end);
}

// Only once: the next start of the same command finds the keys and leaves them alone.
void Startup::import_keys() const {
  with_redis([this](redis::Instance& instance) {
    if (const std::uint64_t there = instance.keyspace().key_count(); there > 0) {
      log::info("--redis-import: left alone, since there are " + std::to_string(there) +
                " keys already");
      return;
    }
    try {
      const redis::SnapshotRead read = redis::import_snapshot(instance, config_.redis_import);
      log::info("--redis-import " + config_.redis_import.string() + ": " +
                std::to_string(read.keys) +
                " keys; past their time: " + std::to_string(read.expired));
    } catch (const redis::Error& refused) {
      throw StartError("--redis-import: " + refused.text().substr(kErrorCode.size()));
    }
  });
}

void Startup::apply(const std::filesystem::path& path) const {
  const Seeder::Done done = seeder_.apply(read_seed(path));
  log::info("seed " + path.string() + ": " + done.text());
}

// Before the Redis loop runs, nobody else has the keyspace.
void Startup::with_redis(const std::function<void(redis::Instance&)>& work) const {
  world::World& world = *parts_.worlds.main();
  const auto by_itself = [&] {
    redis::Instance instance(world.keyspace(), world.clock());
    work(instance);
  };
  if (!answering_) return by_itself();
  if (parts_.redis == nullptr) {
    const base::Lock lock(parts_.unserved);
    return by_itself();
  }
  const auto done = std::make_shared<std::promise<bool>>();
  auto waiting = done->get_future();
  parts_.redis->with_instance(world.keyspace(), [done, &work](redis::Instance* instance) {
    if (instance != nullptr) work(*instance);
    done->set_value(instance != nullptr);
  });
  if (!waiting.get()) throw std::runtime_error("the keys of Redis: no --redis without a name");
}

// As awslocal, the SDKs and redis-cli take them.
InitHooks::Variables Startup::variables() const {
  InitHooks::Variables variables{{"AWS_ACCESS_KEY_ID", "test"},
                                 {"AWS_SECRET_ACCESS_KEY", "test"},
                                 {"AWS_DEFAULT_REGION", "us-east-1"}};
  const std::vector<std::string> addresses = parts_.addresses();
  if (const std::string http = local_address(addresses, "http://"); !http.empty()) {
    variables.emplace_back("AWS_ENDPOINT_URL", "http://" + http);
    variables.emplace_back("LOCALSTACK_HOST", http);
  }
  if (const std::string redis = local_address(addresses, "redis://"); !redis.empty()) {
    variables.emplace_back("REDIS_URL", "redis://" + redis);
  }
  return variables;
}

InitState Startup::state() const {
  InitState state;
  state.booted = hooks_.is_completed(Stage::kBoot);
  state.started = hooks_.is_completed(Stage::kStart);
  state.is_ready = hooks_.is_completed(Stage::kReady);
  state.shut_down = hooks_.is_completed(Stage::kShutdown);
  for (const InitHooks::Script& script : hooks_.scripts()) {
    state.scripts.push_back({std::string(InitHooks::name_of(script.stage)),
                             script.path.filename().string(),
                             std::string(InitHooks::name_of(script.state))});
  }
  return state;
}

}  // namespace bodega::server
