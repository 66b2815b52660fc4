#include "server/assembly.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "engines/world/world.h"
#include "engines/world/worlds.h"
#include "protocol/aws/front/front.h"
#include "protocol/aws/front/unserved.h"
#include "protocol/aws/signature/credentials.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/dynamodb/service.h"
#include "protocol/http/browser.h"
#include "protocol/http/host.h"
#include "protocol/kms/service.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/s3/service.h"
#include "protocol/s3/wire/address.h"
#include "protocol/sts/service.h"
#include "protocol/sts/session_keys.h"
#include "server/ca_page.h"
#include "server/command/acl_file.h"
#include "server/command/settings.h"
#include "server/control/debug_log.h"
#include "server/control/inventory.h"
#include "server/control/key_counts.h"
#include "server/control/localstack.h"
#include "server/control/metrics.h"
#include "server/control/missing.h"
#include "server/control/page.h"
#include "server/control/peer_health.h"
#include "server/control/process_figures.h"
#include "server/control/recent.h"
#include "server/control/reset_service.h"
#include "server/control/service.h"
#include "server/control/status.h"
#include "server/control/verify_service.h"
#include "server/http/router.h"
#include "server/http/server.h"
#include "server/jobs/job_runner.h"
#include "server/jobs/thread_pool.h"
#include "server/loading_notice.h"
#include "server/net/start_error.h"
#include "server/redis/instances.h"
#include "server/redis/instances_service.h"
#include "server/redis/outbound.h"
#include "server/redis/server.h"
#include "server/scratch.h"
#include "server/startup.h"
#include "server/tls/authority.h"
#include "server/tls/tls.h"

