// Notes: texts that are kept with the keys and that no command but their owner's sees, such as the
// table of a cluster's nodes. FLUSHALL leaves them. They are committed with the tick.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engines/kv/store.h"

namespace bodega::keyspace {

class Notes {
 public:
  // Empty when it was never set.
  const std::string& text(std::string_view name) const;
  void set(std::string_view name, std::string text);

  // ---- For the engine ----

  bool changed() const { return changed_; }
  void committed() { changed_ = false; }
  void put_all(kv::Batch& batch) const;
  // From the store; what memory has of a note is never older.
  void read(std::string_view key, std::string_view value);

 private:
  std::map<std::string, std::string, std::less<>> texts_;
  bool changed_ = false;
};

}  // namespace bodega::keyspace
