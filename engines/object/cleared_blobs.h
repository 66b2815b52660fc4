// ClearedBlobs: takes away the blobs of records that Engine::clear() has removed as a whole. The
// caller does not wait for it: the records are read from a snapshot of before, on the executor, a
// slice at a time, which costs what is stored.
//
// What is still there when the engine goes, or cannot be removed, stays for the sweep of the next
// start.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engines/base/executor.h"
#include "engines/base/mutex.h"
#include "engines/kv/store.h"
#include "engines/object/pins.h"

namespace bodega::object {

class ClearedBlobs {
 public:
  static constexpr std::size_t kSlice = 500;  // so many records are read by one task

  // Records of versions or of parts: the keys from `from` up to and without `to`.
  struct Range {
    kv::Family family;
    std::string from;
    std::string to;
  };

  // Without an executor (nullptr) everything is done on the calling thread. All outlive this.
  ClearedBlobs(const kv::Store& store, PinTable& pins, base::Executor* executor)
      : store_(store), pins_(pins), executor_(executor) {}
  ~ClearedBlobs() { lifeline_.cut(); }
  ClearedBlobs(const ClearedBlobs&) = delete;
  ClearedBlobs& operator=(const ClearedBlobs&) = delete;

  // `before` sees the records, which no other snapshot that is made later does. Thread-safe.
  void remove(std::unique_ptr<kv::Snapshot> before, std::vector<Range> ranges) noexcept;

  // Whether blobs are yet to be found. Thread-safe.
  bool is_busy() const;

  // For its tasks: reads one slice; tells whether there is more.
  bool remove_slice() noexcept;

 private:
  struct Cleared {
    std::unique_ptr<kv::Snapshot> before;
    std::vector<Range> ranges;  // what is left; the last is being read
  };

  bool read_slice(Cleared& cleared);

  const kv::Store& store_;
  PinTable& pins_;
  base::Executor* const executor_;
  mutable base::Mutex mutex_;
  std::deque<Cleared> waiting_ GUARDED_BY(mutex_);  // the first is at work; others are added behind
  base::Lifeline<ClearedBlobs> lifeline_{*this};
};

}  // namespace bodega::object
