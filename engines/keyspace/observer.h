// Observer: who hears of the changes of a keyspace. An interface: it has no bodies.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engines/keyspace/edits.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

// Hears of changes, for WATCH, client tracking, blocked clients and keyspace events. Calls come
// from inside the engine: an observer only takes notes, and never calls the engine back. Keys are
// views that end with the call.
class Observer {
 public:
  virtual ~Observer() = default;

  // The key was changed, created, overwritten or removed (once per change or edit, also when the
  // new value is the same).
  virtual void key_touched(unsigned db, std::string_view key) = 0;

  // Something stands under a key that was absent: clients blocked on it may be served, and the
  // "new" event is due. key_touched comes as well.
  virtual void key_created(unsigned db, std::string_view key, Type type) = 0;

  // The key's time came and it was removed. key_touched comes as well.
  virtual void key_expired(unsigned db, std::string_view key) = 0;

  // The time of these fields of a hash came and they were removed, with `closed` kRemoved the key
  // with them. key_touched comes as well.
  virtual void fields_expired(unsigned db, std::string_view key,
                              std::span<const std::string> fields, Closed closed) = 0;

  // All keys of the database went, without calls for each.
  virtual void database_flushed(unsigned db) = 0;

  // SWAPDB: what was seen in `a` is now seen in `b` and the other way round.
  virtual void databases_swapped(unsigned a, unsigned b) = 0;

  // The key, or with the second call every key, is again as the store has it: changes that could
  // not be committed were taken back.
  virtual void key_restored(unsigned db, std::string_view key) = 0;
  virtual void all_restored() = 0;
};

}  // namespace bodega::keyspace
