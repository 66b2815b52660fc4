#include "server/seed/redis_keys.h"

#include <string>
#include <utility>

#include "protocol/redis/instance/session.h"

namespace bodega::server {
namespace {

class OwnPeer : public redis::Peer {
  std::string address() const override { return "127.0.0.1:0"; }
  std::string local_address() const override { return "127.0.0.1:0"; }
};

class Connection {
 public:
  explicit Connection(redis::Instance& instance) : session_(instance, peer_) {
    session_.user = nullptr;  // the server itself
    session_.authenticated = true;
  }

  // The reply as it would be sent, once it is settled.
  std::string run(const std::vector<std::string>& command) {
    std::string request = "*" + std::to_string(command.size()) + "\r\n";
    for (const std::string& argument : command) {
      request.append("$" + std::to_string(argument.size()) + "\r\n").append(argument);
      request.append("\r\n");
    }
    session_.feed(request);
    using Progress = redis::Session::Progress;
    Progress progress = Progress::kMore;
    while (progress == Progress::kMore) {
      progress = session_.process(1);
      commit();
    }
    return std::exchange(session_.output(), {});
  }

 private:
  void commit() {
    redis::Instance& instance = session_.instance();
    instance.finish_tick();
    while (instance.is_staging()) instance.stage_some();
  }

  OwnPeer peer_;
  redis::Session session_;
};

void require_success(const KeySeed& key, const std::string& reply) {
  if (!reply.starts_with('-') && !reply.empty()) return;
  const std::string what = reply.empty() ? "" : reply.substr(1, reply.find('\r') - 1);
  throw SeedError(key.line, "the key \"" + key.key + "\" of Redis: " + what);
}

}  // namespace

std::size_t make_keys(redis::Instance& instance, const std::vector<KeySeed>& keys) {
  Connection connection(instance);
  std::size_t made = 0;
  for (const KeySeed& key : keys) {
    require_success(key, connection.run({"SELECT", std::to_string(key.database)}));
    const std::string there = connection.run({"EXISTS", key.key});
    require_success(key, there);
    if (there != ":0\r\n") continue;
    // Together, so that no key is left without its time to live.
    require_success(key, connection.run({"MULTI"}));
    require_success(key, connection.run(key.command));
    if (!key.ttl_s.empty()) {
      require_success(key, connection.run({"EXPIRE", key.key, key.ttl_s}));
    }
    const std::string done = connection.run({"EXEC"});
    require_success(key, done);
    // "*2", and a reply of each: the first that is an error counts.
    const std::size_t error = done.find("\r\n-");
    if (error != std::string::npos) require_success(key, done.substr(error + 2));
    ++made;
  }
  return made;
}

}  // namespace bodega::server
