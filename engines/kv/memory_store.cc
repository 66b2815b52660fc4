// The store in memory. Every key has the versions that some snapshot or cursor may still see,
// newest last, each with the number of the commit that wrote it. Small and plainly right before
// fast: it is what the RocksDB store is held against.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/figure.h"
#include "engines/base/mutex.h"
#include "engines/kv/store.h"

namespace bodega::kv {
namespace {

using Number = std::uint64_t;  // of a commit; the first is 1

struct Version {
  Number number;
  std::optional<std::string> value;  // nothing: removed
};

using Versions = std::vector<Version>;
using Map = std::map<std::string, Versions, std::less<>>;

// The data and who looks at it. Shared with snapshots and cursors.
struct Contents {
  mutable base::SharedMutex mutex;
  std::array<Map, static_cast<std::size_t>(Family::kCount)> maps;
  Number newest = 0;
  std::multiset<Number> pinned;                       // what open snapshots and cursors see
  std::set<std::pair<std::size_t, std::string>> old;  // keys that have more than they need

  static const std::string* visible(const Versions& versions, Number number) {
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
      if (version->number <= number) return version->value ? &*version->value : nullptr;
    }
    return nullptr;
  }

  void write(std::size_t family, const std::string& key, std::optional<std::string> value) {
    Versions& versions = maps[family][key];
    if (!versions.empty() && versions.back().number == newest) {
      versions.back().value = std::move(value);
    } else {
      versions.push_back({newest, std::move(value)});
    }
    tidy(family, key);
  }

  // Drops the versions of the key that no view can see any more.
  void tidy(std::size_t family, const std::string& key) {
    const auto found = maps[family].find(key);
    if (found == maps[family].end()) return;
    Versions& versions = found->second;
    const Number oldest = pinned.empty() ? newest : *pinned.begin();
    // The last version not newer than the oldest view is seen; what is before it is not.
    while (versions.size() > 1 && versions[1].number <= oldest) versions.erase(versions.begin());
    const bool gone = versions.size() == 1 && !versions[0].value && versions[0].number <= oldest;
    if (gone) {
      maps[family].erase(found);
    } else if (versions.size() > 1 || !versions[0].value) {
      old.emplace(family, key);
    }
  }

  void unpin(Number number) {
    const base::Lock lock(mutex);
    pinned.erase(pinned.find(number));
    if (!pinned.empty() && *pinned.begin() <= number) return;
    for (const auto& [family, key] : std::exchange(old, {})) tidy(family, key);
  }
};

// Keeps one instant readable.
class MemorySnapshot : public Snapshot {
 public:
  explicit MemorySnapshot(std::shared_ptr<Contents> contents) : contents_(std::move(contents)) {
    const base::Lock lock(contents_->mutex);
    number_ = contents_->newest;
    contents_->pinned.insert(number_);
  }
  MemorySnapshot(std::shared_ptr<Contents> contents, Number number)
      : contents_(std::move(contents)), number_(number) {
    const base::Lock lock(contents_->mutex);
    contents_->pinned.insert(number_);
  }
  ~MemorySnapshot() override { contents_->unpin(number_); }
  Number number() const { return number_; }

 private:
  std::shared_ptr<Contents> contents_;
  Number number_;
};

std::unique_ptr<MemorySnapshot> pin(const std::shared_ptr<Contents>& contents,
                                    const Snapshot* snapshot) {
  if (snapshot == nullptr) return std::make_unique<MemorySnapshot>(contents);
  return std::make_unique<MemorySnapshot>(contents,
                                          static_cast<const MemorySnapshot*>(snapshot)->number());
}

// Holds a copy of where it stands, because others may erase the key from the map meanwhile.
class MemoryCursor : public Cursor {
 public:
  MemoryCursor(std::shared_ptr<Contents> contents, std::size_t family, std::string_view lower,
               std::string_view upper, const Snapshot* snapshot)
      : contents_(std::move(contents)),
        pin_(pin(contents_, snapshot)),
        family_(family),
        lower_(lower),
        upper_(upper) {}

  void seek(std::string_view key) override {
    const std::string from(std::max(key, std::string_view(lower_)));
    forward([&](const Map& map) { return map.lower_bound(from); });
  }
  void seek_first() override { seek(lower_); }
  void seek_for_prev(std::string_view key) override {
    if (!upper_.empty() && key >= upper_) return seek_last();
    const std::string from(key);
    backward([&](const Map& map) { return map.upper_bound(from); });
  }
  void seek_last() override {
    backward([&](const Map& map) { return upper_.empty() ? map.end() : map.lower_bound(upper_); });
  }
  void next() override {
    BODEGA_CHECK(valid_);
    forward([&](const Map& map) { return map.upper_bound(key_); });
  }
  void prev() override {
    BODEGA_CHECK(valid_);
    backward([&](const Map& map) { return map.lower_bound(key_); });
  }
  bool valid() const override { return valid_; }
  std::string_view key() const override {
    BODEGA_CHECK(valid_);
    return key_;
  }
  std::string_view value() const override {
    BODEGA_CHECK(valid_);
    return value_;
  }

 private:
  bool within(const std::string& key) const {
    return key >= lower_ && (upper_.empty() || key < upper_);
  }

  void stand(const std::string& key, const std::string& value) {
    valid_ = true;
    std::string copy = key;  // `key` may be derived from key_
    key_ = std::move(copy);
    value_ = value;
  }

