// Journal: how a batch that is too large for one commit is committed all or not at all. It goes to
// the store in parts beside the data, a marker makes it count, and then it is carried out part by
// part. A start that finds the marker carries it out again, which gives the same; parts without a
// marker are forgotten.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engines/kv/store.h"

namespace bodega::keyspace {

class Journal {
 public:
  explicit Journal(kv::Store& store) : store_(store) {}

  // Commits the batch. Throws what the store throws: nothing of the batch is seen then. When it is
  // in the journal but could not be carried out, it counts as committed and pending() holds; what
  // `batch` held is then kept here. REQUIRES: not pending().
  void commit(kv::Batch& batch);

  // A batch counts as committed of which the store does not show everything yet.
  bool pending() const { return !pending_.empty(); }
  // Carries out what is pending. Throws StorageFault; it may be tried again.
  void finish();

  // Removes what a journal that came to nothing has left: a small write, which shows whether the
  // store takes any. REQUIRES: not pending().
  void clear();

  // What a start does that finds the marker: carries out what the last process left.
  void recover();

 private:
  void carry_out(const kv::Batch& batch);

  kv::Store& store_;
  kv::Batch pending_;
};

}  // namespace bodega::keyspace
