// The values of the journal: events, the sources they come from (a bucket, a table), who subscribed
// to a source, and what a reader asks for. Enums with values reach the disk: never renumber. (The
// bodies are in journal.cc.)
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/result.h"

namespace bodega::journal {

// The place of an event in the order of all events of a world. Counts up, with gaps, and is never
// given twice. As a reader's position it is the first event that the reader has not seen.
using Sequence = std::uint64_t;
inline constexpr Sequence kNoEnd = std::numeric_limits<Sequence>::max();

// A source is one incarnation of a bucket or table: one that is deleted and made again under the
// same name is another source. Its id is drawn from the sequence numbers.
using SourceId = std::uint64_t;

enum class SourceKind : std::uint8_t { kBucket = 1, kTable = 2 };

// Why something changed.
enum class Origin : std::uint8_t { kClient = 1, kTimeToLive = 2, kLifecycle = 3, kRestore = 4 };

// What a write says of itself. `caller` outlives the call that takes it.
struct Cause {
  Origin origin = Origin::kClient;
  std::string_view caller = {};  // e.g. a principal's ARN; empty: not known
};

// Which images of a changed item are recorded, besides its key. Bits; the events of buckets have
// none.
enum class Images : std::uint8_t { kKeysOnly = 0, kNew = 1, kOld = 2, kNewAndOld = 3 };

constexpr Images operator|(Images some, Images more) {
  return static_cast<Images>(static_cast<unsigned>(some) | static_cast<unsigned>(more));
}
constexpr bool has(Images images, Images one) {
  return (static_cast<unsigned>(images) & static_cast<unsigned>(one)) != 0;
}

// When an event is given up, as far as one subscriber goes: at a certain age, or already when the
// subscriber has acknowledged it (Journal::acknowledge).
enum class Release : std::uint8_t { kByAge = 1, kWhenAcknowledged = 2 };

// Someone's wish to read a source. Of a source all events are recorded as long as it has a
// subscription that has not ended, with the images that any of those asks for.
struct Subscription {
  std::string name;  // one per reader: "stream", "notifications", …
  Images images = Images::kKeysOnly;
  std::int64_t keep_us = 0;  // events that are older are given up, acknowledged or not
  Release release = Release::kByAge;
  // Its events are those in [since, until). Given by the engine.
  Sequence since = 0;
  Sequence until = kNoEnd;

  bool has_ended() const { return until != kNoEnd; }

  friend bool operator==(const Subscription&, const Subscription&) = default;
};

struct Source {
  SourceId id = 0;
  SourceKind kind = SourceKind::kBucket;
  std::string account;  // of a bucket: its owner
  std::string region;
  std::string name;
  std::string incarnation;  // a table's UUID; a bucket's creation in milliseconds
  // The bucket or table is gone. Its events stay until they are given up, and the source with them.
  bool closed = false;
  std::vector<Subscription> subscriptions;  // live ones, and ended ones that still have events

  friend bool operator==(const Source&, const Source&) = default;
};

// An event as an engine hands it in.
struct NewEvent {
  SourceId source = 0;
  Cause cause;
  std::string body;  // the engine's: object/events.h, table/events.h

  // What its row takes, at most.
  std::size_t size_bytes() const { return kRowBytes + cause.caller.size() + body.size(); }
  static constexpr std::size_t kRowBytes = 32;  // the key, and what stands before the caller
};

// Of the events of one batch together.
std::size_t size_bytes(std::span<const NewEvent> events);

struct Event {
  Sequence sequence = 0;
  SourceId source = 0;
  std::int64_t time_us = 0;  // when it was committed, by the world's clock
  Origin origin = Origin::kClient;
  std::string caller;
  std::string body;

  friend bool operator==(const Event&, const Event&) = default;
};

// ---- Reading ----

struct ReadRequest {
  std::span<const SourceId> sources;  // their events come in one order
  Sequence from = 0;
  Sequence until = kNoEnd;  // e.g. where a subscription ended
  std::size_t max_events = 1000;
  std::size_t max_bytes = std::size_t{1} << 20;  // one event is returned even if it is larger
};

struct Page {
  std::vector<Event> events;
  Sequence next = 0;  // where to go on; good after a restart
  bool more = false;  // the page ended because it was full
};

enum class Outcome : std::uint8_t {
  kNoSuchSource,  // never was, or its last event has been given up after it was closed
  kTrimmed,       // events at or behind `from` were given up
};

template <class T>
using Result = base::Result<T, Outcome>;

}  // namespace bodega::journal
