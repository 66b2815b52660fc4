// Edits: the way to change a collection. An edit is taken from the Engine for one key, lives as
// long as one command works on that key, and on its end (close(), or its destructor):
//   - removes the key when the collection is empty, so none but a stream stays empty;
//   - tells the observer that the key was created and touched, if it was;
//   - settles the memory account.
// Every change is logged for the store by the element.
//
//   auto edit = engine.edit_hash(db, key);
//   bool is_new = edit.set(field, value);
//   bool gone = edit.close() == Closed::kRemoved;
//
// Views passed in must not point into the same collection. Reading goes through `->`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engines/base/function_ref.h"
#include "engines/keyspace/structures/entry.h"
#include "engines/keyspace/structures/stream.h"
#include "engines/keyspace/structures/types.h"

namespace bodega::keyspace {

enum class Closed : std::uint8_t {
  kKept,     // the key stands
  kRemoved,  // the last element went, and the key with it: the "del" event is due
  kNever,    // nothing was put into a new collection: the key was never there
};

class Edit {
 public:
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;
  ~Edit();

  // Ends the edit; nothing else may be called on it afterwards. Again: the same answer.
  Closed close();

  bool created() const { return created_ == Created::kYes; }  // the key was absent before this edit

  // Counts as a change even if nothing was changed, for commands that say so (LTRIM).
  void touch() { changed_ = true; }

  // Counts as a change that who watches the key does not hear of (a consumer group's).
  void note() { noted_ = true; }
  // What it changes is part of a change that another edit counts (LMOVE changes two keys).
  void count_with_another() { counted_ = false; }

 protected:
  friend class Engine;
  enum class Created : bool { kNo, kYes };
  Edit(Engine& engine, unsigned db, Entry* entry, Created created);

  const Limits& limits() const;
  void put_element(std::string_view suffix, std::string_view value);
  void remove_element(std::string_view suffix);

  Engine& engine_;
  unsigned db_;
  Entry* entry_;
  std::uint64_t object_id_;
  std::size_t memory_before_;
  Created created_;
  bool changed_ = false;
  bool noted_ = false;
  bool counted_ = true;
  bool logging_;
  bool closed_ = false;
  Closed outcome_ = Closed::kKept;
};

class HashEdit : public Edit {
 public:
  using Edit::Edit;
  const Hash* operator->() const { return &entry_->hash(); }
  const Hash& operator*() const { return entry_->hash(); }

  // Sets the value and the time to live: without the last argument the field has none from then on.
  // True: the field is new.
  bool set(std::string_view field, std::string_view value, std::int64_t expiry_ms = kNoExpiry);
  bool remove(std::string_view field);  // false: it was not there

  // Gives the field a time to live, or with kNoExpiry none. REQUIRES: it is there.
  void set_expiry(std::string_view field, std::int64_t expiry_ms);
};

class ListEdit : public Edit {
 public:
  using Edit::Edit;
  const List* operator->() const { return &entry_->list(); }
  const List& operator*() const { return entry_->list(); }

  void push(End end, std::string_view value);
  std::string pop(End end);  // REQUIRES: not empty
  void insert(std::size_t index,
              std::string_view value);  // before the element there; size(): at the end
  void set(std::size_t index, std::string_view value);  // REQUIRES, here and below: in range
  void erase(std::size_t index, std::size_t count = 1);

  // Removes elements equal to `value`, from the front or the back, at most `limit` (0: all of
  // them).
  std::size_t remove_equal(std::string_view value, Order order, std::size_t limit);
};

class SetEdit : public Edit {
 public:
  using Edit::Edit;
  const Set* operator->() const { return &entry_->set(); }
  const Set& operator*() const { return entry_->set(); }

  bool add(std::string_view member);     // false: it was there
  bool remove(std::string_view member);  // false: it was not
};

class SortedSetEdit : public Edit {
 public:
  using Edit::Edit;
  const SortedSet* operator->() const { return &entry_->sorted_set(); }
  const SortedSet& operator*() const { return entry_->sorted_set(); }

  // Adds the member or moves it to this score; true: it is new. REQUIRES: not a NaN.
  bool set(std::string_view member, double score);
  bool remove(std::string_view member);  // false: it was not there

  // Removes the members with ranks [first, first + count). REQUIRES: in range.
  void erase_ranks(std::size_t first, std::size_t count);
};

// A stream that is created is kept when touch() was called, also without an entry. What changes
// entries touches the key; what changes groups only counts (note()).
class StreamEdit : public Edit {
 public:
  using Edit::Edit;
  const Stream* operator->() const { return &entry_->stream(); }
  const Stream& operator*() const { return entry_->stream(); }

  // REQUIRES: id > last_id().
  void append(StreamId id, StreamFields fields);
  std::size_t remove(std::span<const StreamId> ids);  // how many were there
  std::size_t trim(const StreamTrim& trim);           // how many went
  // REQUIRES: last_id is not below that of any entry.
  void set_counters(const StreamCounters& counters);

  // Null when there is none of this name, or one already.
  StreamGroup* group(std::string_view name);
  StreamGroup* create_group(std::string_view name, StreamId last_id, std::int64_t entries_read);
  void set_group(StreamGroup& group, StreamId last_id, std::int64_t entries_read);
  bool destroy_group(std::string_view name);  // false: there is none

  StreamConsumer* consumer(StreamGroup& group, std::string_view name);  // null: there is none
  // REQUIRES: there is none of this name.
  StreamConsumer& create_consumer(StreamGroup& group, std::string_view name, std::int64_t seen_ms,
                                  std::int64_t active_ms = -1);
  void remove_consumer(StreamGroup& group, StreamConsumer& consumer);
  // The consumer asked for something just now, or got something. The store hears of it at most
  // once a second.
  void set_seen(StreamGroup& group, StreamConsumer& consumer, std::int64_t now_ms);
  void set_active(StreamGroup& group, StreamConsumer& consumer, std::int64_t now_ms);

  // Makes the entry pending, or changes how it is, and whose.
  void put_pending(StreamGroup& group, StreamId id, const StreamPending& pending);
  bool remove_pending(StreamGroup& group, StreamId id);  // false: it was not pending

  // Makes this new stream the same as another. REQUIRES: created().
  void copy_from(const Stream& source);

 private:
  std::string& value();
  void put_counters();
  void put_group(const StreamGroup& group);
  void put_consumer(const StreamGroup& group, StreamConsumer& consumer);
};

}  // namespace bodega::keyspace
