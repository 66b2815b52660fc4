#include "protocol/s3/body/background.h"

#include <functional>
#include <utility>

#include "engines/base/mutex.h"
#include "protocol/s3/wire/operation.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

// What the sink and the task share; the task may outlive the sink.
struct Work {
  std::unique_ptr<Call> call;

  base::Mutex mutex;  // for what follows
  bool done = false;
  http::Reply reply;
  std::function<void()> ready;

  void run() {
    http::Reply made = answer(
        *call, [this] { return call->later ? call->later() : call->operation.handler(*call, {}); });
    std::function<void()> call_back;
    {
      const base::Lock lock(mutex);
      reply = std::move(made);
      done = true;
      call_back = std::exchange(ready, nullptr);
    }
    if (call_back) call_back();
  }
};

class BackgroundSink final : public http::BodySink {
 public:
  explicit BackgroundSink(std::unique_ptr<Call> call) : work_(std::make_shared<Work>()) {
    work_->call = std::move(call);
  }
  ~BackgroundSink() override {
    const base::Lock lock(work_->mutex);
    work_->ready = nullptr;
  }

  // These requests have no body; what comes nevertheless means nothing.
  Flow write(std::string_view) override { return Flow::kMore; }

  Flow end() override {
    work_->call->shared.executor.post([work = work_] { work->run(); });
    return Flow::kWait;
  }

  void resume(std::function<void()> ready) override {
    {
      const base::Lock lock(work_->mutex);
      if (!work_->done) {
        work_->ready = std::move(ready);
        return;
      }
    }
    ready();
  }

  http::Reply finish(const http::Headers&) override { return std::move(work_->reply); }

 private:
  std::shared_ptr<Work> work_;
};

}  // namespace

std::unique_ptr<http::BodySink> make_background_sink(std::unique_ptr<Call> call) {
  return std::make_unique<BackgroundSink>(std::move(call));
}

}  // namespace bodega::s3
