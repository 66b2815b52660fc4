#include "engines/object/blob_remover.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "engines/base/log.h"
#include "engines/base/mutex.h"

namespace bodega::object {
namespace {

// Each task is one slice and posts the next, so that others get their turn on the executor too.
void post_slice(base::Executor& executor, base::Lifeline<BlobRemover>::Handle handle) {
  executor.post([&executor, handle = std::move(handle)] {
    bool more = false;
    handle.with([&more](BlobRemover& remover) { more = remover.remove_slice(); });
    if (more) post_slice(executor, handle);
  });
}

}  // namespace

void BlobRemover::remove(const std::vector<blob::BlobId>& ids) noexcept {
  if (executor_ == nullptr || ids.size() <= kAtOnce) {
    for (const blob::BlobId id : ids) remove_one(id);
    return;
  }
  try {
    {
      const base::Lock lock(mutex_);
      waiting_.insert(waiting_.end(), ids.begin(), ids.end());
      if (std::exchange(running_, true)) return;
    }
    post_slice(*executor_, lifeline_.handle());
  } catch (const std::exception& fault) {
    log::warn(std::string("blobs without a record stay until the next start: ") + fault.what());
  }
}

std::size_t BlobRemover::waiting() const {
  const base::Lock lock(mutex_);
  return waiting_.size();
}

bool BlobRemover::is_waiting(blob::BlobId id) const {
  const base::Lock lock(mutex_);
  return std::find(waiting_.begin(), waiting_.end(), id) != waiting_.end();
}

// A blob waits until it is gone: is_waiting() covers the one at work.
bool BlobRemover::remove_slice() noexcept {
  const base::Lock lock(mutex_);
  for (std::size_t done = 0; done < kSlice && !waiting_.empty(); ++done) {
    const blob::BlobId next = waiting_.front();
    mutex_.unlock();
    remove_one(next);
    mutex_.lock();
    waiting_.pop_front();
  }
  running_ = !waiting_.empty();
  return running_;
}

void BlobRemover::remove_one(blob::BlobId id) noexcept {
  try {
    blobs_.remove(id);
  } catch (const std::exception& fault) {
    log::warn(std::string("a blob without a record stays until the next start: ") + fault.what());
  }
}

}  // namespace bodega::object
