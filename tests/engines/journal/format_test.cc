#include "engines/journal/format.h"

#include <string>

#include "engines/base/fault.h"
#include "tests/catch.h"

namespace bodega::journal {
namespace {

Source source_of_all() {
  Source source;
  source.id = 9;
  source.kind = SourceKind::kTable;
  source.account = "000000000000";
  source.region = "us-east-1";
  source.name = "t";
  source.incarnation = "0b6d2a1e";
  source.closed = true;
  source.subscriptions = {
      {"stream", Images::kNewAndOld, 86'400'000'000, Release::kByAge, 9, 40},
      {"notifications", Images::kKeysOnly, 1, Release::kWhenAcknowledged, 12, kNoEnd}};
  return source;
}

// Every beginning of the bytes is refused.
template <class Decode>
void check_cut_short(const std::string& bytes, Decode decode) {
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(decode(std::string_view(bytes).substr(0, length)), base::StorageFault);
  }
}

}  // namespace

TEST_CASE("Journal format: a source is read as it was written, and not when it is cut short") {
  const Source source = source_of_all();
  const std::string bytes = format::encode(source);
  CHECK(format::decode_source(9, bytes) == source);
  check_cut_short(bytes, [](std::string_view cut) { format::decode_source(9, cut); });
}

TEST_CASE(
    "Journal format: an event is read as it was written, and not when its head is cut short") {
  std::string bytes;
  format::encode(bytes, NewEvent{3, {Origin::kLifecycle, "someone"}, "body"}, 1'234'567);
  const Event event{7, 3, 1'234'567, Origin::kLifecycle, "someone", "body"};
  CHECK(format::decode_event(3, 7, bytes) == event);
  CHECK(format::event_time_us(bytes) == 1'234'567);
  check_cut_short(bytes.substr(0, bytes.size() - 4),
                  [](std::string_view cut) { format::decode_event(3, 7, cut); });
}

TEST_CASE("Journal format: bytes of an unknown format, kind or origin are refused") {
  std::string source = format::encode(source_of_all());
  source[0] = 2;
  CHECK_THROWS_AS(format::decode_source(9, source), base::StorageFault);
  source[0] = 1;
  source[1] = 3;
  CHECK_THROWS_AS(format::decode_source(9, source), base::StorageFault);
  std::string event;
  format::encode(event, NewEvent{3, {}, "body"}, 1);
  event[1] = 9;
  CHECK_THROWS_AS(format::decode_event(3, 7, event), base::StorageFault);
  CHECK_THROWS_AS(format::event_time_us(event), base::StorageFault);
  event[0] = 0;
  CHECK_THROWS_AS(format::decode_event(3, 7, event), base::StorageFault);
  CHECK_THROWS_AS(format::decode_sequence("1234567"), base::StorageFault);
}

TEST_CASE("Journal format: keys sort by source and then by number, and tell both") {
  const std::string key = format::event_key(2, 255);
  CHECK(format::source_of(key) == 2);
  CHECK(format::sequence_of(key) == 255);
  CHECK(key < format::event_key(2, 256));
  CHECK(format::event_key(2, kNoEnd) < format::event_key(3, 0));
  CHECK(key.starts_with(format::events_prefix(2)));
  CHECK_THROWS_AS(format::sequence_of(format::source_key(2)), base::StorageFault);
  CHECK_THROWS_AS(format::source_of("\x01"), base::StorageFault);
}

TEST_CASE("Journal format: each kind of record is checked, and no other is known") {
  std::string event;
  format::encode(event, NewEvent{3, {}, ""}, 1);
  const std::string number = format::encode_sequence(5);
  CHECK_NOTHROW(format::check_record(format::source_key(9), format::encode(source_of_all())));
  CHECK_NOTHROW(format::check_record(format::event_key(9, 1), event));
  CHECK_NOTHROW(format::check_record(format::trimmed_key(9), number));
  CHECK_NOTHROW(format::check_record(format::acknowledged_key(9, "stream"), number));
  CHECK_NOTHROW(format::check_record(format::kNumbersKey, number));
  CHECK_THROWS_AS(format::check_record(format::event_key(9, 1), number), base::StorageFault);
  CHECK_THROWS_AS(format::check_record(format::trimmed_key(9), event), base::StorageFault);
  CHECK_THROWS_AS(format::check_record("\x06" + format::event_key(9, 1), event),
                  base::StorageFault);
}

}  // namespace bodega::journal
