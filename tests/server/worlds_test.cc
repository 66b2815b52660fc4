// Worlds that are dropped while requests run in them, over real connections.
#include "engines/world/worlds.h"

#include "protocol/aws/front/front.h"
#include "protocol/s3/service.h"
#include "server/jobs/job_runner.h"
#include "server/jobs/thread_pool.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"
#include "tests/server/fixture.h"

using namespace bodega;
using namespace bodega::server;
using namespace bodega::server::test;
using Kept = world::Worlds::Kept;

namespace {

// Larger than what the sockets between server and client hold.
constexpr std::size_t kObjectBytes = 24 * 1024 * 1024;

// The world that has the access key for its name.
class ByName : public base::Selector<object::Engine> {
 public:
  explicit ByName(world::Worlds& worlds) : worlds_(worlds) {}
  base::Pinned<object::Engine> engine_for(std::string_view access_key_id) override {
    auto world = worlds_.find(access_key_id);
    if (world == nullptr) world = worlds_.main();
    return {std::shared_ptr<object::Engine>(world, &world->objects()), &world->clock(),
            &world->service_state()};
  }

 private:
  world::Worlds& worlds_;
};

class Process {
 public:
  Process() { server.start(); }
  ~Process() {
    server.stop();
    server.join();
  }

  static HttpOptions options() {
    HttpOptions options;
    options.addresses = {Address::of("127.0.0.1", 0)};
    options.loops = 2;
    return options;
  }
  static std::shared_ptr<world::World> open(const std::filesystem::path& folder, ThreadPool& pool,
                                            const base::Clock& clock) {
    world::WorldOptions options;
    options.folder = folder;
    options.executor = &pool;
    return world::World::open(options, clock);
  }

  // The head of a request to the world of that name.
  static std::string head(const std::string& method, const std::string& target,
                          const std::string& name, std::size_t body_bytes,
                          const std::string& more = {}) {
    return method + " " + target +
           " HTTP/1.1\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" + name +
           "/20260102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00\r\n"
           "X-Amz-Date: 20260102T030405Z\r\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\n"
           "Content-Length: " +
           std::to_string(body_bytes) + "\r\n" + more + "\r\n";
  }
  int ask(const std::string& method, const std::string& target, const std::string& name,
          const std::string& body = {}) {
    Client asking(server.addresses().front().port);
    asking.send(head(method, target, name, body.size()) + body);
    return asking.reply(method).status;
  }

  const tests::ScratchFolder folder;
  const base::SystemClock clock;
  ThreadPool pool{2};
  world::Worlds worlds{open(folder / "data", pool, clock), clock};
  ByName selector{worlds};
  aws::KeyRing keys;
  aws::Authenticator authenticator{aws::Authenticator::Mode::kAcceptAny, keys};
  s3::Service service{selector, pool, aws::Front{authenticator}};
  Metrics metrics;
  HttpServer server{options(), service, clock, metrics};
  JobRunner jobs{[this](JobRunner::Visit visit) { worlds.for_each_job(visit); }};
};

std::string name_of(int number) { return "world-" + std::to_string(number); }

}  // namespace

TEST_CASE("Worlds: dropped under GETs that stream from them, every byte is sent, then they go") {
  Process process;
  const std::string body = pattern(kObjectBytes);
  constexpr int kWorlds = 6;
  std::vector<std::weak_ptr<world::World>> watched;
  std::vector<std::unique_ptr<Client>> readers;
  for (int i = 0; i < kWorlds; ++i) {
    watched.push_back(
        process.worlds.open(name_of(i), i % 2 == 0 ? Kept::kOnDisk : Kept::kInMemory));
    REQUIRE(process.ask("PUT", "/bucket", name_of(i)) == 200);
    REQUIRE(process.ask("PUT", "/bucket/key", name_of(i), body) == 200);
    readers.push_back(std::make_unique<Client>(process.server.addresses().front().port));
    readers.back()->set_receive_buffer(64 * 1024);
    readers.back()->send(Process::head("GET", "/bucket/key", name_of(i), 0));
    REQUIRE(readers.back()->read(17) == "HTTP/1.1 200 OK\r\n");
  }
  for (int i = 0; i < kWorlds; ++i) CHECK(process.worlds.drop(name_of(i)));
  CHECK(process.ask("GET", "/bucket/key", name_of(0)) == 404);
  // From files no world is needed, from memory it is.
  CHECK_FALSE(watched[1].expired());
  for (auto& reader : readers) {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) head += reader->read(1);
    const bool whole = reader->read(kObjectBytes) == body;
    CHECK(whole);
  }
  const auto gone = [&] {
    return std::all_of(watched.begin(), watched.end(),
                       [](const auto& world) { return world.expired(); });
  };
  for (int i = 0; i < 2000 && !gone(); ++i) process.ask("GET", "/", "main");
  CHECK(gone());
  const auto blobs = [&] { return process.worlds.main()->blob_figures().front().value; };
  for (int i = 0; i < 10'000 && blobs() > 0; ++i) process.ask("GET", "/", "main");
  CHECK(blobs() == 0);
}

TEST_CASE("Worlds: dropped under a PUT, the request ends in the world in which it began") {
  Process process;
  const std::string body = pattern(1'000'000);
  std::weak_ptr<world::World> watched = process.worlds.open("one", Kept::kOnDisk);
  REQUIRE(process.ask("PUT", "/bucket", "one") == 200);
  Client writer(process.server.addresses().front().port);
  writer.send(Process::head("PUT", "/bucket/key", "one", body.size(), "Expect: 100-continue\r\n"));
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  REQUIRE(writer.read(go_on.size()) == go_on);
  CHECK(process.worlds.drop("one"));
  process.worlds.open("one", Kept::kOnDisk);
  writer.send(body);
  CHECK(writer.reply().status == 200);
  CHECK(process.ask("GET", "/bucket/key", "one") == 404);
  for (int i = 0; i < 2000 && !watched.expired(); ++i) process.ask("GET", "/", "main");
  CHECK(watched.expired());
}
