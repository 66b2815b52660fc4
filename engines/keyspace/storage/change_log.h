// ChangeLog: what a tick changed, on its way into a batch. Elements of collections are logged in
// order, as they change; keys that went, databases that were flushed and objects without an owner
// any more are noted beside them. Keys that changed are listed in their Database and serialised at
// the end.
//
// A log that grows large while a command runs goes ahead to the store in part: elements of objects
// that this tick made, which no record names before the tick's commit. A start that finds them
// without a record drops them.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/entry.h"
#include "engines/kv/store.h"

namespace bodega::keyspace {

// What one commit of the keyspace may hold, so that the store's log keeps its bound. One element is
// one record, and alone may be larger.
inline constexpr std::size_t kMaxBatchBytes = 16 * 1024 * 1024;

// What a batch takes here and in the store, about.
std::size_t footprint(const kv::Batch& batch);

class ChangeLog {
 public:
  explicit ChangeLog(kv::Store& store) : store_(store) {}

  std::uint64_t new_object_id() { return next_object_id_++; }
  void reserve_object_ids(std::uint64_t next);
  // Whether this tick made the object, so that nothing committed names it.
  bool is_fresh(std::uint64_t object_id) const { return object_id >= first_fresh_id_; }

  void put_element(std::uint64_t object_id, std::string_view suffix, std::string_view value);
  void put_field(std::uint64_t object_id, std::string_view field, std::string_view value,
                 std::int64_t expiry_ms);
  void remove_element(std::uint64_t object_id, std::string_view suffix);
  // Elements with suffixes in [from, to).
  void remove_elements(std::uint64_t object_id, std::string_view from, std::string_view to);

  // Empty room in which a value may be put together, until the next call.
  std::string& room() {
    value_.clear();
    return value_;
  }

  void remove_key(std::uint32_t storage_id, std::string_view key);
  // The object is unreachable; its elements are deleted incrementally.
  void drop_object(std::uint64_t object_id);
  // The same for the collection `entry` before it is freed: a few elements are removed one by one,
  // which is cheaper for the store than a range, and an empty collection has left nothing behind.
  void drop_collection(const Entry& entry);
  void drop_database(std::uint32_t storage_id) { dropped_.push_back(storage_id); }
  void change_map() { map_changed_ = true; }
  bool map_changed() const { return map_changed_; }
  bool drops_database() const { return !dropped_.empty(); }

  void change_library(std::string_view name) { libraries_.emplace_back(name); }
  bool changes_libraries() const { return !libraries_.empty(); }
  // The names of those that changed.
  std::vector<std::string> take_libraries() { return std::exchange(libraries_, {}); }

  // Until the flag is taken back, dropped objects are those of a database whose flush is committed:
  // they stay dropped when the tick is lost.
  enum class Dropping : std::uint8_t { kInThisTick, kForGood };
  void set_dropping(Dropping dropping) { dropping_ = dropping; }

  // Nothing was logged since the last tick.
  bool empty() const;
  // Objects of earlier ticks whose elements are yet to be removed.
  bool has_backlog() const { return !dead_.empty(); }
  std::size_t size_bytes() const;

  // Throws what kept the log from going ahead, if anything did.
  void check() const {
    if (fault_ != nullptr) std::rethrow_exception(fault_);
  }

  // Moves what was logged so far into `batch`. `map`: the map of databases as it is to be written,
  // when map_changed().
  void take(kv::Batch& batch, const std::string& map);
  // To come last, after the keys were put: removal of what orphans have left.
  void take_orphans(kv::Batch& batch);

  // The tick that was taken is in the store.
  void committed();
  // The tick is lost: what it logged is forgotten, what it dropped is alive again, and what it has
  // sent ahead is dropped.
  void lost();

  // A tick that was taken, but for its orphans, and is to be committed while others follow.
  struct SetApart {
    std::vector<std::uint64_t> orphans;
    std::uint64_t first_fresh_id = 0, behind_fresh_ids = 0;  // the object ids of what it made
    bool is_fresh(std::uint64_t id) const { return id >= first_fresh_id && id < behind_fresh_ids; }
  };
  // What is logged from now on is of another tick.
  SetApart set_apart();
  void committed(const SetApart& tick);
  void lost(const SetApart& tick);

  // What take() has not moved yet, for finding out what a lost tick has changed.
  const kv::Batch& elements() const { return elements_; }
  const std::vector<std::string>& removed_keys() const { return removed_keys_; }

 private:
  struct Range {
    std::uint64_t from, to;  // object ids, [from, to)
  };

  std::string_view element_key(std::uint64_t object_id, std::string_view suffix);
  void grown() {
    if (size_bytes() >= go_ahead_at_) go_ahead();
  }
  void go_ahead();

  kv::Store& store_;
  std::uint64_t next_object_id_ = 1;
  std::uint64_t first_fresh_id_ = 1;
  std::string key_;  // scratch, kept for their room
  std::string value_;
  kv::Batch elements_;
  std::size_t go_ahead_at_ = kMaxBatchBytes;
  std::exception_ptr fault_;
  std::vector<std::string> removed_keys_;
  std::vector<std::uint32_t> dropped_;
  std::vector<std::string> libraries_;
  std::vector<std::uint64_t> orphans_;  // of this tick
  std::vector<Range> dead_;             // of earlier ones
  std::vector<Range> left_;             // what take_orphans() left for later ticks
  Dropping dropping_ = Dropping::kInThisTick;
  bool map_changed_ = false;
};

// Appends the record of `entry`, and for a string in pieces the pieces that changed, which then
// count as written, unless they go ahead.
void put_key_record(kv::Batch& batch, std::uint32_t storage_id, Entry& entry,
                    std::int64_t expiry_ms);

// A batch is handed over whenever it is large, and is empty afterwards.
using Handover = base::FunctionRef<void(kv::Batch&)>;

// Appends the pieces of the long string `entry` that changed, which then count as written. A piece
// of zero bytes is not stored: what is not there reads as zeros.
void put_pieces(kv::Batch& batch, Entry& entry, Handover handover);

// The same in steps, each of which looks at no more than `most` pieces, for a string that does not
// change between them. Returns at how many it looked; fewer than `most` when nothing is left.
// REQUIRES: most > 0.
std::uint64_t put_some_pieces(kv::Batch& batch, Entry& entry, PiecesWalk& walk, std::uint64_t most);

// Appends all elements of the collection `entry`.
void put_all_elements(kv::Batch& batch, const Entry& entry, Handover handover);

}  // namespace bodega::keyspace
