#include "engines/base/digest_pipeline.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "engines/base/random.h"
#include "tests/catch.h"
#include "tests/held_executor.h"

using namespace bodega;
using base::DigestKind;
using base::DigestPipeline;

namespace {

constexpr std::array kKinds = {DigestKind::kMd5, DigestKind::kCrc32, DigestKind::kSha256,
                               DigestKind::kCrc64Nvme};

// Threads that run tasks as they come.
class ThreadExecutor : public base::Executor {
 public:
  explicit ThreadExecutor(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~ThreadExecutor() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void post(std::function<void()> task) override {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

std::string make_body(std::size_t length) {
  std::string body(length, '\0');
  for (std::size_t i = 0; i < length; ++i) body[i] = static_cast<char>(i * 2654435761u >> 13);
  return body;
}

void check_digests(const std::vector<std::string>& digests, std::string_view body) {
  REQUIRE(digests.size() == kKinds.size());
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    CHECK(digests[i] == base::digest(kKinds[i], body));
  }
}

// Writes all of it in random pieces and waits whenever the pipeline says so.
void write_all(DigestPipeline& pipeline, std::string_view body) {
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, base::random_below(200'000) + 1);
    body.remove_prefix(piece.size());
    if (pipeline.write(piece) == DigestPipeline::Flow::kMore) continue;
    std::atomic<bool> ready = false;
    pipeline.when_drained([&ready] {
      ready = true;
      ready.notify_one();
    });
    ready.wait(false);
  }
}

}  // namespace

TEST_CASE("DigestPipeline: a small body is hashed without a thread") {
  tests::HeldExecutor executor;
  DigestPipeline pipeline(kKinds, &executor);
  const std::string body = make_body(DigestPipeline::kInlineBytes);
  CHECK(pipeline.write(body) == DigestPipeline::Flow::kMore);
  CHECK(executor.held() == 0);
  check_digests(pipeline.finish(), body);
}

TEST_CASE("DigestPipeline: an empty body") {
  base::InlineExecutor executor;
  DigestPipeline pipeline(kKinds, &executor);
  check_digests(pipeline.finish(), "");
}

TEST_CASE("DigestPipeline: without an executor everything is hashed on the writing thread") {
  DigestPipeline pipeline(kKinds, nullptr);
  const std::string body = make_body(1'000'000);
  CHECK(pipeline.write(body) == DigestPipeline::Flow::kMore);
  check_digests(pipeline.finish(), body);
}

TEST_CASE("DigestPipeline: an executor that runs at once gives the same digests") {
  base::InlineExecutor executor;
  DigestPipeline pipeline(kKinds, &executor);
  const std::string body = make_body(3'000'001);
  write_all(pipeline, body);
  check_digests(pipeline.finish(), body);
}

TEST_CASE("DigestPipeline: it is full at the bound and calls back below half of it") {
  tests::HeldExecutor executor;
  DigestPipeline pipeline(kKinds, &executor);
  const std::string body = make_body(DigestPipeline::kChunkBytes);
  std::size_t written = 0;
  while (pipeline.write(body) == DigestPipeline::Flow::kMore) {
    written += body.size();
    REQUIRE(written <= DigestPipeline::kQueueBytes + DigestPipeline::kInlineBytes);
  }
  CHECK(written >= DigestPipeline::kQueueBytes);
  bool ready = false;
  pipeline.when_drained([&ready] { ready = true; });
  CHECK_FALSE(ready);
  executor.run_all();
  CHECK(ready);
  pipeline.when_drained([&ready] { ready = false; });
  CHECK_FALSE(ready);  // nothing waits, so it called at once
}

TEST_CASE("DigestPipeline: finish does the work itself when no task ever runs") {
  tests::HeldExecutor executor;
  const std::string body = make_body(2'500'000);
  {
    DigestPipeline pipeline(kKinds, &executor);
    pipeline.write(body);
    check_digests(pipeline.finish(), body);
  }
  CHECK(executor.held() > 0);
  executor.run_all();  // late tasks find nothing to do, and nothing freed
}

TEST_CASE("DigestPipeline: on threads, bodies of many sizes, several at a time") {
  ThreadExecutor executor(3);
  std::vector<std::thread> writers;
  std::atomic<int> wrong = 0;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&executor, &wrong, writer] {
      base::seed_random_for_test(static_cast<std::uint64_t>(writer));
      for (int round = 0; round < 4; ++round) {
        const std::string body = make_body(base::random_below(9'000'000));
        DigestPipeline pipeline(kKinds, &executor);
        write_all(pipeline, body);
        const auto digests = pipeline.finish();
        for (std::size_t i = 0; i < kKinds.size(); ++i) {
          if (digests[i] != base::digest(kKinds[i], body)) ++wrong;
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(wrong == 0);
}

TEST_CASE("DigestPipeline: destroyed half-way, no callback comes later") {
  ThreadExecutor executor(2);
  const std::string body = make_body(5'000'000);
  for (int round = 0; round < 20; ++round) {
    auto alive = std::make_shared<std::atomic<bool>>(true);
    std::atomic<bool> late = false;
    {
      DigestPipeline pipeline(kKinds, &executor);
      pipeline.write(body);
      pipeline.when_drained([alive, &late] {
        if (!*alive) late = true;
      });
    }
    *alive = false;
    CHECK_FALSE(late);
  }
}

TEST_CASE("DigestPipeline: a callback may destroy the pipeline") {
  tests::HeldExecutor executor;
  auto pipeline = std::make_unique<DigestPipeline>(kKinds, &executor);
  pipeline->write(make_body(DigestPipeline::kQueueBytes + DigestPipeline::kInlineBytes));
  bool called = false;
  pipeline->when_drained([&] {
    called = true;
    pipeline.reset();
  });
  executor.run_all();
  CHECK(called);
  CHECK_FALSE(pipeline);
}

TEST_CASE("DigestPipeline: a long queue lets others have their turn on the executor") {
  tests::HeldExecutor executor;
  const std::string body =
      make_body(DigestPipeline::kInlineBytes + 8 * DigestPipeline::kChunkBytes);
  const std::array kinds{base::DigestKind::kMd5};
  DigestPipeline first(kinds, &executor);
  DigestPipeline second(kinds, &executor);
  const auto write = [&](DigestPipeline& pipeline) {
    pipeline.write(std::string_view(body).substr(0, DigestPipeline::kInlineBytes));
    pipeline.write(std::string_view(body).substr(DigestPipeline::kInlineBytes));
  };
  write(first);
  write(second);
  REQUIRE(executor.held() == 2);
  executor.run_one();
  CHECK(executor.held() == 2);  // the second one, and the first again behind it
  executor.run_all();
  CHECK(first.finish().front() == base::md5(body));
  CHECK(second.finish().front() == base::md5(body));
}
