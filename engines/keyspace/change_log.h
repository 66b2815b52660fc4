// ChangeLog: what a tick changed, on its way into a batch. Elements of collections are logged in
// order, as they change; keys that went, databases that were flushed and objects nobody owns any
// more are noted beside them. Keys that changed are listed in their Database and serialised at the
// end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engines/keyspace/entry.h"
#include "engines/kv/store.h"

namespace bodega::keyspace {

class ChangeLog {
 public:
  std::uint64_t new_object_id() { return next_object_id_++; }
  void reserve_object_ids(std::uint64_t next) {
    if (next > next_object_id_) next_object_id_ = next;
  }

  void put_element(std::uint64_t object_id, std::string_view suffix, std::string_view value);
  void put_field(std::uint64_t object_id, std::string_view field, std::string_view value);
  void remove_element(std::uint64_t object_id, std::string_view suffix);
  // Elements with suffixes in [from, to).
  void remove_elements(std::uint64_t object_id, std::string_view from, std::string_view to);

  void remove_key(std::uint32_t storage_id, std::string_view key);
  // Nobody owns the object any more; its elements go by and by.
  void drop_object(std::uint64_t object_id) { orphans_.push_back(object_id); }
  // The same for the collection `entry` before it is freed: a few elements are removed one by one,
  // which is cheaper for the store than a range, and an empty collection has left nothing behind.
  void drop_collection(const Entry& entry);
  void drop_database(std::uint32_t storage_id) { dropped_.push_back(storage_id); }
  void change_map() { map_changed_ = true; }
  bool map_changed() const { return map_changed_; }

  bool empty() const;

  // Moves what was logged so far into `batch`. `map`: the map of databases as it is to be written,
  // when map_changed().
  void take(kv::Batch& batch, const std::string& map);
  // To come last, after the keys were put: removal of what orphans have left.
  void take_orphans(kv::Batch& batch);

 private:
  std::string_view element_key(std::uint64_t object_id, std::string_view suffix);

  std::uint64_t next_object_id_ = 1;
  std::string key_;    // scratch, kept for their room
  std::string value_;
  kv::Batch elements_;
  std::vector<std::string> removed_keys_;
  std::vector<std::uint32_t> dropped_;
  std::vector<std::uint64_t> orphans_;
  bool map_changed_ = false;
};

// Appends the record of `entry`, and for a string in pieces the pieces that changed, which then
// count as written.
void put_key_record(kv::Batch& batch, std::uint32_t storage_id, Entry& entry,
                    std::int64_t expiry_ms);

// Appends all elements of the collection `entry`.
void put_all_elements(kv::Batch& batch, const Entry& entry);

}  // namespace bodega::keyspace
