// The journal of changes: one per world, in the store that buckets and tables share. An event is a
// row in the same batch as the change that it tells of, so a kill loses both or neither.
//
// Events have one order (Sequence) and stand by source (format.h), so reading one table's changes
// costs nothing for those of others, while several sources can still be read as one. Only sources
// with a subscription are recorded; where there is none, engines do not come here at all.
//
// Numbers are given before a batch is written and writers are not held up for each other, so a
// later event may be in the store before an earlier one. A reader is shown only what stands below
// the oldest number in flight (in_flight.h): whatever commits after a page was read is behind it.
//
// An event outlives its bucket or table, until every subscription that it belongs to has given it
// up (Subscription::keep_us, Release).
//
// Thread-safe. Throws StorageFault. (trim and tend are in retention.cc.)
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/mutex.h"
#include "engines/journal/in_flight.h"
#include "engines/journal/model.h"
#include "engines/kv/store.h"

namespace bodega::journal {

class Journal {
 public:
  // Both outlive the journal. The store has the family kJournal.
  Journal(kv::Store& store, const base::Clock& clock);

  // ---- For the engines ----

  // Adds the events to the batch, in this order, and commits it. Without events this is
  // kv::Store::commit.
  void commit(kv::Batch& batch, std::span<const NewEvent> events);

  // A number behind those of all events that have been committed: for the id of a source, and for
  // what source.h calls `now`.
  Sequence take() { return in_flight_.take(); }

  // Has the batch write the source. Ended subscriptions without any event left are taken out of it.
  void put_source(kv::Batch& batch, Source& source) const;

  // ---- For readers ----

  // Both also tell of closed sources, as long as they have events.
  std::vector<Source> sources(SourceKind kind) const;
  std::optional<Source> find_source(SourceId id) const;

  // The oldest position that read() accepts. kNoSuchSource.
  Result<Sequence> oldest(SourceId id) const;

  // The position behind all that can be read now. Cheap, so that it can be polled.
  Sequence end() const;

  // The events from `from` on, oldest first. To go on, read from Page::next: nothing is missed and
  // nothing comes twice. REQUIRES: max_events > 0.
  Result<Page> read(const ReadRequest& request) const;

  // Where a subscriber stands, kept for it: everything before `position` has been dealt with.
  // Events that no subscription keeps any longer are given up then. (A position that an earlier
  // subscription of that name left behind is before Subscription::since.) Nothing is kept for a
  // source that is gone.
  void acknowledge(SourceId id, std::string_view name, Sequence position);
  std::optional<Sequence> acknowledged(SourceId id, std::string_view name) const;

  // ---- Retention ----

  // Gives up events that no subscription keeps any longer, at most `max_events` of them; returns
  // whether it stopped because of that.
  bool trim(std::size_t max_events);

  // The same from time to time, to be called often. Logs faults of the store.
  void tend();

 private:
  struct Positions {
    Sequence next;
    Sequence last;
  };
  Journal(kv::Store& store, const base::Clock& clock, Positions positions);
  static Positions find_positions(const kv::Store& store);

  Sequence settled() const;
  static std::vector<Source> all_sources(const kv::Store& store);
  std::size_t trim_source(const Source& source, Sequence until, std::size_t max_events);

  kv::Store& store_;
  const base::Clock& clock_;
  mutable InFlight in_flight_;
  base::Mutex trimming_;            // one trim at a time, and no acknowledgement during it
  std::int64_t trimmed_at_us_ = 0;  // by tend(), which one thread calls
};

}  // namespace bodega::journal
