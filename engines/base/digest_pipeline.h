// Several digests of one body, beside each other and beside the thread that receives it. MD5 does
// about 0.7 GB/s on a core, so a large body would keep an event loop busy with hashing; here the
// slow digests run on an Executor, each over all bytes in order, while the loop goes on receiving.
// CRCs cost less than handing the bytes over and are taken at once on the writing thread, and a
// body shorter than kInlineBytes is hashed there altogether.
//
// What is queued is bounded: write() says kFull when kQueueBytes are waiting, and when_drained()
// calls back once less than half of them are.
//
// One thread writes; callbacks come from the executor's threads. A pipeline may be destroyed at any
// time: what is still queued is dropped, and no callback runs after the destructor has returned.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/digest.h"
#include "engines/base/executor.h"

namespace bodega::base {

class DigestPipeline {
 public:
  static constexpr std::size_t kInlineBytes = 256 * 1024;      // shorter bodies need no thread
  static constexpr std::size_t kQueueBytes = 2 * 1024 * 1024;  // how much may wait
  static constexpr std::size_t kChunkBytes = 256 * 1024;       // what is handed over at once

  enum class Flow {
    kMore,  // go on
    kFull,  // write nothing before when_drained() has called back (what was written is taken)
  };

  // Without an executor (nullptr) everything is hashed on the writing thread. The executor must
  // outlive the pipeline and the tasks it was given.
  DigestPipeline(std::span<const DigestKind> kinds, Executor* executor);
  DigestPipeline(const DigestPipeline&) = delete;
  DigestPipeline& operator=(const DigestPipeline&) = delete;
  ~DigestPipeline();

  // Takes a copy of the bytes, all of them also when it says kFull.
  Flow write(std::string_view bytes);

  // Calls `ready` once, at once or from an executor's thread, when less than half of kQueueBytes is
  // waiting. REQUIRES: no other callback is waiting.
  void when_drained(std::function<void()> ready);

  // The digests, in the order of `kinds`. The calling thread helps with what is still queued.
  // REQUIRES: called once.
  std::vector<std::string> finish();

 private:
  struct State;

  std::shared_ptr<State> state_;
};

}  // namespace bodega::base
