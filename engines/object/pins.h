// Which blobs are being read. A blob that is removed while a Content pins it goes away when the
// last pin does, so that a reader needs no open file for each of ten thousand parts.
//
// A pin must be taken while the record that names the blob cannot be replaced, i.e. under the key's
// lock; removal comes after the commit that replaced the record, so it meets every pin that counts.
// The files themselves go by way of a BlobRemover, off the caller's thread when they are many.
//
// Its functions stand in content.cc.
#pragma once

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engines/base/executor.h"
#include "engines/base/mutex.h"
#include "engines/blob/store.h"
#include "engines/object/blob_remover.h"
#include "engines/object/content.h"

namespace bodega::object {

class PinTable {
 public:
  PinTable(blob::Store& blobs, base::Executor* executor, std::weak_ptr<void> owner)
      : blobs_(blobs), owner_(std::move(owner)), remover_(blobs, executor) {}

  void pin(const std::vector<Slice>& slices);
  void unpin(const std::vector<Slice>& slices) noexcept;

  // Removes the blobs that are not pinned now, and the others with their last pin. What cannot be
  // removed stays for the sweep of the next start.
  void remove(const std::vector<blob::BlobId>& ids);

  blob::Store& blobs() const { return blobs_; }
  // The same, and with it what owns the engine, which stays as long as this is held.
  std::shared_ptr<blob::Store> held_blobs() const { return {owner_.lock(), &blobs_}; }
  // Whether the blob was removed, and is only there because it is being read or because its turn
  // has not come.
  bool is_going(blob::BlobId id) const;

 private:
  struct Pins {
    std::size_t count = 0;
    bool removed = false;
  };

  blob::Store& blobs_;
  const std::weak_ptr<void> owner_;
  BlobRemover remover_;
  mutable base::Mutex mutex_;
  std::unordered_map<blob::BlobId, Pins> pins_ GUARDED_BY(mutex_);
};

// What a Content shares with its copies.
struct Content::Pinned {
  Pinned(PinTable& table, Bytes&& pinned_bytes);
  ~Pinned();
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

  // The slice that holds `offset`. REQUIRES: offset < size_bytes.
  std::size_t slice_at(std::uint64_t offset) const;
  // Opens the blob of a slice, which is there because it is pinned. Throws StorageFault otherwise.
  std::shared_ptr<const blob::Reader> open_slice(std::size_t index) const;

  std::shared_ptr<blob::Store> blobs;  // where there are slices; holds the engine too
  PinTable& pins;
  Bytes bytes;
  std::vector<std::uint64_t> starts;  // of each slice in the content
  std::uint64_t size_bytes = 0;
};

}  // namespace bodega::object
