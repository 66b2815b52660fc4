// The keyspace engine: all Redis data of one world, in memory, written behind.
//
// The structures in memory are the authority. Every change also marks what it changed: strings and
// keys are marked once per tick and serialised at its end, elements of collections are logged one
// by one, a collection is never written whole. commit_tick() makes one atomic batch of it all; the
// caller commits before it lets the tick's replies out, so nothing acknowledged is lost and a
// MULTI/EXEC is there whole or not at all. load() reads everything back.
//
// One thread owns an engine, there is no lock. Time stands still between calls of set_now(): the
// caller freezes it per tick (or per script), and expiry follows it.
//
// Layout on disk: format.h. Collections: hash.h, list.h, set.h, sorted_set.h, stream.h; they are
// changed through the edits of edits.h, which keep log, accounting and observers right.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/function_ref.h"
#include "engines/keyspace/edits.h"
#include "engines/keyspace/observer.h"
#include "engines/keyspace/storage/notes.h"
#include "engines/keyspace/structures/entry.h"
#include "engines/keyspace/structures/types.h"
#include "engines/kv/store.h"

namespace bodega::keyspace {

struct Options {
  unsigned databases = 16;
  // False when nothing need survive (durability none): nothing is logged then, commit_tick() is
  // free.
  bool log_changes = true;
  // Hears from time to time how many records load() has read.
  std::function<void(std::uint64_t records)> loading = nullptr;
};

// How Entry remembers its use, for OBJECT IDLETIME and FREQ and the eviction policies.
enum class AccessPolicy : std::uint8_t { kLru, kLfu };

// Whether a look at a key counts as a use of it (CLIENT NO-TOUCH, TYPE, TTL and OBJECT do not).
enum class Touch : std::uint8_t { kYes, kNo };

// What becomes of the expiry of a key that is overwritten.
enum class Expiry : std::uint8_t { kClear, kKeep };

class Database;
class ChangeLog;
class Journal;
struct Staging;

class Engine {
 public:
  // `store` is opened for kv::Database::kKeyspace, and this engine is its only writer; it and
  // `clock` outlive the engine. Empty until load().
  Engine(kv::Store& store, const base::Clock& clock, Options options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Reads the store's contents, dropping expired keys and elements without an owner.
  // REQUIRES: called at most once, before any other change. Throws StorageFault on damage or when a
  // newer Bodega wrote it.
  void load();

  unsigned database_count() const;
  Limits& limits() { return limits_; }
  const Limits& limits() const { return limits_; }

  // At most one observer, null for none; it outlives the engine or is taken off first.
  void set_observer(Observer* observer) { observer_ = observer; }

  // ---- Time ----

  std::int64_t now_ms() const { return now_ms_; }
  void set_now(std::int64_t now_ms) { now_ms_ = now_ms; }
  void refresh_now() { now_ms_ = clock_.now_ms(); }

  // While expiry is held back (CLIENT PAUSE), keys past their time are invisible but stay.
  void hold_expiry(bool held) { expiry_held_ = held; }

  // ---- Looking ----

  // The entry, or null. A key past its time counts as absent and is removed (observers hear of it),
  // and so are fields of a hash. REQUIRES, here and below: db < database_count().
  const Entry* find(unsigned db, std::string_view key, Touch touch = Touch::kYes);
  bool exists(unsigned db, std::string_view key) { return find(db, key, Touch::kNo) != nullptr; }

  // Milliseconds since the epoch, or kNoExpiry.
  std::int64_t expiry_of(unsigned db, const Entry& entry) const;

  std::size_t size(unsigned db) const;            // including keys past their time not yet removed
  std::uint64_t key_count() const;                // likewise, of all databases
  std::size_t expiring_count(unsigned db) const;  // keys with a time to live
  std::size_t field_expiring_count(unsigned db) const;  // hashes with such fields
  std::int64_t average_ttl_ms(unsigned db) const;       // an estimate from a sample

  // Calls `visit` for keys from `cursor` (0: from the start) until about `count` were seen; returns
  // the next cursor, 0 at the end. A key that is there throughout a whole round is seen at least
  // once, whatever comes and goes meanwhile. Keys past their time are passed over, and removed at
  // the end.
  std::uint64_t scan(unsigned db, std::uint64_t cursor, std::size_t count,
                     base::FunctionRef<void(const Entry&)> visit);

  // Every key not past its time, in no particular order.
  void for_each(unsigned db, base::FunctionRef<void(const Entry&)> visit) const;

  // A key chosen at random, or null when there is none. Keys past their time met on the way go.
  const Entry* random(unsigned db);

  std::int64_t idle_seconds(const Entry& entry) const;  // REQUIRES: access policy LRU
  unsigned frequency(const Entry& entry) const;         // REQUIRES: access policy LFU
  void set_idle_seconds(unsigned db, std::string_view key, std::int64_t seconds);
  void set_frequency(unsigned db, std::string_view key, unsigned frequency);
  void set_access_policy(AccessPolicy policy) { access_policy_ = policy; }
  AccessPolicy access_policy() const { return access_policy_; }

  // Keeps track of which keys of database 0 are in which hash slot (structures/slots.h), from now
  // on; it costs some 50 bytes a key. The other two require it: the count includes keys past their
  // time, and `visit` returns false to end, and changes nothing.
  void index_slots();
  std::size_t count_in_slot(unsigned slot) const;
  void for_each_in_slot(unsigned slot, base::FunctionRef<bool(const Entry&)> visit) const;

  Notes& notes() { return notes_; }

  // ---- Strings ----

  // Makes `key` a string of these bytes, whatever it was before; integers in canonical form are
  // kept as integers, as Redis does. `value` must not point into the keyspace.
  void set_string(unsigned db, std::string_view key, std::string_view value,
                  Expiry expiry = Expiry::kClear);
  void set_string(unsigned db, std::string_view key, std::string_view value,
                  std::int64_t expiry_ms);  // with this new expiry
  // The same, keeping the expiry, for a value that is text even when it reads as an integer
  // (INCRBYFLOAT).
  void set_text(unsigned db, std::string_view key, std::string_view value);
  // In one step, for INCR, DECR and INCRBY: keeps the expiry. REQUIRES: absent or a string.
  void set_integer(unsigned db, std::string_view key, std::int64_t value);

  // Appends; returns the new length. The result is raw, an absent key is created as by set_string.
  // REQUIRES, here and below: absent or a string.
  std::size_t append(unsigned db, std::string_view key, std::string_view bytes);

  // The bytes [offset, offset + length) for writing (SETRANGE, SETBIT, BITFIELD, PFADD). The string
  // is created or grown with zero bytes to reach there, and becomes raw. Only what is asked for is
  // written to the store. The span is valid until the next call. With Fill::kWhole the caller
  // writes every byte of it: what is new need not be zero before, which saves a pass over it.
  enum class Fill : std::uint8_t { kInPart, kWhole };
  std::span<char> edit_string(unsigned db, std::string_view key, std::size_t offset,
                              std::size_t length, Fill fill = Fill::kInPart);
  // Makes the string raw as edit_string() does, which counts as no change. REQUIRES: it is there.
  void make_raw(unsigned db, std::string_view key);

  // ---- Collections ----

  // An edit of the collection under `key`, which is created when absent; see edits.h. `found` may
  // be what find() just answered, which saves a second lookup. REQUIRES: absent or of that type; at
  // most one edit of a key at a time.
  HashEdit edit_hash(unsigned db, std::string_view key, const Entry* found = nullptr);
  ListEdit edit_list(unsigned db, std::string_view key, const Entry* found = nullptr);
  SetEdit edit_set(unsigned db, std::string_view key, const Entry* found = nullptr);
  SortedSetEdit edit_sorted_set(unsigned db, std::string_view key, const Entry* found = nullptr);
  StreamEdit edit_stream(unsigned db, std::string_view key, const Entry* found = nullptr);

  // ---- Keys ----

  bool remove(unsigned db, std::string_view key);  // false: it was not there

  // Sets the instant (it may lie in the past: the key then counts as expired at the next look).
  // False: no such key. touch_key's observers hear of both.
  bool set_expiry(unsigned db, std::string_view key, std::int64_t expiry_ms);
  bool clear_expiry(unsigned db, std::string_view key);  // false: no such key, or it had none

  // Value and expiry move to the new name, replacing what was there. False: `from` is absent.
  // REQUIRES: from and to differ.
  bool rename(unsigned db, std::string_view from, std::string_view to);
  // False: absent, or the target has such a key. REQUIRES: the databases differ.
  bool move(unsigned from_db, std::string_view key, unsigned to_db);
  // A deep copy with the expiry, replacing what was there. False: absent.
  // REQUIRES: the two are not the same key.
  bool copy(unsigned from_db, std::string_view from, unsigned to_db, std::string_view to);

  void flush(unsigned db);
  void flush_all();
  // The same and the commit of it, for a keyspace that nobody serves; how many keys there were.
  // Throws StorageFault.
  std::uint64_t clear();
  void swap(unsigned a, unsigned b);

  // Tells the observer that the key was touched, for commands that change nothing Engine sees.
  void touch_key(unsigned db, std::string_view key);

  // ---- Libraries ----

  // Texts by name that belong to the keyspace and are no keys: the code of libraries of functions.
  // FLUSHALL leaves them.
  using Libraries = std::map<std::string, std::string, std::less<>>;
  const Libraries& libraries() const { return libraries_; }
  void put_library(std::string_view name, std::string_view code);
  void remove_library(std::string_view name);

  // ---- Housekeeping ----

  // Removes up to `budget` keys and fields of hashes whose time has come; returns how many. Cheap
  // when there are none.
  std::size_t expire_some(std::size_t budget);
  // The next instant at which a key or a field expires, if any: when a timer has something to do.
  std::optional<std::int64_t> next_expiry_ms() const;

  // Frees up to about `budget` elements of large values that were removed, and moves tables that
  // are being resized on. Returns whether work is left. To be called from a timer and when idle.
  bool tidy_some(std::size_t budget);
  std::size_t pending_frees() const;  // large values removed but not yet freed

  // Estimated bytes of everything, of one key with its value, and of the tables around them.
  std::size_t used_memory() const;
  std::size_t memory_usage(const Entry& entry) const;
  std::size_t overhead_memory(unsigned db) const;

  // ---- Writing behind ----

  // Whether anything changed since the last commit_tick().
  bool has_changes() const;
  // About how much the next commit_tick() has to write. A caller that ends its tick when this grows
  // large keeps commits small.
  std::size_t pending_bytes() const;
  // What earlier ticks have left to be removed from the store; commit_tick() takes some with it.
  bool has_backlog() const;

  // Moves what changed since the last call into `batch`.
  void collect(kv::Batch& batch);

  // Commits what changed to the store, all or nothing; what is too large for one commit in several
  // that count only together. When it throws (StorageFault, std::bad_alloc), the changes are lost,
  // those that are being staged with them: in_doubt() holds, and roll_back() is due.
  void commit_tick();

  // Instead of commit_tick(), for a tick that changed so much of long strings that writing it at
  // once would keep everyone waiting: the tick is closed, stage_some() writes a bounded share of it
  // and returns whether that was the last, with which all of it is committed. Meanwhile others may
  // read and change what is not staged, in ticks that are committed before; no key expires.
  // start_staging() returns false when the tick is not of this kind, and when one is being staged
  // already. Both throw as commit_tick() does.
  bool start_staging();
  bool stage_some();
  bool is_staging() const { return staging_ != nullptr; }
  // Whether a key of this name, in whichever database, belongs to what is being staged, and may be
  // neither read nor changed.
  bool is_staged(std::string_view key) const;

  // Committed changes wait to be carried out, because the store failed meanwhile: nothing may be
  // changed before settle().
  bool unsettled() const;
  // Writes a little to see whether the store takes writes (again), after carrying out what waits.
  // Throws StorageFault when not.
  void settle();

  // What is wrong with the store, and whether it is a want of room; see kv::Store.
  std::optional<std::string> store_fault() const { return store_.fault(); }
  bool store_out_of_room() const { return store_.out_of_room(); }

  // Memory holds changes that the store will never have. Nothing may be read or changed before
  // roll_back().
  bool in_doubt() const { return lost_.has_value(); }
  // Gives the tick up because a change of these keys was broken off half-way (std::bad_alloc).
  struct KeyName {
    unsigned db;
    std::string_view key;
  };
  void give_up_tick(std::span<const KeyName> keys);
  void give_up_everything();
  // Reads back from the store what the lost tick changed, and tells the observer. Throws
  // StorageFault when the store cannot be read; it may be tried again. REQUIRES: in_doubt().
  void roll_back();

  // Changes so far, in the sense of INFO's rdb_changes_since_last_save.
  std::uint64_t change_count() const { return change_count_; }

  // Writes everything into `target` as if it had been logged from the start: for DEBUG RELOAD and
  // for snapshots of a world that logs nothing. `target` holds no keyspace data.
  void write_all(kv::Store& target);

  // Forgets what is in memory and reads it back from what was committed (DEBUG RELOAD).
  void reload();

 private:
  friend class Edit;
  friend class HashEdit;
  friend class ListEdit;
  friend class SetEdit;
  friend class SortedSetEdit;
  friend class StreamEdit;
  friend class Loader;

  Database& at(unsigned db) const { return *databases_[db]; }

  // Where the table points to the entry, or null when it is absent or its time has come.
  Entry** find_live(unsigned db, std::string_view key, std::uint32_t hash);
  Entry** create(unsigned db, std::string_view key, std::uint32_t hash, Type type,
                 std::size_t embedded_capacity);
  void erase(unsigned db, Entry** link);
  void expire(unsigned db, Entry** link);
  Entry** without_due_fields(unsigned db, Entry** link);
  std::size_t expire_fields(unsigned db, Entry& entry, std::size_t budget);
  void note_field_expiry(unsigned db, Entry& entry);
  void take_out(Database& database, Entry** link);
  void put_back(unsigned db, std::string_view key, Entry* taken, std::int64_t expiry_ms);
  void clear_value(Entry& entry);
  void free_collection(Entry& entry);
  void discard(Entry* entry);

  enum class Form : std::uint8_t { kShortest, kText };
  Entry** put_text(unsigned db, std::string_view key, std::string_view value,
                   Form form = Form::kShortest);
  void assign_text(unsigned db, Entry** link, std::string_view value, Form form = Form::kShortest);
  void relocate(Database& database, Entry** link, std::size_t embedded_capacity);
  void forget_new(unsigned db, Entry** link);
  HeapString* allocate_heap(std::size_t capacity);
  void make_heap(Entry& entry, std::size_t capacity, std::size_t length, std::size_t zero_until);
  void note_pieces(HeapString& heap, std::size_t from, std::size_t to, std::size_t before);
  static void note_range(StringPieces& pieces, std::size_t from, std::size_t to);
  void drop_heap(Entry& entry);

  template <class EditType, class Value>
  EditType edit(unsigned db, std::string_view key, const Entry* found, Type type,
                Value* Entry::*slot);
  Closed finish_edit(Edit& edit);

  void mark_dirty(unsigned db, Entry& entry);
  void created(unsigned db, const Entry& entry);
  void touched(unsigned db, std::string_view key);
  void tell_touched(unsigned db, std::string_view key);
  void note_access(Entry& entry) const;
  std::string encoded_map() const;
  void stage_long_strings();
  bool goes_ahead(Entry& entry);
  void close_tick(Staging& staging);
  void collect_records(kv::Batch& batch);
  bool expiry_is_held() const { return expiry_held_ || staging_ != nullptr; }
  void note_lost(std::span<const KeyName> keys) noexcept;
  void note_owners();
  void read_everything_back(kv::Store& store);

  kv::Store& store_;
  const base::Clock& clock_;
  Options options_;
  Limits limits_;
  Observer* observer_ = nullptr;
  AccessPolicy access_policy_ = AccessPolicy::kLru;
  bool expiry_held_ = false;
  std::int64_t now_ms_ = 0;
  std::uint64_t change_count_ = 0;
  std::size_t memory_ = 0;
  std::uint32_t next_storage_id_ = 0;
  Notes notes_;
  std::vector<std::unique_ptr<Database>> databases_;
  Libraries libraries_;
  std::unique_ptr<ChangeLog> log_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Staging> staging_;  // the tick that is being staged, if any
  kv::Batch batch_;                   // kept for its room
  std::size_t pending_string_bytes_ = 0;
  std::vector<Entry*> graveyard_;                    // large values removed but not yet freed
  std::vector<std::unique_ptr<Database>> flushed_;   // likewise whole databases
  std::vector<std::unique_ptr<Database>> flushing_;  // … whose flush this tick has yet to commit

  // What a tick that is lost has changed.
  struct LostKey {
    std::uint32_t storage_id;
    std::string key;
    auto operator<=>(const LostKey&) const = default;
  };
  struct Lost {
    bool everything = false;
    std::vector<LostKey> keys;
    std::vector<std::uint64_t> objects;  // whose elements changed; their owners are yet to be found
  };
  std::optional<Lost> lost_;
};

}  // namespace bodega::keyspace
