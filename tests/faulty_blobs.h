// A blob::Store whose calls fail on demand, over one that does not: the nth call of any kind, of
// the store, its writers or its readers, throws and does nothing. It can give other bytes than were
// written, as a damaged disk does.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "engines/base/fault.h"
#include "engines/blob/store.h"

namespace bodega::tests {

class FaultyBlobs : public blob::Store {
 public:
  explicit FaultyBlobs(std::unique_ptr<blob::Store> below) : below_(std::move(below)) {}

  // The nth call from now on fails, once; 1 is the next.
  void fail_call(std::size_t nth) {
    const std::lock_guard lock(mutex_);
    calls_left_ = nth;
  }
  // Nothing fails any more. Whether something still waited to fail.
  bool calm() {
    const std::lock_guard lock(mutex_);
    return std::exchange(calls_left_, 0) > 0;
  }

  // From now on the blob has these bytes.
  void damage(blob::BlobId id, std::string_view bytes) {
    const auto writer = below_->create();
    writer->write(bytes);
    stand_ins_[id] = writer->finish().id;
  }

  std::unique_ptr<blob::Writer> create() override {
    count();
    return std::make_unique<Writer>(*this, below_->create());
  }
  std::shared_ptr<const blob::Reader> open(blob::BlobId id) const override {
    count();
    auto reader = below_->open(really(id));
    return reader == nullptr ? nullptr : std::make_shared<Reader>(*this, std::move(reader));
  }
  bool remove(blob::BlobId id) override {
    count();
    return below_->remove(id);
  }
  std::optional<blob::BlobId> link(blob::BlobId id) override {
    count();
    return below_->link(id);
  }
  bool exists(blob::BlobId id) const override {
    count();
    return below_->exists(id);
  }
  std::optional<std::uint64_t> size_bytes(blob::BlobId id) const override {
    count();
    return below_->size_bytes(really(id));
  }
  blob::Swept sweep(const std::function<bool(blob::BlobId)>& is_named) override {
    count();
    return below_->sweep(is_named);
  }
  void for_each(const std::function<void(blob::BlobId)>& visit) const override {
    count();
    below_->for_each(visit);
  }
  bool is_of_earlier_run(blob::BlobId id) const override { return below_->is_of_earlier_run(id); }
  void link_into(const std::filesystem::path& directory) const override {
    count();
    below_->link_into(directory);
  }
  blob::Usage usage() const override { return below_->usage(); }

 private:
  class Writer : public blob::Writer {
   public:
    Writer(FaultyBlobs& store, std::unique_ptr<blob::Writer> below)
        : store_(store), below_(std::move(below)) {}
    void write(std::string_view bytes) override {
      store_.count();
      below_->write(bytes);
    }
    std::uint64_t size_bytes() const override { return below_->size_bytes(); }
    blob::Written finish() override {
      store_.count();
      return below_->finish();
    }

   private:
    FaultyBlobs& store_;
    const std::unique_ptr<blob::Writer> below_;
  };

  class Reader : public blob::Reader {
   public:
    Reader(const FaultyBlobs& store, std::shared_ptr<const blob::Reader> below)
        : store_(store), below_(std::move(below)) {}
    std::uint64_t size_bytes() const override { return below_->size_bytes(); }
    int fd() const override { return below_->fd(); }
    std::size_t read(std::uint64_t offset, std::span<char> buffer) const override {
      store_.count();
      return below_->read(offset, buffer);
    }

   private:
    const FaultyBlobs& store_;
    const std::shared_ptr<const blob::Reader> below_;
  };

  blob::BlobId really(blob::BlobId id) const {
    const auto at = stand_ins_.find(id);
    return at == stand_ins_.end() ? id : at->second;
  }

  void count() const {
    const std::lock_guard lock(mutex_);
    if (calls_left_ > 0 && --calls_left_ == 0) throw base::StorageFault("a blob call failed");
  }

  const std::unique_ptr<blob::Store> below_;
  mutable std::mutex mutex_;
  mutable std::size_t calls_left_ = 0;
  std::map<blob::BlobId, blob::BlobId> stand_ins_;
};

}  // namespace bodega::tests
