// A store in memory whose commits fail when they are told to, and which notes how large they get.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engines/base/fault.h"
#include "engines/base/figure.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/kv/store.h"

namespace bodega::keyspace::test {

class FailingStore : public kv::Store {
 public:
  // How many commits succeed before they fail, and how many fail then; -1: all from then on.
  int succeed_first = 0;
  int failures = 0;
  bool full = false;  // what fails is for want of room; what frees room is let through
  bool reads_fail = false;
  std::size_t largest_bytes = 0;
  int commits = 0;

  void fail_always() { succeed_first = 0, failures = -1; }
  void mend() { failures = 0, full = reads_fail = false; }

  void commit(const kv::Batch& batch) override {
    if (failures != 0 && succeed_first-- <= 0 && !(full && batch.frees_room())) {
      if (failures > 0) --failures;
      throw base::StorageFault("the store cannot write");
    }
    ++commits;
    largest_bytes = std::max(largest_bytes, footprint(batch));
    inner_->commit(batch);
  }
  std::optional<std::string> fault() const override {
    return failures < 0 ? std::optional<std::string>("writing fails") : std::nullopt;
  }
  bool out_of_room() const override { return full; }

  std::optional<std::string> get(kv::Family family, std::string_view key,
                                 const kv::Snapshot* snapshot) const override {
    check_read();
    return inner_->get(family, key, snapshot);
  }
  std::vector<std::optional<std::string>> multi_get(kv::Family family,
                                                    std::span<const std::string> keys,
                                                    const kv::Snapshot* snapshot) const override {
    check_read();
    return inner_->multi_get(family, keys, snapshot);
  }
  std::unique_ptr<kv::Cursor> cursor(kv::Family family, std::string_view lower,
                                     std::string_view upper,
                                     const kv::Snapshot* snapshot) const override {
    check_read();
    return inner_->cursor(family, lower, upper, snapshot);
  }
  std::unique_ptr<kv::Snapshot> snapshot() const override { return inner_->snapshot(); }
  void checkpoint(const std::filesystem::path& directory) override {
    inner_->checkpoint(directory);
  }
  void sync() override { inner_->sync(); }
  std::vector<base::Figure> figures() const override { return inner_->figures(); }

 private:
  void check_read() const {
    if (reads_fail) throw base::StorageFault("the store cannot read");
  }

  std::unique_ptr<kv::Store> inner_ = kv::make_memory_store(kv::Database::kKeyspace);
};

}  // namespace bodega::keyspace::test
