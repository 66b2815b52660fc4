#include "engines/journal/journal.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <queue>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/journal/format.h"

namespace bodega::journal {

using kv::Family;

namespace {

// Numbers that a start leaves out, so that none is given twice even if the end of the log was lost
// with a machine that went down.
constexpr Sequence kLeap = Sequence{1} << 20;

// The events of one source in [from, until), walked.
std::unique_ptr<kv::Cursor> events_of(const kv::Store& store, SourceId source, Sequence from,
                                      Sequence until, const kv::Snapshot* snapshot = nullptr) {
  auto cursor = store.cursor(Family::kJournal, format::event_key(source, from),
                             format::event_key(source, std::max(from, until)), snapshot);
  cursor->seek_first();
  return cursor;
}

std::optional<Sequence> find_sequence(const kv::Store& store, std::string_view key,
                                      const kv::Snapshot* snapshot = nullptr) {
  const auto value = store.get(Family::kJournal, key, snapshot);
  if (!value) return std::nullopt;
  return format::decode_sequence(*value);
}

}  // namespace

std::size_t size_bytes(std::span<const NewEvent> events) {
  std::size_t bytes = 0;
  for (const NewEvent& event : events) bytes += event.size_bytes();
  return bytes;
}

Journal::Journal(kv::Store& store, const base::Clock& clock)
    : Journal(store, clock, find_positions(store)) {}

Journal::Journal(kv::Store& store, const base::Clock& clock, Positions positions)
    : store_(store), clock_(clock), in_flight_(positions.next, positions.last) {}

Journal::Positions Journal::find_positions(const kv::Store& store) {
  // The last number that is known to have been given, and the last event that is known of.
  Sequence given = find_sequence(store, format::kNumbersKey).value_or(1) - 1;
  for (const Source& source : all_sources(store)) {
    given = std::max(given, source.id);
    for (const Subscription& one : source.subscriptions) {
      given = std::max(given, one.has_ended() ? one.until : one.since);
    }
    const std::string events = format::events_prefix(source.id);
    const auto last = store.cursor(Family::kJournal, events, base::prefix_end(events));
    last->seek_last();
    if (last->valid()) given = std::max(given, format::sequence_of(last->key()));
  }
  return given == 0 ? Positions{1, 0} : Positions{given + kLeap, given};
}

// ---- For the engines ----

void Journal::commit(kv::Batch& batch, std::span<const NewEvent> events) {
  if (events.empty()) return store_.commit(batch);
  const Sequence first = in_flight_.enter(events.size());
  try {
    const std::int64_t now_us = clock_.now_us();
    std::string value;
    for (std::size_t i = 0; i < events.size(); ++i) {
      value.clear();
      format::encode(value, events[i], now_us);
      batch.put(Family::kJournal, format::event_key(events[i].source, first + i), value);
    }
    store_.commit(batch);
  } catch (const base::NotCommitted&) {
    in_flight_.refused(first);
    throw;
  } catch (...) {
    in_flight_.unknown(first);
    throw;
  }
  in_flight_.committed(first, events.size());
}

void Journal::put_source(kv::Batch& batch, Source& source) const {
  std::erase_if(source.subscriptions, [&](const Subscription& one) {
    return one.has_ended() && !events_of(store_, source.id, one.since, one.until)->valid();
  });
  batch.put(Family::kJournal, format::source_key(source.id), format::encode(source));
}

std::vector<Source> Journal::all_sources(const kv::Store& store) {
  std::vector<Source> sources;
  const auto cursor =
      store.cursor(Family::kJournal, format::kSourceSpace, base::prefix_end(format::kSourceSpace));
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    sources.push_back(format::decode_source(format::source_of(cursor->key()), cursor->value()));
  }
  return sources;
}

// ---- For readers ----

Sequence Journal::settled() const {
  return in_flight_.settled([this] { return !store_.fault().has_value(); });
}

std::vector<Source> Journal::sources(SourceKind kind) const {
  std::vector<Source> found = all_sources(store_);
  std::erase_if(found, [kind](const Source& one) { return one.kind != kind; });
  return found;
}

std::optional<Source> Journal::find_source(SourceId id) const {
  const auto value = store_.get(Family::kJournal, format::source_key(id));
  if (!value) return std::nullopt;
  return format::decode_source(id, *value);
}

Result<Sequence> Journal::oldest(SourceId id) const {
  if (!find_source(id)) return Outcome::kNoSuchSource;
  return find_sequence(store_, format::trimmed_key(id)).value_or(0);
}

Sequence Journal::end() const { return std::min(in_flight_.behind_last(), settled()); }

Result<Page> Journal::read(const ReadRequest& request) const {
  BODEGA_CHECK(request.max_events > 0);
  // Everything below this has been committed, so the snapshot has it.
  const Sequence until = std::min(request.until, settled());
  const auto snapshot = store_.snapshot();
  std::vector<std::unique_ptr<kv::Cursor>> walks;
  using Front = std::pair<Sequence, std::size_t>;
  std::priority_queue<Front, std::vector<Front>, std::greater<>> fronts;
  const auto show = [&](std::size_t walk) {
    if (walks[walk]->valid()) fronts.emplace(format::sequence_of(walks[walk]->key()), walk);
  };
  for (const SourceId source : request.sources) {
    if (!store_.get(Family::kJournal, format::source_key(source), snapshot.get())) {
      return Outcome::kNoSuchSource;
    }
    const auto trimmed = find_sequence(store_, format::trimmed_key(source), snapshot.get());
    if (trimmed && request.from < *trimmed) return Outcome::kTrimmed;
    walks.push_back(events_of(store_, source, request.from, until, snapshot.get()));
    show(walks.size() - 1);
  }
  Page page;
  page.next = request.from;
  std::size_t bytes = 0;
  for (; !fronts.empty(); fronts.pop()) {
    const auto [sequence, walk] = fronts.top();
    const std::string_view value = walks[walk]->value();
    page.more = page.events.size() == request.max_events ||
                (!page.events.empty() && bytes + value.size() > request.max_bytes);
    if (page.more) break;
    bytes += value.size();
    page.events.push_back(format::decode_event(request.sources[walk], sequence, value));
    page.next = sequence + 1;
    walks[walk]->next();
    show(walk);
  }
  return page;
}

void Journal::acknowledge(SourceId id, std::string_view name, Sequence position) {
  const base::Lock no_trim(trimming_);
  if (!store_.get(Family::kJournal, format::source_key(id))) return;
  kv::Batch batch;
  batch.put(Family::kJournal, format::acknowledged_key(id, name),
            format::encode_sequence(position));
  store_.commit(batch);
}

std::optional<Sequence> Journal::acknowledged(SourceId id, std::string_view name) const {
  return find_sequence(store_, format::acknowledged_key(id, name));
}

}  // namespace bodega::journal
