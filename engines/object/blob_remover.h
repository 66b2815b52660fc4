// BlobRemover: takes away blobs that no record names and no reader pins any more. A few go at once.
// Thousands (an aborted upload, an overwritten object of many parts) go on the executor, one slice
// after the other, because each of them is a file and the caller is an event loop.
//
// What is still waiting when the remover is destroyed, and what cannot be removed, stays for the
// sweep of the next start.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "engines/base/executor.h"
#include "engines/base/mutex.h"
#include "engines/blob/store.h"

namespace bodega::object {

class BlobRemover {
 public:
  static constexpr std::size_t kAtOnce = 8;  // so many are removed on the calling thread
  static constexpr std::size_t kSlice = 64;  // so many by one task of the executor

  // Without an executor (nullptr) everything is removed on the calling thread. Both must outlive
  // the remover.
  BlobRemover(blob::Store& blobs, base::Executor* executor) : blobs_(blobs), executor_(executor) {}
  ~BlobRemover() { lifeline_.cut(); }
  BlobRemover(const BlobRemover&) = delete;
  BlobRemover& operator=(const BlobRemover&) = delete;

  // Thread-safe.
  void remove(const std::vector<blob::BlobId>& ids) noexcept;

  // How many blobs still wait for the executor, and whether this one does.
  std::size_t waiting() const;
  bool is_waiting(blob::BlobId id) const;

  // For its tasks: removes one slice; tells whether there is more.
  bool remove_slice() noexcept;

 private:
  void remove_one(blob::BlobId id) noexcept;

  blob::Store& blobs_;
  base::Executor* const executor_;
  mutable base::Mutex mutex_;
  std::deque<blob::BlobId> waiting_ GUARDED_BY(mutex_);
  bool running_ GUARDED_BY(mutex_) = false;  // a task is on its way, or at work
  base::Lifeline<BlobRemover> lifeline_{*this};
};

}  // namespace bodega::object
