// POST /_bodega/verify: what it answers when the run cannot begin.
#include "server/control/verify_service.h"

#include <stdexcept>
#include <string>

#include "tests/catch.h"

using namespace bodega;

namespace {

// Throws while it is broken, as a pool does that is given no thread; otherwise runs tasks at once.
class BreakableExecutor : public base::Executor {
 public:
  void post(std::function<void()> task) override {
    if (broken) throw std::runtime_error("no thread");
    task();
  }

  bool broken = false;
};

class Verifier {
 public:
  std::unique_ptr<http::BodySink> post() {
    http::RequestHead head;
    head.method = "POST";
    return std::get<std::unique_ptr<http::BodySink>>(service.begin(head));
  }
  std::string status() {
    http::RequestHead head;
    head.method = "GET";
    return text_of(std::get<http::Reply>(service.begin(head)));
  }
  static std::string text_of(const http::Reply& reply) { return std::get<std::string>(reply.body); }

  base::SystemClock clock;
  BreakableExecutor executor;
  world::Worlds worlds{world::World::in_memory(clock), clock};
  server::VerifyService service{worlds, executor};
};

}  // namespace

TEST_CASE("Verify: a run that could not begin is not said to be running, and the next one begins") {
  Verifier verifier;
  verifier.executor.broken = true;
  CHECK_THROWS_AS(verifier.post()->end(), std::runtime_error);
  CHECK(verifier.status() == "{\n  \"status\": \"never run\"\n}\n");
  verifier.executor.broken = false;
  const auto sink = verifier.post();
  sink->end();
  bool ready = false;
  sink->resume([&ready] { ready = true; });
  CHECK(ready);
  CHECK(Verifier::text_of(sink->finish({})).find("\"status\": \"ok\"") != std::string::npos);
}
