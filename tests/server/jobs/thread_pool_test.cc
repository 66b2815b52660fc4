#include "server/jobs/thread_pool.h"

#include <atomic>
#include <functional>
#include <memory>

#include "tests/catch.h"

using bodega::server::ThreadPool;

TEST_CASE("thread pool: stop() runs what was posted and drops what comes later") {
  ThreadPool pool(2);
  std::atomic<int> ran{0};
  for (int i = 0; i < 100; ++i) pool.post([&ran] { ++ran; });
  pool.stop();
  CHECK(ran == 100);
  pool.post([&ran] { ++ran; });
  pool.stop();
  CHECK(ran == 100);
}

TEST_CASE("thread pool: what a task held may post another one when it goes") {
  ThreadPool pool(1);
  std::atomic<bool> posted{false};
  const auto post_at_end = [&pool, &posted](const int* number) {
    delete number;
    pool.post([&posted] {
      posted = true;
      posted.notify_one();
    });
  };
  pool.post([held = std::shared_ptr<const int>(new int(1), post_at_end)] {});
  posted.wait(false);
  CHECK(posted);
}
