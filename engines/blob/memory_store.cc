// Blobs in memory: for tests, and what the file store is held against.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/mutex.h"
#include "engines/base/random.h"
#include "engines/blob/store.h"

namespace bodega::blob {
namespace {

using Bytes = std::shared_ptr<const std::string>;

class MemoryReader : public Reader {
 public:
  explicit MemoryReader(Bytes bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size_bytes() const override { return bytes_->size(); }
  int fd() const override { return -1; }
  std::size_t read(std::uint64_t offset, std::span<char> buffer) const override {
    if (offset >= bytes_->size()) return 0;
    return bytes_->copy(buffer.data(), buffer.size(), static_cast<std::size_t>(offset));
  }

 private:
  Bytes bytes_;
};

class MemoryStore : public Store {
 public:
  std::unique_ptr<Writer> create() override;

  std::shared_ptr<const Reader> open(BlobId id) const override {
    const Bytes bytes = find(id);
    return bytes ? std::make_shared<MemoryReader>(bytes) : nullptr;
  }

  bool remove(BlobId id) override {
    const base::Lock lock(mutex_);
    return blobs_.erase(id) > 0;
  }

  std::optional<BlobId> link(BlobId id) override {
    const Bytes bytes = find(id);
    if (!bytes) return std::nullopt;
    return put(bytes);
  }

  bool exists(BlobId id) const override { return find(id) != nullptr; }

  std::optional<std::uint64_t> size_bytes(BlobId id) const override {
    const Bytes bytes = find(id);
    return bytes ? std::optional<std::uint64_t>(bytes->size()) : std::nullopt;
  }

  // There is no earlier run, so there is nothing to sweep.
  Swept sweep(const std::function<bool(BlobId)>&) override { return {}; }

  void for_each(const std::function<void(BlobId)>& visit) const override {
    std::vector<BlobId> ids;
    {
      const base::Lock lock(mutex_);
      for (const auto& [id, bytes] : blobs_) ids.push_back(id);
    }
    for (const BlobId id : ids) visit(id);
  }

  void link_into(const std::filesystem::path& directory) const override;

  Usage usage() const override {
    const base::Lock lock(mutex_);
    Usage usage{blobs_.size(), 0};
    for (const auto& [id, bytes] : blobs_) usage.size_bytes += bytes->size();
    return usage;
  }

  BlobId put(Bytes bytes) {
    const base::Lock lock(mutex_);
    blobs_.emplace(next_id_, std::move(bytes));
    return next_id_++;
  }

 private:
  Bytes find(BlobId id) const {
    const base::Lock lock(mutex_);
    const auto found = blobs_.find(id);
    return found == blobs_.end() ? nullptr : found->second;
  }

  mutable base::Mutex mutex_;
  std::map<BlobId, Bytes> blobs_ GUARDED_BY(mutex_);
  BlobId next_id_ GUARDED_BY(mutex_) = 1 + base::random_below(1 << 24);
};

class MemoryWriter : public Writer {
 public:
  explicit MemoryWriter(MemoryStore& store) : store_(store) {}

  void write(std::string_view bytes) override { bytes_.append(bytes); }
  std::uint64_t size_bytes() const override { return bytes_.size(); }
  Written finish() override {
    BODEGA_CHECK(!finished_);
    finished_ = true;
    const std::uint64_t size = bytes_.size();
    return {store_.put(std::make_shared<const std::string>(std::move(bytes_))), size};
  }

 private:
  MemoryStore& store_;
  std::string bytes_;
  bool finished_ = false;
};

std::unique_ptr<Writer> MemoryStore::create() { return std::make_unique<MemoryWriter>(*this); }

// The layout is file_store.cc's.
void MemoryStore::link_into(const std::filesystem::path& directory) const {
  std::error_code error;
  if (!std::filesystem::create_directory(directory, error)) {
    throw base::StorageFault("cannot create " + directory.string() + ": " +
                             (error ? error.message() : "it exists"));
  }
  for_each([&](BlobId id) {
    const Bytes bytes = find(id);
    if (!bytes) return;
    char name[17];
    std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(id));
    const std::filesystem::path folder = directory / std::string(name + 14, 2);
    std::filesystem::create_directory(folder);
    std::ofstream file(folder / name, std::ios::binary);
    file << *bytes << std::flush;
    if (!file) throw base::StorageFault("cannot write " + (folder / name).string());
  });
}

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace bodega::blob