namespace bodega::server {
namespace {

// More than one, because some of its tasks take seconds (digests of a large copy).
constexpr unsigned kPoolThreadsPerCore = 4;

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

world::WorldOptions world_options(const Config& config) {
  world::WorldOptions options;
  options.scratch = config.data.empty();
  options.folder = options.scratch ? make_scratch_folder() : config.data;
  // What goes away at exit need not survive a kill.
  options.durability = options.scratch ? base::Durability::kNone : config.durability;
  options.damage = config.repair ? kv::Damage::kSetAside : kv::Damage::kRefuse;
  return options;
}

Tls::Clients clients_of(Config::ClientCertificates wanted) {
  switch (wanted) {
    case Config::ClientCertificates::kNo: return Tls::Clients::kNotAsked;
    case Config::ClientCertificates::kOptional: return Tls::Clients::kOptional;
    case Config::ClientCertificates::kRequired: return Tls::Clients::kRequired;
  }
  return Tls::Clients::kNotAsked;
}

Tls::Settings tls_settings(const Config& config) {
  Tls::Settings settings;
  settings.mode = !config.tls       ? Tls::Mode::kOff
                  : config.tls_only ? Tls::Mode::kOnly
                                    : Tls::Mode::kAuto;
  settings.clients = clients_of(config.client_certificates);
  settings.client_authorities_file = config.tls_client_authorities;
  settings.domains = config.domains;
  settings.certificate_file = config.tls_certificate;
  settings.key_file = config.tls_key;
  return settings;
}

HttpOptions http_options(const Config& config, std::vector<observe::Observer*> observers,
                         Tls& tls) {
  HttpOptions options;
  options.tls = &tls;
  options.addresses = config.http;
  options.loops = config.threads != 0 ? config.threads : cores();
  options.limits.connections = config.max_connections;
  options.limits.idle = config.idle_timeout;
  options.limits.stop = config.stop_timeout;
  options.observers = std::move(observers);
  return options;
}

// Without what SHUTDOWN does.
redis::InstanceOptions redis_options(const Config& config, const world::WorldOptions& options,
                                     world::World& world,
                                     std::vector<observe::Observer*> observers) {
  std::error_code ignored;
  redis::InstanceOptions redis;
  redis.data_directory = options.folder.string();
  redis.executable = std::filesystem::read_symlink("/proc/self/exe", ignored).string();
  redis.process_id = static_cast<int>(::getpid());
  redis.persistent = !options.scratch;
  redis.password = config.redis_password;
  redis.save = [&world] { world.sync(); };
  redis.connect = connect_outbound;
  redis.observers = std::move(observers);
  redis.resident_bytes = [] { return resident_bytes(); };
  redis.sleep = [](std::int64_t us) { std::this_thread::sleep_for(std::chrono::microseconds(us)); };
  return redis;
}

redis::ClusterShape shape_of(const Config& config, const RedisPlace& place) {
  for (const RedisClusterPlan& plan : config.redis_clusters) {
    if (plan.name == place.name) return {plan.shards, plan.replicas};
  }
  return {};
}

std::vector<aws::Credential> credentials(const Config& config) {
  std::vector<aws::Credential> known;
  try {
    if (!config.credentials.empty()) known = aws::read_credentials_file(config.credentials);
  } catch (const std::runtime_error& error) {
    throw StartError(error.what());
  }
  if (!config.root_user.empty()) {
    known.push_back({.access_key_id = config.root_user,
                     .secret_access_key = config.root_password,
                     .account = aws::account_of(config.root_user)});
  }
  return known;
}

// Tells of what others on this machine can read or enter and should not.
void warn_if_open_to_others(const std::filesystem::path& path, std::string_view what) {
  struct stat facts {};
  if (path.empty() || ::stat(path.c_str(), &facts) != 0) return;
  if ((facts.st_mode & (S_IRGRP | S_IROTH | S_IXGRP | S_IXOTH)) == 0) return;
  log::warn(std::string(what) + " " + path.string() + " is open to other users of this machine; " +
            (S_ISDIR(facts.st_mode) ? "chmod 700" : "chmod 600") + " closes it");
}

void warn_of_open_files(const Config& config) {
  warn_if_open_to_others(config.redis_password_file, "the password file");
  warn_if_open_to_others(config.settings_file, "the settings file with the password,");
  for (const auto& [name, file] : config.redis_acl_files) {
    warn_if_open_to_others(file, "the ACL file");
  }
  warn_if_open_to_others(config.tls_key, "the key of --tls-key");
  if (!config.verify_signatures) return;
  warn_if_open_to_others(config.credentials, "the credentials file");
  warn_if_open_to_others(config.data, "the data folder");
}

// What health lists. ElastiCache is what AWS calls a Redis of its own.
std::vector<std::string> served(const Config& config) {
  std::vector<std::string> services = served_over_http(config);
  if (!config.redis.empty()) services.insert(services.end(), {"redis", "elasticache"});
  return services;
}

std::string_view word(base::Durability durability) {
  switch (durability) {
    case base::Durability::kNone: return "none";
    case base::Durability::kProcess: return "process";
    case base::Durability::kPower: return "power";
  }
  return "";
}

}  // namespace

class Assembly::Impl {
 public:
  explicit Impl(const Config& config)
      : config_(config),
        keys_(credentials(config)),
        authenticator_(config.verify_signatures ? aws::Authenticator::Mode::kVerify
                                                : aws::Authenticator::Mode::kAcceptAny,
                       session_keys_),
        addressing_(config.domains),
        tls_(tls_settings(config)),
        router_(http::BrowserGuard({config.cors_origins, config.domains}),
                config.tls_only ? Router::Plain::kHealthAlone : Router::Plain::kServed),
        missing_(clock_, !config.http.empty() ? "; see /_bodega/missing" : ""),
        peer_health_(
            [this] { return world_->fault(); },
            [this](std::string_view host) { return !addressing_.bucket_of_host(host).empty(); }),
        control_(served(config), metrics_, control_access(config),
                 [this] { return world_->fault(); }) {
    // HTTP's port first: when it is taken, that should be reported before the data is read. Redis
    // binds later, because its endpoints are made with their keyspaces.
    if (!config.http.empty()) {
      http_ = std::make_unique<HttpServer>(http_options(config, observers(), tls_), router_, clock_,
                                           metrics_);
    }
    pool_ = std::make_unique<ThreadPool>(kPoolThreadsPerCore * cores());
    options_ = world_options(config);
    options_.executor = pool_.get();
    options_.loading = [notice = loading_](std::uint64_t records) { notice->read(records); };
    world_ = world::World::open(options_, clock_);
    loading_->end(count_keys());
    worlds_ = std::make_unique<world::Worlds>(world_, clock_);
    tls_.keep_authority_in(authority_file(options_.folder));
    session_keys_.look_in(worlds_->identities());
    jobs_ = std::make_unique<JobRunner>(
        [this](JobRunner::Visit visit) { worlds_->for_each_job(visit); });
    const aws::Front front{authenticator_, nullptr, pool_.get()};
    s3::Settings s3_settings;
    s3_settings.domains = config.domains;
    s3_settings.verify_reads_percent = config.verify_reads_percent;
    s3_ = std::make_unique<s3::Service>(worlds_->objects(), *pool_, front, s3_settings);
    dynamodb_ = std::make_unique<dynamodb::Service>(
        worlds_->tables(), front,
        config.shared_db ? dynamodb::Tables::kShared : dynamodb::Tables::kOfCaller);
    kms_ = std::make_unique<kms::Service>(worlds_->vaults(), front);
    sts_ = std::make_unique<sts::Service>(worlds_->identities(), front);
    verify_ = std::make_unique<VerifyService>(*worlds_, *pool_);
    control_.add("/_bodega/verify",
                 [this](const http::RequestHead& head) { return verify_->begin(head); });
    control_.add(
        "/_bodega/ca.pem", [this](const http::RequestHead&) { return ca_page(tls_); },
        ControlService::Admission::kAnyone);
    add_pages(config);
    router_.route_to(services_of(config));
    reset_ = std::make_unique<ResetService>(
        *worlds_, [this](auto done) { clear_keyspaces(std::move(done)); });
    reset_->add_to(control_);
    add_redis(config);
    startup_ = std::make_unique<Startup>(
        config_,
        Startup::Parts{*worlds_, *pool_, redis_.get(), unserved_, [this] { return addresses(); }});
    tell_of_unserved(config);
    add_store_figures();
    warn_of_open_files(config);
  }

