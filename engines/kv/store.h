// kv::Store, the lower seam: an ordered map of bytes to bytes in named column families. Engines
// know this and no database. Another storage engine plugs in by implementing it; the contract tests
// in tests/contract run on every implementation.
//
// Keys sort by unsigned byte comparison. All functions are thread-safe except where they say
// otherwise; I/O faults and corruption throw base::StorageFault.
//
// Implementations: rocks_store.cc, memory_store.cc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/durability.h"
#include "engines/base/figure.h"
#include "engines/kv/families.h"
#include "engines/kv/reserve.h"

namespace bodega::kv {

using base::Durability;  // what an acknowledged commit survives

// A set of changes that happen all or not at all, in any families of one database. Later entries
// win over earlier ones. Bytes are copied into one run, so an entry costs no allocation. Not
// thread-safe.
class Batch {
 public:
  enum class Kind : std::uint8_t { kPut, kRemove, kRemoveRange };

  // Valid until the batch changes.
  struct Entry {
    Kind kind;
    Family family;
    std::string_view key;    // kRemoveRange: the first key
    std::string_view value;  // kRemoveRange: the key behind the last
  };

  void put(Family family, std::string_view key, std::string_view value) {
    add(Kind::kPut, family, key, value);
  }
  void remove(Family family, std::string_view key) { add(Kind::kRemove, family, key, {}); }
  // Removes every key in [from, to). REQUIRES: from <= to, `to` not empty.
  void remove_range(Family family, std::string_view from, std::string_view to) {
    add(Kind::kRemoveRange, family, from, to);
  }

  void add(const Entry& entry) { add(entry.kind, entry.family, entry.key, entry.value); }

  bool empty() const { return places_.empty(); }
  std::size_t size() const { return places_.size(); }
  Entry entry(std::size_t index) const {
    const Place& place = places_[index];
    const std::string_view all = bytes_;
    return {place.kind, place.family, all.substr(place.start, place.key_length),
            all.substr(place.start + place.key_length, place.value_length)};
  }
  std::size_t size_bytes() const { return bytes_.size(); }

  // The batch gives room back (a delete), so on a full disk it may use the reserve.
  void mark_frees_room() { frees_room_ = true; }
  bool frees_room() const { return frees_room_; }

  // The batch removes what nothing names any more. While room is being saved it is taken, but it is
  // no reason to spend the reserve, which is there for the deletes that clients ask for.
  void mark_cleans_up() { cleans_up_ = true; }
  bool cleans_up() const { return cleans_up_; }

  // Empty again, with its memory kept for the next use.
  void clear() {
    places_.clear();
    bytes_.clear();
    frees_room_ = false;
    cleans_up_ = false;
  }

 private:
  struct Place {
    std::size_t start;
    std::uint32_t key_length;
    std::uint32_t value_length;
    Kind kind;
    Family family;
  };

  void add(Kind kind, Family family, std::string_view key, std::string_view value) {
    places_.push_back({bytes_.size(), static_cast<std::uint32_t>(key.size()),
                       static_cast<std::uint32_t>(value.size()), kind, family});
    bytes_.append(key).append(value);
  }

  std::vector<Place> places_;
  std::string bytes_;
  bool frees_room_ = false;
  bool cleans_up_ = false;
};

// Walks one family in key order, over the data as it was when the cursor was made, within the
// bounds it was made with. Not thread-safe; must not outlive its store. key() and value() are valid
// until the cursor moves. REQUIRES for key, value, next and prev: valid().
class Cursor {
 public:
  virtual ~Cursor() = default;

  virtual void seek(std::string_view key) = 0;           // the first key >= `key`
  virtual void seek_for_prev(std::string_view key) = 0;  // the last key <= `key`
  virtual void seek_first() = 0;
  virtual void seek_last() = 0;
  virtual void next() = 0;
  virtual void prev() = 0;
  virtual bool valid() const = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
};

// A frozen view of the whole database: cursors and gets made from it all see one instant.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
};

// Whether an opening had to do without changes that were acknowledged.
enum class Loss : std::uint8_t { kNone, kAcknowledged };

class Store {
 public:
  virtual ~Store() = default;

  // The value, or nothing. With a snapshot: as it was then.
  virtual std::optional<std::string> get(Family family, std::string_view key,
                                         const Snapshot* snapshot = nullptr) const = 0;

  // Positional: one answer per key.
  virtual std::vector<std::optional<std::string>> multi_get(
      Family family, std::span<const std::string> keys,
      const Snapshot* snapshot = nullptr) const = 0;

  // A cursor over [lower, upper); an empty `upper` means no end. It starts invalid: seek first.
  // Bounds are copied.
  virtual std::unique_ptr<Cursor> cursor(Family family, std::string_view lower = {},
                                         std::string_view upper = {},
                                         const Snapshot* snapshot = nullptr) const = 0;

  virtual std::unique_ptr<Snapshot> snapshot() const = 0;

  // Applies the batch atomically, with the store's durability. When it returns, every later get
  // sees it. When it throws NotCommitted, nothing of it is there or ever will be. When it throws
  // any other StorageFault, no get of this store sees it, but it is unknown whether the next start
  // finds it. REQUIRES: all families are of this database.
  virtual void commit(const Batch& batch) = 0;

  // What is wrong with the store, in one line for a person; nothing while it takes writes. Reads
  // may work all the same. Cheap to ask.
  virtual std::optional<std::string> fault() const { return std::nullopt; }

  // Whether the fault is a lack of room, so that batches which free room may still be taken.
  virtual bool out_of_room() const { return false; }

  // Tries to make the store take writes again after a fault, in place, and takes up what it put off
  // for lack of room; returns whether it takes writes. Cheap while all is well.
  // After it has, batches whose commit threw are not in the store. May take as long as an opening.
  virtual bool recover() { return true; }

  // Writes a copy of the database as of now into `directory`, which must not exist, sharing files
  // by hard link where it can.
  virtual void checkpoint(const std::filesystem::path& directory) = 0;

  // Makes everything committed so far durable against a power cut.
  virtual void sync() = 0;

  // Whether opening lost acknowledged changes: to damage that was set aside, or with a machine that
  // went down. What only they named must not be taken for unused.
  virtual Loss loss() const { return Loss::kNone; }

  // What /_bodega/metrics shows of the store.
  virtual std::vector<base::Figure> figures() const = 0;
};

// What an opening does with damage that takes acknowledged changes away.
enum class Damage : std::uint8_t {
  kRefuse,    // throws StorageFault, which says what is damaged and what can be done
  kSetAside,  // keeps the damaged files aside and goes on with what is whole (--repair)
};

struct OpenOptions {
  std::filesystem::path directory;  // created when absent
  Database database = Database::kShared;
  Durability durability = Durability::kProcess;
  Damage damage = Damage::kRefuse;
  // Where kSetAside keeps files. Empty: beside `directory`, in a folder named "damaged".
  std::filesystem::path aside = {};
  // Room kept back for batches that free room. None: such batches fail on a full disk as all do.
  // Outlives the store.
  Reserve* reserve = nullptr;
};

// Opens (or creates) the RocksDB store in options.directory. Throws StorageFault with one clear
// line when the folder cannot be used (not writable, locked by another process, damaged).
std::unique_ptr<Store> open_rocks_store(const OpenOptions& options);

// A store in memory: the oracle of the model tests, and the floor of worlds without a folder in
// tests.
std::unique_ptr<Store> make_memory_store(Database database);

}  // namespace bodega::kv
