#include "engines/journal/format.h"

#include "engines/base/bytes.h"
#include "engines/base/fault.h"

namespace bodega::journal::format {
namespace {

constexpr std::uint8_t kFormat = 1;

constexpr char kSources = 0x01;
constexpr char kEvents = 0x02;
constexpr char kTrimmed = 0x03;
constexpr char kAcknowledged = 0x04;

constexpr std::size_t kSourceKeyBytes = 1 + 8;
constexpr std::size_t kEventKeyBytes = kSourceKeyBytes + 8;

[[noreturn]] void corrupt(const char* what) {
  throw base::StorageFault(std::string("corrupt journal: ") + what);
}

std::string key_of(char space, SourceId source) {
  std::string key(1, space);
  base::put_u64(key, source);
  return key;
}

Origin take_origin(base::ByteReader& in) {
  return in.enumerator(Origin::kClient, Origin::kRestore);
}

Subscription take_subscription(base::ByteReader& in) {
  Subscription one;
  one.name = in.string();
  one.images = in.enumerator(Images::kKeysOnly, Images::kNewAndOld);
  one.keep_us = static_cast<std::int64_t>(in.varint());
  one.release = in.enumerator(Release::kByAge, Release::kWhenAcknowledged);
  one.since = in.u64();
  one.until = in.u64();
  return one;
}

}  // namespace

std::string source_key(SourceId source) { return key_of(kSources, source); }
std::string events_prefix(SourceId source) { return key_of(kEvents, source); }
std::string acknowledged_prefix(SourceId source) { return key_of(kAcknowledged, source); }
std::string trimmed_key(SourceId source) { return key_of(kTrimmed, source); }

std::string event_key(SourceId source, Sequence sequence) {
  std::string key = events_prefix(source);
  base::put_u64(key, sequence);
  return key;
}

std::string acknowledged_key(SourceId source, std::string_view name) {
  return acknowledged_prefix(source).append(name);
}

SourceId source_of(std::string_view source_key) {
  if (source_key.size() < kSourceKeyBytes) corrupt("key of a source");
  return base::read_u64(source_key.substr(1));
}

Sequence sequence_of(std::string_view event_key) {
  if (event_key.size() != kEventKeyBytes) corrupt("key of an event");
  return base::read_u64(event_key.substr(kSourceKeyBytes));
}

std::string encode(const Source& source) {
  std::string out;
  base::put_u8(out, kFormat);
  base::put_u8(out, static_cast<std::uint8_t>(source.kind));
  base::put_u8(out, source.closed ? 1 : 0);
  base::put_string(out, source.account);
  base::put_string(out, source.region);
  base::put_string(out, source.name);
  base::put_string(out, source.incarnation);
  base::put_varint(out, source.subscriptions.size());
  for (const Subscription& one : source.subscriptions) {
    base::put_string(out, one.name);
    base::put_u8(out, static_cast<std::uint8_t>(one.images));
    base::put_varint(out, static_cast<std::uint64_t>(one.keep_us));
    base::put_u8(out, static_cast<std::uint8_t>(one.release));
    base::put_u64(out, one.since);
    base::put_u64(out, one.until);
  }
  return out;
}

Source decode_source(SourceId id, std::string_view value) {
  base::ByteReader in(value);
  Source source;
  source.id = id;
  if (in.u8() != kFormat) corrupt("format of a source");
  source.kind = in.enumerator(SourceKind::kBucket, SourceKind::kTable);
  source.closed = in.u8() != 0;
  source.account = in.string();
  source.region = in.string();
  source.name = in.string();
  source.incarnation = in.string();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    source.subscriptions.push_back(take_subscription(in));
  }
  if (!in.ok()) corrupt("record of a source");
  return source;
}

void encode(std::string& out, const NewEvent& event, std::int64_t time_us) {
  base::put_u8(out, kFormat);
  base::put_u8(out, static_cast<std::uint8_t>(event.cause.origin));
  base::put_u64(out, static_cast<std::uint64_t>(time_us));
  base::put_string(out, event.cause.caller);
  out.append(event.body);
}

Event decode_event(SourceId source, Sequence sequence, std::string_view value) {
  base::ByteReader in(value);
  Event event;
  event.sequence = sequence;
  event.source = source;
  if (in.u8() != kFormat) corrupt("format of an event");
  event.origin = take_origin(in);
  event.time_us = static_cast<std::int64_t>(in.u64());
  event.caller = in.string();
  event.body = in.rest();
  if (!in.ok()) corrupt("record of an event");
  return event;
}

std::int64_t event_time_us(std::string_view value) {
  base::ByteReader in(value);
  if (in.u8() != kFormat) corrupt("format of an event");
  take_origin(in);
  const auto time_us = static_cast<std::int64_t>(in.u64());
  if (!in.ok()) corrupt("record of an event");
  return time_us;
}

std::string encode_sequence(Sequence sequence) {
  std::string out;
  base::put_u64(out, sequence);
  return out;
}

Sequence decode_sequence(std::string_view value) {
  if (value.size() != sizeof(Sequence)) corrupt("sequence number");
  return base::read_u64(value);
}

void check_record(std::string_view key, std::string_view value) {
  if (key == kNumbersKey) {
    decode_sequence(value);
    return;
  }
  const SourceId source = source_of(key);
  switch (key.front()) {
    case kSources: decode_source(source, value); return;
    case kEvents: decode_event(source, sequence_of(key), value); return;
    case kTrimmed:
    case kAcknowledged: decode_sequence(value); return;
    default: corrupt("kind of a key");
  }
}

}  // namespace bodega::journal::format
