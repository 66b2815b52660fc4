// Handlers that may take long: what the connection sees of them.
#include "protocol/s3/service.h"
#include "tests/catch.h"
#include "tests/held_executor.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;

namespace {

// A service on the same objects whose executor waits to be told.
struct Held : World {
  Held() {
    run("PUT", "/bucket");
    run("PUT", "/bucket/from", "body");
  }
  std::unique_ptr<http::BodySink> begin_copy() {
    auto begun =
        service.begin(head_of("PUT", "/bucket/to", {{"x-amz-copy-source", "/bucket/from"}}));
    return std::move(std::get<std::unique_ptr<http::BodySink>>(begun));
  }

  tests::HeldExecutor executor;
  base::SingleSelector<object::Engine> selector{engine(), clock};
  aws::KeyRing keys;
  aws::Authenticator authenticator{aws::Authenticator::Mode::kAcceptAny, keys};
  s3::Service service{selector, executor, aws::Front{authenticator}, {}};
};

}  // namespace

TEST_CASE("CopyObject: runs on the executor, and its reply waits for it") {
  Held world;
  const auto sink = world.begin_copy();
  CHECK(world.executor.held() == 0);
  CHECK(sink->end() == http::BodySink::Flow::kWait);
  bool ready = false;
  sink->resume([&ready] { ready = true; });
  CHECK_FALSE(ready);
  CHECK(world.run("GET", "/bucket/to").status == 404);
  world.executor.run_all();
  CHECK(ready);
  CHECK(sink->finish({}).status == 200);
  CHECK(world.run("GET", "/bucket/to").body == "body");
}

TEST_CASE("CopyObject: done before anybody waits, it is ready at once") {
  Held world;
  const auto sink = world.begin_copy();
  sink->end();
  world.executor.run_all();
  bool ready = false;
  sink->resume([&ready] { ready = true; });
  CHECK(ready);
}

TEST_CASE("CopyObject: a client that leaves meanwhile is not called back") {
  Held world;
  auto sink = world.begin_copy();
  sink->end();
  bool ready = false;
  sink->resume([&ready] { ready = true; });
  sink.reset();
  world.executor.run_all();
  CHECK_FALSE(ready);
  CHECK(world.run("GET", "/bucket/to").body == "body");
}
