#include "engines/kv/section.h"

#include <utility>

#include "engines/base/bytes.h"

namespace bodega::kv {
namespace {

// A batch of a copy is committed when it has this much.
constexpr std::size_t kCopyBytes = 4 * 1024 * 1024;

// Shows the keys of a cursor of the whole without their prefix.
class SectionCursor : public Cursor {
 public:
  SectionCursor(std::unique_ptr<Cursor> whole, const std::string& prefix)
      : whole_(std::move(whole)), prefix_(prefix) {}

  void seek(std::string_view key) override { whole_->seek(in_whole(key)); }
  void seek_for_prev(std::string_view key) override { whole_->seek_for_prev(in_whole(key)); }
  void seek_first() override { whole_->seek_first(); }
  void seek_last() override { whole_->seek_last(); }
  void next() override { whole_->next(); }
  void prev() override { whole_->prev(); }
  bool valid() const override { return whole_->valid(); }
  std::string_view key() const override { return whole_->key().substr(prefix_.size()); }
  std::string_view value() const override { return whole_->value(); }

 private:
  std::string in_whole(std::string_view key) const { return std::string(prefix_).append(key); }

  std::unique_ptr<Cursor> whole_;
  const std::string& prefix_;  // the section's, which outlives its cursors
};

class Section : public Store {
 public:
  Section(Store& whole, Database database, std::string prefix, std::string_view end)
      : whole_(whole),
        database_(database),
        prefix_(std::move(prefix)),
        end_(end.empty() ? base::prefix_end(prefix_) : std::string(prefix_).append(end)) {}

  std::optional<std::string> get(Family family, std::string_view key,
                                 const Snapshot* snapshot) const override {
    if (prefix_.empty()) return whole_.get(family, key, snapshot);
    return whole_.get(family, in_whole(key), snapshot);
  }

  std::vector<std::optional<std::string>> multi_get(Family family,
                                                    std::span<const std::string> keys,
                                                    const Snapshot* snapshot) const override {
    if (prefix_.empty()) return whole_.multi_get(family, keys, snapshot);
    std::vector<std::string> there;
    there.reserve(keys.size());
    for (const std::string& key : keys) there.push_back(in_whole(key));
    return whole_.multi_get(family, there, snapshot);
  }

  std::unique_ptr<Cursor> cursor(Family family, std::string_view lower, std::string_view upper,
                                 const Snapshot* snapshot) const override {
    if (prefix_.empty()) {
      return whole_.cursor(family, lower, upper.empty() ? std::string_view(end_) : upper, snapshot);
    }
    auto cursor =
        whole_.cursor(family, in_whole(lower), upper.empty() ? end_ : in_whole(upper), snapshot);
    return std::make_unique<SectionCursor>(std::move(cursor), prefix_);
  }

  std::unique_ptr<Snapshot> snapshot() const override { return whole_.snapshot(); }

  void commit(const Batch& batch) override {
    if (prefix_.empty()) return whole_.commit(batch);
    Batch there;
    if (batch.frees_room()) there.mark_frees_room();
    if (batch.cleans_up()) there.mark_cleans_up();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Batch::Entry entry = batch.entry(i);
      const std::string key = in_whole(entry.key);
      if (entry.kind == Batch::Kind::kRemoveRange) {
        there.remove_range(entry.family, key, in_whole(entry.value));
      } else {
        there.add({entry.kind, entry.family, key, entry.value});
      }
    }
    whole_.commit(there);
  }

  std::optional<std::string> fault() const override { return whole_.fault(); }
  bool out_of_room() const override { return whole_.out_of_room(); }
  bool recover() override { return whole_.recover(); }
  void sync() override { whole_.sync(); }
  Loss loss() const override { return whole_.loss(); }
  std::vector<base::Figure> figures() const override { return whole_.figures(); }

  // A database that has the section's keys and nothing else; no file can be shared for that.
  void checkpoint(const std::filesystem::path& directory) override {
    const auto copy = open_rocks_store({directory, database_, Durability::kNone});
    const auto instant = snapshot();
    for (const FamilyRow& row : kFamilies) {
      if (row.database == database_) copy_family(*copy, row.family, *instant);
    }
    copy->sync();
  }

 private:
  std::string in_whole(std::string_view key) const { return std::string(prefix_).append(key); }

  void copy_family(Store& copy, Family family, const Snapshot& instant) const {
    Batch batch;
    const auto walk = cursor(family, {}, {}, &instant);
    for (walk->seek_first(); walk->valid(); walk->next()) {
      batch.put(family, walk->key(), walk->value());
      if (batch.size_bytes() < kCopyBytes) continue;
      copy.commit(batch);
      batch.clear();
    }
    copy.commit(batch);
  }

  Store& whole_;
  const Database database_;
  const std::string prefix_;
  const std::string end_;  // in the whole; empty: to its end
};

}  // namespace

std::unique_ptr<Store> make_section(Store& whole, Database database, std::string prefix,
                                    std::string_view end) {
  return std::make_unique<Section>(whole, database, std::move(prefix), end);
}

}  // namespace bodega::kv
