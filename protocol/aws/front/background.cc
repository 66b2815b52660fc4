#include "protocol/aws/front/background.h"

#include <utility>

#include "engines/base/mutex.h"

namespace bodega::aws {

// Shared with the task, which may outlive the sink.
struct BackgroundReply::Work {
  base::Mutex mutex;
  bool done GUARDED_BY(mutex) = false;
  http::Reply reply GUARDED_BY(mutex);
  std::function<void()> ready GUARDED_BY(mutex);

  void finish(http::Reply made) {
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

BackgroundReply::~BackgroundReply() {
  if (!work_) return;
  const base::Lock lock(work_->mutex);
  work_->ready = nullptr;
}

void BackgroundReply::start(base::Executor& executor, std::function<http::Reply()> make) {
  work_ = std::make_shared<Work>();
  executor.post([work = work_, make = std::move(make)] { work->finish(make()); });
}

void BackgroundReply::resume(std::function<void()> ready) {
  {
    const base::Lock lock(work_->mutex);
    if (!work_->done) {
      work_->ready = std::move(ready);
      return;
    }
  }
  ready();
}

http::Reply BackgroundReply::take() {
  const base::Lock lock(work_->mutex);
  return std::move(work_->reply);
}

}  // namespace bodega::aws