  ~Impl() { stop(); }

  std::string start_lines() const {
    std::string lines = "bodega " BODEGA_VERSION ", data in ";
    if (options_.scratch) {
      lines += "a scratch folder that goes away at exit\n";
    } else {
      lines += options_.folder.string() + ", durability ";
      lines.append(word(options_.durability)).append("\n");
    }
    for (const std::string& taken : config_.taken) {
      lines += "from the environment: " + taken + "\n";
    }
    return lines;
  }

  std::string ready_lines() const {
    std::string lines;
    if (http_) {
      for (const Address& address : http_->addresses()) lines += "http://" + address.text() + "\n";
    }
    for (const RedisInstances::Facts& redis : instances()) {
      for (const Address& address : redis.addresses) {
        if (!redis.name.empty()) lines += redis.name + "=";
        lines += "redis://" + address.text() + "\n";
      }
    }
    if (redis_) lines += "* Ready to accept connections\n";
    return lines + "Ready.\n";
  }

  void start() {
    startup_->before_answering();
    if (http_) http_->start();
    if (redis_) redis_->start();
    startup_->when_answering();
    if (!config_.says_as_minio || !http_) return;
    // What tools that start MinIO wait for on standard error.
    std::string line = "API:";
    for (const Address& address : http_->addresses()) line += " http://" + address.text();
    log::info(line);
  }

  void stop() {
    if (stopped_) return;
    stopped_ = true;
    if (startup_) startup_->before_stopping();
    if (verify_) verify_->stop();
    if (http_) http_->stop();
    if (redis_) redis_->stop();
    if (http_) tell_of_requests();
    if (http_) http_->join();
    if (redis_) redis_->join();
    // The pool's tasks call back into the loops, so its threads end before them; both use the
    // world, as do the jobs, which use the pool. What goes away then may still post to it (the last
    // reader of an object, say), so the pool itself is the last.
    jobs_.reset();
    pool_->stop();
    http_.reset();
    redis_.reset();
    instances_service_.reset();
    instances_.reset();
    verify_.reset();
    status_.reset();
    inventory_.reset();
    reset_.reset();
    startup_.reset();
    s3_.reset();
    dynamodb_.reset();
    kms_.reset();
    sts_.reset();
    worlds_.reset();
    world_.reset();
    pool_.reset();
  }

 private:
  std::vector<observe::Observer*> observers() { return {&debug_log_, &missing_, &recent_}; }

  ControlAccess control_access(const Config& config) const {
    ControlAccess access{authenticator_, clock_};
    const auto is_loopback = [](const Address& address) {
      return http::is_loopback(http::host_name(address.text()));
    };
    if (std::all_of(config.http.begin(), config.http.end(), is_loopback)) {
      access.reach = ControlAccess::Reach::kThisMachine;
    }
    access.is_bucket_host = [this](std::string_view host) {
      return !addressing_.bucket_of_host(host).empty();
    };
    return access;
  }

