#include "engines/object/cleared_blobs.h"

#include <exception>
#include <utility>

#include "engines/base/log.h"
#include "engines/object/format.h"

namespace bodega::object {
namespace {

// Each task is one slice and posts the next, so that others get their turn on the executor too.
void post_slice(base::Executor& executor, base::Lifeline<ClearedBlobs>::Handle handle) {
  executor.post([&executor, handle = std::move(handle)] {
    bool more = false;
    handle.with([&more](ClearedBlobs& blobs) { more = blobs.remove_slice(); });
    if (more) post_slice(executor, handle);
  });
}

std::vector<Slice> slices_of(kv::Family family, std::string_view value) {
  if (family == kv::Family::kS3Uploads) return format::decode_part(0, value).slices;
  return format::decode_version(value, format::Depth::kAllButBytes).bytes.slices;
}

void warn(const std::exception& fault) {
  log::warn(std::string("blobs without a record stay until the next start: ") + fault.what());
}

}  // namespace

void ClearedBlobs::remove(std::unique_ptr<kv::Snapshot> before,
                          std::vector<Range> ranges) noexcept {
  try {
    Cleared cleared{std::move(before), std::move(ranges)};
    if (executor_ == nullptr) {
      while (read_slice(cleared)) {
      }
      return;
    }
    {
      const base::Lock lock(mutex_);
      waiting_.push_back(std::move(cleared));
      if (waiting_.size() > 1) return;  // its turn comes
    }
    post_slice(*executor_, lifeline_.handle());
  } catch (const std::exception& fault) {
    warn(fault);
  }
}

bool ClearedBlobs::is_busy() const {
  const base::Lock lock(mutex_);
  return !waiting_.empty();
}

// Only the one task that is at work takes the first away, and a deque keeps it in its place.
bool ClearedBlobs::remove_slice() noexcept {
  Cleared* first = nullptr;
  {
    const base::Lock lock(mutex_);
    first = &waiting_.front();
  }
  bool more = false;
  try {
    more = read_slice(*first);
  } catch (const std::exception& fault) {
    warn(fault);
  }
  const base::Lock lock(mutex_);
  if (!more) waiting_.pop_front();
  return !waiting_.empty();
}

bool ClearedBlobs::read_slice(Cleared& cleared) {
  std::vector<blob::BlobId> ids;
  std::size_t read = 0;
  while (read < kSlice && !cleared.ranges.empty()) {
    Range& range = cleared.ranges.back();
    const auto cursor = store_.cursor(range.family, range.from, range.to, cleared.before.get());
    for (cursor->seek_first(); read < kSlice && cursor->valid(); ++read, cursor->next()) {
      for (const Slice& slice : slices_of(range.family, cursor->value())) ids.push_back(slice.blob);
    }
    if (cursor->valid()) {
      range.from = cursor->key();
    } else {
      cleared.ranges.pop_back();
    }
  }
  pins_.remove(ids);
  return !cleared.ranges.empty();
}

}  // namespace bodega::object
