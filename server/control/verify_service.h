// POST /_bodega/verify: reads everything that is stored against its sums, on a thread of the pool,
// while everything else goes on, and answers with a report. One run at a time: who asks meanwhile
// waits for the same one. A run that takes longer than a client can be kept waiting answers 202;
// GET /_bodega/verify tells how it ended.
#pragma once

#include <memory>

#include "engines/base/executor.h"
#include "engines/world/worlds.h"
#include "protocol/http/message.h"

namespace bodega::server {

class VerifyService {
 public:
  // Both must outlive the tasks on the executor. Its threads end before the worlds do.
  VerifyService(const world::Worlds& worlds, base::Executor& executor);
  ~VerifyService();
  VerifyService(const VerifyService&) = delete;
  VerifyService& operator=(const VerifyService&) = delete;

  http::Begun begin(const http::RequestHead& head);

  // Ends a run that is at work, soon.
  void stop();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace bodega::server