  void add_pages(const Config& config) {
    inventory_ = std::make_unique<Inventory>(*worlds_, *pool_);
    status_ = std::make_unique<StatusService>(
        StatusService::Parts{clock_, missing_, recent_, key_counts_, *inventory_},
        [this, services = served(config), auth = config.verify_signatures ? "verify" : "off"] {
          return StatusService::Facts{addresses(), services,
                                      options_.scratch ? "" : options_.folder.string(),
                                      std::string(word(options_.durability)), auth};
        });
    control_.add("/_bodega/status",
                 [this](const http::RequestHead& head) { return status_->begin(head); });
    control_.add("/_bodega/", page);
    control_.add_page("/_bodega/missing", "Missing",
                      [this] { return "{\"missing\":" + missing_.json() + "}"; });
    localstack_ = std::make_unique<LocalStackPages>(served(config), clock_,
                                                    [this] { return startup_->state(); });
    localstack_->add_to(control_);
  }

  // As URLs.
  std::vector<std::string> addresses() const {
    std::vector<std::string> urls;
    if (http_) {
      for (const Address& address : http_->addresses()) urls.push_back("http://" + address.text());
    }
    for (const RedisInstances::Facts& redis : instances()) {
      for (const Address& address : redis.addresses) urls.push_back("redis://" + address.text());
    }
    return urls;
  }

  // A Redis for each place, all on one loop. The one without a name is the process's own, so its
  // SHUTDOWN ends the process as a signal does.
  void add_redis(const Config& config) {
    if (config.redis.empty()) return;
    redis_ = std::make_unique<RedisServer>(metrics_);
    instances_ = std::make_unique<RedisInstances>(
        *redis_, *world_, key_counts_, [this](const std::string& name) {
          RedisEndpoint endpoint;
          endpoint.options = redis_options(config_, options_, *world_, observers());
          endpoint.options.cluster_announce = config_.redis_announce;
          endpoint.key_counts = &key_counts_;
          endpoint.tls = &tls_;
          for (const RedisPlace& place : config_.redis) {
            if (place.name != name) continue;
            endpoint.unix_place = {place.unix_path, config_.redis_socket_mode};
          }
          if (const auto file = config_.redis_acl_files.find(name);
              file != config_.redis_acl_files.end()) {
            endpoint.options.acl_file = file->second.string();
            endpoint.options.acl_lines = acl_lines_of(file->second);
          }
          return endpoint;
        });
    for (const RedisPlace& place : config.redis) {
      RedisInstances::Plan plan{place.name, place.address, shape_of(config, place), {}};
      plan.ends_process = place.name.empty();
      instances_->add(plan);
    }
    instances_service_ =
        std::make_unique<RedisInstancesService>(*instances_, redis_cluster_shape, is_redis_name);
    instances_service_->add_to(control_);
  }

  std::vector<RedisInstances::Facts> instances() const {
    return instances_ ? instances_->list() : std::vector<RedisInstances::Facts>{};
  }

  // On the Redis loop, which has them all; where there is none, nobody has them.
  void clear_keyspaces(std::function<void(ResetService::RedisCleared)> done) {
    RedisServer::Keyspaces keyspaces{world_->keyspace_named("")};
    for (const std::string& name : world_->keyspace_names()) {
      keyspaces.push_back(world_->keyspace_named(name));
    }
    if (redis_) {
      return redis_->clear(std::move(keyspaces), [done](const RedisServer::Cleared& cleared) {
        done({cleared.keys, cleared.fault});
      });
    }
    ResetService::RedisCleared cleared;
    {
      const base::Lock lock(unserved_);
      try {
        for (const auto& keyspace : keyspaces) cleared.keys += keyspace->clear();
      } catch (const base::StorageFault& fault) {
        cleared.fault = fault.what();
      }
    }
    done(cleared);
    pool_->post([this, keyspaces = std::move(keyspaces)] { tidy_unserved(keyspaces); });
  }

  // Frees what was removed.
  void tidy_unserved(const RedisServer::Keyspaces& keyspaces) {
    constexpr std::size_t kShare = 10'000;
    const base::Lock lock(unserved_);
    for (const auto& keyspace : keyspaces) {
      while (keyspace->tidy_some(kShare)) {
      }
    }
  }

