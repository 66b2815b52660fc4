// Giving up events that no subscription keeps any longer, and closed sources that have none left.
#include <algorithm>
#include <map>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/journal/format.h"
#include "engines/journal/journal.h"

namespace bodega::journal {

using kv::Family;

namespace {

constexpr std::int64_t kTrimIntervalUs = 60'000'000;
// As much as one call of tend() gives up: a few milliseconds.
constexpr std::size_t kTrimmedAtOnce = 10'000;

using Acknowledged = std::map<std::string, Sequence, std::less<>>;

bool is_kept(const Source& source, const Acknowledged& acknowledged, Sequence sequence,
             std::int64_t age_us) {
  return std::any_of(source.subscriptions.begin(), source.subscriptions.end(),
                     [&](const Subscription& one) {
                       if (sequence < one.since || sequence >= one.until || age_us > one.keep_us)
                         return false;
                       if (one.release == Release::kByAge) return true;
                       const auto at = acknowledged.find(one.name);
                       return at == acknowledged.end() || sequence >= at->second;
                     });
}

}  // namespace

bool Journal::trim(std::size_t max_events) {
  const base::Lock one(trimming_);
  std::size_t left = max_events;
  // Asked before the sources are read: the events of a subscription that begins in between are
  // behind it.
  const Sequence until = settled();
  for (const Source& source : all_sources(store_)) {
    left -= trim_source(source, until, left);
    if (left == 0) return true;
  }
  return false;
}

// Returns how many events it gave up.
std::size_t Journal::trim_source(const Source& source, Sequence until, std::size_t max_events) {
  Acknowledged acknowledged;
  for (const Subscription& one : source.subscriptions) {
    const auto position = this->acknowledged(source.id, one.name);
    if (position) acknowledged.emplace(one.name, *position);
  }
  const std::string events = format::events_prefix(source.id);
  // What is in flight may come to stand before the last event; a closed source has nothing in
  // flight.
  const std::string upper =
      source.closed ? base::prefix_end(events) : format::event_key(source.id, until);
  const auto cursor = store_.cursor(Family::kJournal, events, upper);
  const std::int64_t now_us = clock_.now_us();
  Sequence first = 0;
  Sequence behind = 0;
  std::size_t count = 0;
  for (cursor->seek_first(); cursor->valid() && count < max_events; cursor->next(), ++count) {
    const Sequence sequence = format::sequence_of(cursor->key());
    const std::int64_t age_us = now_us - format::event_time_us(cursor->value());
    if (is_kept(source, acknowledged, sequence, age_us)) break;
    if (count == 0) first = sequence;
    behind = sequence + 1;
  }
  kv::Batch batch;
  if (count > 0) {
    batch.remove_range(Family::kJournal, format::event_key(source.id, first),
                       format::event_key(source.id, behind));
    batch.put(Family::kJournal, format::trimmed_key(source.id), format::encode_sequence(behind));
  }
  if (source.closed && !cursor->valid()) {
    batch.remove(Family::kJournal, format::source_key(source.id));
    batch.remove(Family::kJournal, format::trimmed_key(source.id));
    const std::string positions = format::acknowledged_prefix(source.id);
    batch.remove_range(Family::kJournal, positions, base::prefix_end(positions));
  }
  if (batch.empty()) return 0;
  // The rows that go may be the only ones that tell how far the numbers had come.
  batch.put(Family::kJournal, format::kNumbersKey, format::encode_sequence(in_flight_.next()));
  batch.mark_cleans_up();
  store_.commit(batch);
  return count;
}

void Journal::tend() {
  const std::int64_t now_us = clock_.now_us();
  // A clock that was moved back does not put the next turn off.
  const bool is_due = now_us - trimmed_at_us_ >= kTrimIntervalUs || now_us < trimmed_at_us_;
  if (!is_due) return;
  try {
    if (!trim(kTrimmedAtOnce)) trimmed_at_us_ = now_us;
  } catch (const base::StorageFault& fault) {
    trimmed_at_us_ = now_us;
    log::warn(std::string("events of the journal stay: ") + fault.what());
  }
}

}  // namespace bodega::journal
