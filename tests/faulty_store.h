// A kv::Store that fails on demand, over one that does not: a commit that was refused, one whose
// outcome is unknown until the next start, reads, and a full disk. It keeps to the seam (store.h):
// after a commit of unknown outcome no read sees the batch, and every further commit is refused
// until recover() has dropped it or restart() shows what came of it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "engines/base/fault.h"
#include "engines/base/figure.h"
#include "engines/kv/store.h"

namespace bodega::tests {

class FaultyStore : public kv::Store {
 public:
  enum class Failure {
    kNotCommitted,  // refused before it tried
    kLost,          // outcome unknown; the next start does not find it
    kWritten,       // outcome unknown; the next start finds it
  };

  explicit FaultyStore(std::unique_ptr<kv::Store> below) : below_(std::move(below)) {}

  // The nth commit (read) from now on fails, once; 1 is the next.
  void fail_commit(std::size_t nth, Failure failure = Failure::kNotCommitted) {
    const std::lock_guard lock(mutex_);
    commits_left_ = nth;
    failure_ = failure;
    commits_stay_ = Stay::kOnce;
  }
  void fail_read(std::size_t nth) {
    const std::lock_guard lock(mutex_);
    reads_left_ = nth;
    reads_stay_ = Stay::kOnce;
  }
  // The nth commit and all that follow are refused, until calm().
  void fail_commits(std::size_t from_nth = 1) {
    const std::lock_guard lock(mutex_);
    commits_left_ = from_nth;
    failure_ = Failure::kNotCommitted;
    commits_stay_ = Stay::kAlways;
  }
  // The same for want of room, so that commits which free some are taken.
  void fill_up() {
    fail_commits();
    const std::lock_guard lock(mutex_);
    full_ = true;
  }
  // Every read fails, until calm() or allow_reads().
  void fail_reads() {
    const std::lock_guard lock(mutex_);
    reads_left_ = 1;
    reads_stay_ = Stay::kAlways;
  }
  void allow_reads() {
    const std::lock_guard lock(mutex_);
    reads_left_ = 0;
  }
  // Nothing fails any more. Whether something still waited to fail.
  bool calm() {
    const std::lock_guard lock(mutex_);
    const bool waiting = commits_left_ > 0 || reads_left_ > 0;
    commits_left_ = reads_left_ = 0;
    full_ = false;
    return waiting;
  }

  // Sees each batch that is written.
  std::function<void(const kv::Batch&)> on_commit;

  // The process ended and another one opened the folder.
  void restart() {
    const std::lock_guard lock(mutex_);
    if (unknown_ && unknown_is_written_) below_->commit(*unknown_);
    unknown_.reset();
    commits_left_ = reads_left_ = 0;
  }

  std::size_t commits() const { return commits_; }  // that were written
  const kv::Batch& last_batch() const { return last_batch_; }

  std::optional<std::string> get(kv::Family family, std::string_view key,
                                 const kv::Snapshot* snapshot) const override {
    count_read();
    return below_->get(family, key, snapshot);
  }
  std::vector<std::optional<std::string>> multi_get(kv::Family family,
                                                    std::span<const std::string> keys,
                                                    const kv::Snapshot* snapshot) const override {
    count_read();
    return below_->multi_get(family, keys, snapshot);
  }
  std::unique_ptr<kv::Cursor> cursor(kv::Family family, std::string_view lower,
                                     std::string_view upper,
                                     const kv::Snapshot* snapshot) const override {
    count_read();
    return below_->cursor(family, lower, upper, snapshot);
  }
  std::unique_ptr<kv::Snapshot> snapshot() const override { return below_->snapshot(); }

  void commit(const kv::Batch& batch) override {
    const std::lock_guard lock(mutex_);
    if (unknown_) throw base::NotCommitted("the store takes no writes after a fault");
    if (is_due(commits_left_, commits_stay_) && !(full_ && batch.frees_room())) {
      if (failure_ == Failure::kNotCommitted) throw base::NotCommitted("a commit was refused");
      unknown_ = batch;
      unknown_is_written_ = failure_ == Failure::kWritten;
      throw base::StorageFault("a commit failed");
    }
    below_->commit(batch);
    ++commits_;
    last_batch_ = batch;
    if (on_commit) on_commit(batch);
  }

  std::optional<std::string> fault() const override {
    const std::lock_guard lock(mutex_);
    if (unknown_) return "a commit failed";
    if (refuses_all()) return "commits are refused";
    return std::nullopt;
  }
  bool out_of_room() const override {
    const std::lock_guard lock(mutex_);
    return full_;
  }
  bool recover() override {
    const std::lock_guard lock(mutex_);
    unknown_.reset();
    return !refuses_all();
  }

  void checkpoint(const std::filesystem::path& directory) override {
    below_->checkpoint(directory);
  }
  void sync() override { below_->sync(); }
  std::vector<base::Figure> figures() const override { return below_->figures(); }

 private:
  enum class Stay { kOnce, kAlways };

  // Whether this is the call that fails.
  static bool is_due(std::size_t& left, Stay stay) {
    if (left == 0 || --left > 0) return false;
    if (stay == Stay::kAlways) left = 1;
    return true;
  }
  bool refuses_all() const { return commits_left_ > 0 && commits_stay_ == Stay::kAlways; }
  void count_read() const {
    const std::lock_guard lock(mutex_);
    if (is_due(reads_left_, reads_stay_)) throw base::StorageFault("a read failed");
  }

  const std::unique_ptr<kv::Store> below_;
  mutable std::mutex mutex_;
  std::size_t commits_left_ = 0;
  Stay commits_stay_ = Stay::kOnce;
  mutable std::size_t reads_left_ = 0;
  Stay reads_stay_ = Stay::kOnce;
  bool full_ = false;
  Failure failure_ = Failure::kNotCommitted;
  std::optional<kv::Batch> unknown_;  // its outcome is
  bool unknown_is_written_ = false;
  std::size_t commits_ = 0;
  kv::Batch last_batch_;
};

}  // namespace bodega::tests