  std::vector<http::Service*> services_of(const Config& config) {
    std::vector<http::Service*> services{&control_, &peer_health_, &unserved_services_};
    const std::vector<std::string> names = served_over_http(config);
    for (http::Service* service : std::initializer_list<http::Service*>{dynamodb_.get(), kms_.get(),
                                                                        sts_.get(), s3_.get()}) {
      if (std::find(names.begin(), names.end(), service->name()) == names.end()) continue;
      services.push_back(service);
    }
    return services;
  }

  std::uint64_t count_keys() const {
    std::vector<std::string> names = world_->keyspace_names();
    names.emplace_back();
    std::uint64_t keys = 0;
    for (const std::string& name : names) {
      const auto keyspace = world_->keyspace_named(name);
      for (unsigned db = 0; db < keyspace->database_count(); ++db) keys += keyspace->size(db);
    }
    return keys;
  }

  // Connections without a request are closed at once, so those that are left have one.
  void tell_of_requests() const {
    constexpr std::chrono::milliseconds kStep{10};
    constexpr int kMaxSteps = 20;
    for (int i = 0; i < kMaxSteps && http_->open_connections() > 0; ++i) {
      std::this_thread::sleep_for(kStep);
    }
    const std::uint64_t left = http_->open_connections();
    if (left == 0) return;
    log::info("waiting up to " + std::to_string(config_.stop_timeout.count()) + " s for " +
              counted(left, "request") + "; a second signal ends at once");
  }

  // They take memory all the same.
  void tell_of_unserved(const Config& config) const {
    for (const std::string& name : world_->keyspace_names()) {
      const bool served =
          std::any_of(config.redis.begin(), config.redis.end(),
                      [&name](const RedisPlace& place) { return place.name == name; });
      if (served) continue;
      log::info("the keyspace \"" + name + "\" is loaded, and no --redis " + name + "= serves it");
    }
  }

  void add_store_figures() {
    metrics_.add_figures("bodega_rocksdb", "database=\"shared\"",
                         [this] { return world_->store_figures(kv::Database::kShared); });
    metrics_.add_figures("bodega_rocksdb", "database=\"keyspace\"",
                         [this] { return world_->store_figures(kv::Database::kKeyspace); });
    metrics_.add_figures("bodega", "", [this] { return missing_.figures(); });
    metrics_.add_figures("bodega_blob", "", [this] { return world_->blob_figures(); });
  }

  const Config config_;
  const base::SystemClock clock_;
  const std::shared_ptr<LoadingNotice> loading_ = std::make_shared<LoadingNotice>();
  Metrics metrics_;
  DebugLog debug_log_;
  aws::KeyRing keys_;
  sts::SessionKeys session_keys_{keys_};
  const aws::Authenticator authenticator_;
  const s3::Addressing addressing_;
  Tls tls_;
  Router router_;
  aws::UnservedServices unserved_services_{served_over_http(config_)};
  Missing missing_;
  RecentRequests recent_{clock_};
  KeyCounts key_counts_;
  PeerHealth peer_health_;
  ControlService control_;
  world::WorldOptions options_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<ThreadPool> pool_;
  std::shared_ptr<world::World> world_;
  std::unique_ptr<world::Worlds> worlds_;
  std::unique_ptr<JobRunner> jobs_;
  std::unique_ptr<s3::Service> s3_;
  std::unique_ptr<dynamodb::Service> dynamodb_;
  std::unique_ptr<kms::Service> kms_;
  std::unique_ptr<sts::Service> sts_;
  std::unique_ptr<VerifyService> verify_;
  std::unique_ptr<Inventory> inventory_;
  std::unique_ptr<StatusService> status_;
  std::unique_ptr<LocalStackPages> localstack_;
  std::unique_ptr<ResetService> reset_;
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<RedisInstances> instances_;
  std::unique_ptr<RedisInstancesService> instances_service_;
  base::Mutex unserved_;  // holds the keyspaces when there is no redis_
  std::unique_ptr<Startup> startup_;
  bool stopped_ = false;
};

Assembly::Assembly(const Config& config) : impl_(std::make_unique<Impl>(config)) {}
Assembly::~Assembly() = default;

std::string Assembly::start_lines() const { return impl_->start_lines(); }
std::string Assembly::ready_lines() const { return impl_->ready_lines(); }
void Assembly::start() { impl_->start(); }
void Assembly::stop() { impl_->stop(); }

}  // namespace bodega::server
