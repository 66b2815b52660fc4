// BackgroundReply: a reply that is made on an executor while its connection waits, for operations
// that would keep an event loop for long.
#pragma once

#include <functional>
#include <memory>

#include "engines/base/executor.h"
#include "protocol/http/message.h"

namespace bodega::aws {

// What a body sink holds: it starts it in end() and says kWait, passes resume() on, and gives the
// reply out in finish(). When the sink goes earlier, the task still ends, and its reply is dropped.
class BackgroundReply {
 public:
  BackgroundReply() = default;
  ~BackgroundReply();
  BackgroundReply(const BackgroundReply&) = delete;
  BackgroundReply& operator=(const BackgroundReply&) = delete;

  // Makes the reply on the executor. Once only.
  void start(base::Executor& executor, std::function<http::Reply()> make);
  bool has_started() const { return work_ != nullptr; }

  // Calls `ready` once when the reply is there, from any thread, or at once. REQUIRES: started.
  void resume(std::function<void()> ready);

  // REQUIRES: `ready` was called.
  http::Reply take();

 private:
  struct Work;
  std::shared_ptr<Work> work_;
};

}  // namespace bodega::aws
