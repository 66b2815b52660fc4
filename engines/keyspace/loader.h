// Loader: rebuilds an engine's memory from its store. Not for users of the engine.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engines/keyspace/engine.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/storage/stream_records.h"

namespace bodega::keyspace {

// Two passes in key order: first the records of keys, which make the entries and a list of the
// objects they own, sorted by id; then the elements, which come in the same order, so the two lists
// are merged. Elements of objects that no key owns, keys whose time has come and databases that the
// map does not name are removed on the way.
class Loader {
 public:
  Loader(Engine& engine, kv::Store& store) : engine_(engine), store_(store) {}
  void run();

  // For a part of the keys only: restore() for each, then restore_elements() once. What is there of
  // them in memory was taken away before. A key past its time is kept, to expire in its turn.
  void restore(unsigned db, std::string_view key, std::string_view value);
  void restore_elements();

 private:
  struct Owner {
    std::uint64_t object_id;
    Entry* entry;
    unsigned db;
  };

  enum class Expired : std::uint8_t { kDropped, kKept };

  void read_map(std::string_view value);
  void read_keys();
  void read_key(unsigned db, std::string_view key, std::string_view value);
  void sort_owners();
  void read_elements();
  void add_element(Owner& owner, std::string_view suffix, std::string_view value);
  void finish(Owner& owner);
  void drop_range(std::uint64_t first, std::uint64_t behind);
  void leave_out(const std::string& from, const std::string& behind, kv::Family family);
  void remove_leftovers();
  void tell_of_progress();

  Engine& engine_;
  kv::Store& store_;
  std::vector<Owner> owners_;
  Expired expired_ = Expired::kDropped;
  format::StreamReader stream_reader_;
  kv::Batch removals_;
  std::uint64_t records_ = 0;  // read so far
};

}  // namespace bodega::keyspace