  template <class Start>
  void forward(Start start) {
    const base::SharedLock lock(contents_->mutex);
    const Map& map = contents_->maps[family_];
    auto at = start(map);
    valid_ = false;
    for (; at != map.end() && within(at->first); ++at) {
      if (const std::string* value = Contents::visible(at->second, pin_->number())) {
        return stand(at->first, *value);
      }
    }
  }

  // `start` gives the place behind the first candidate.
  template <class Start>
  void backward(Start start) {
    const base::SharedLock lock(contents_->mutex);
    const Map& map = contents_->maps[family_];
    auto at = start(map);
    valid_ = false;
    while (at != map.begin()) {
      --at;
      if (!within(at->first)) return;
      if (const std::string* value = Contents::visible(at->second, pin_->number())) {
        return stand(at->first, *value);
      }
    }
  }

  std::shared_ptr<Contents> contents_;
  std::unique_ptr<MemorySnapshot> pin_;
  std::size_t family_;
  std::string lower_;
  std::string upper_;
  bool valid_ = false;
  std::string key_;
  std::string value_;
};

class MemoryStore : public Store {
 public:
  explicit MemoryStore(Database database) : database_(database) {}

  std::optional<std::string> get(Family family, std::string_view key,
                                 const Snapshot* snapshot) const override {
    const std::size_t index = index_of(family);
    const base::SharedLock lock(contents_->mutex);
    return find(index, key, number_of(snapshot));
  }

  std::vector<std::optional<std::string>> multi_get(Family family,
                                                    std::span<const std::string> keys,
                                                    const Snapshot* snapshot) const override {
    const std::size_t index = index_of(family);
    const base::SharedLock lock(contents_->mutex);
    std::vector<std::optional<std::string>> answers;
    answers.reserve(keys.size());
    for (const std::string& key : keys) answers.push_back(find(index, key, number_of(snapshot)));
    return answers;
  }

  std::unique_ptr<Cursor> cursor(Family family, std::string_view lower, std::string_view upper,
                                 const Snapshot* snapshot) const override {
    return std::make_unique<MemoryCursor>(contents_, index_of(family), lower, upper, snapshot);
  }

  std::unique_ptr<Snapshot> snapshot() const override {
    return std::make_unique<MemorySnapshot>(contents_);
  }

  void commit(const Batch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) index_of(batch.entry(i).family);  // checks first
    const base::Lock lock(contents_->mutex);
    ++contents_->newest;
    for (std::size_t i = 0; i < batch.size(); ++i) apply(batch.entry(i));
  }

  // What a RocksDB store opens: there is no other format on the disk.
  void checkpoint(const std::filesystem::path& directory) override {
    const auto copy = open_rocks_store({directory, database_, Durability::kNone});
    const auto instant = snapshot();
    for (const FamilyRow& row : kFamilies) {
      if (row.database != database_) continue;
      Batch batch;
      const auto walk = cursor(row.family, {}, {}, instant.get());
      for (walk->seek_first(); walk->valid(); walk->next()) {
        batch.put(row.family, walk->key(), walk->value());
      }
      copy->commit(batch);
    }
    copy->sync();
  }

  void sync() override {}

  std::vector<base::Figure> figures() const override {
    const base::SharedLock lock(contents_->mutex);
    std::size_t keys = 0;
    for (const Map& map : contents_->maps) keys += map.size();
    return {{"keys_estimated", static_cast<double>(keys)},
            {"snapshots", static_cast<double>(contents_->pinned.size())}};
  }

 private:
  std::size_t index_of(Family family) const {
    const auto index = static_cast<std::size_t>(family);
    BODEGA_CHECK(kFamilies[index].database == database_);
    return index;
  }

  Number number_of(const Snapshot* snapshot) const {
    return snapshot == nullptr ? contents_->newest
                               : static_cast<const MemorySnapshot*>(snapshot)->number();
  }

  std::optional<std::string> find(std::size_t index, std::string_view key, Number number) const {
    const auto found = contents_->maps[index].find(key);
    if (found == contents_->maps[index].end()) return std::nullopt;
    const std::string* value = Contents::visible(found->second, number);
    return value != nullptr ? std::optional(*value) : std::nullopt;
  }

  void apply(const Batch::Entry& entry) {
    const std::size_t index = index_of(entry.family);
    switch (entry.kind) {
      case Batch::Kind::kPut:
        return contents_->write(index, std::string(entry.key), std::string(entry.value));
      case Batch::Kind::kRemove:
        if (contents_->maps[index].contains(entry.key)) {
          contents_->write(index, std::string(entry.key), std::nullopt);
        }
        return;
      case Batch::Kind::kRemoveRange: {
        const Map& map = contents_->maps[index];
        std::vector<std::string> keys;
        for (auto at = map.lower_bound(entry.key); at != map.end() && at->first < entry.value;
             ++at) {
          keys.push_back(at->first);
        }
        for (const std::string& key : keys) contents_->write(index, key, std::nullopt);
        return;
      }
    }
  }

  const Database database_;
  const std::shared_ptr<Contents> contents_ = std::make_shared<Contents>();
};

constexpr bool families_are_in_order() {
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    if (static_cast<std::size_t>(kFamilies[i].family) != i) return false;
  }
  return true;
}
static_assert(families_are_in_order(), "a family's number is its row");

}  // namespace

std::unique_ptr<Store> make_memory_store(Database database) {
  return std::make_unique<MemoryStore>(database);
}

}  // namespace bodega::kv
