// The journal's rows as a damaged disk may give them: each is refused with a StorageFault, or read
// as something that is the same when it is written and read again.
#include <array>
#include <string>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/journal/format.h"
#include "engines/object/events.h"
#include "engines/table/events.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

template <class Function>
void unless_damaged(Function&& function) {
  try {
    function();
  } catch (const base::StorageFault&) {
  }
}

void run(std::string_view bytes) {
  unless_damaged([&] {
    const journal::Source source = journal::format::decode_source(1, bytes);
    BODEGA_CHECK(journal::format::decode_source(1, journal::format::encode(source)) == source);
  });
  unless_damaged([&] {
    const journal::Event event = journal::format::decode_event(1, 2, bytes);
    BODEGA_CHECK(journal::format::event_time_us(bytes) == event.time_us);
    std::string again;
    journal::format::encode(again, {1, {event.origin, event.caller}, event.body}, event.time_us);
    BODEGA_CHECK(journal::format::decode_event(1, 2, again) == event);
  });
  unless_damaged([&] {
    const object::ObjectEvent event = object::decode_event(bytes);
    BODEGA_CHECK(object::decode_event(object::encode_event(event)) == event);
  });
  unless_damaged([&] { table::decode_event(bytes, journal::Images::kNewAndOld); });
}

using namespace std::string_view_literals;

constexpr std::array kSeeds{
    // A source with one subscription.
    "\x01\x02\x00\x01"
    "a\x01"
    "r\x01"
    "t\x01u\x01\x06stream\x03\x40\x01"
    "\0\0\0\0\0\0\0\x09\xff\xff\xff\xff\xff\xff\xff\xff"sv,
    // An event with a caller.
    "\x01\x02\0\0\0\0\0\0\0\x05\x06"
    "callerbody"sv,
    // A put of an object; a change of its tags.
    "\x01\x01\0\0\x03key\x04null\x04"
    "etag\x07\0"sv,
    "\x01\x06\0\x01\x03key\x04null\x04"
    "etag\x07\x01\x07tagging"sv,
    // An insert of an item whose only attribute is the key.
    "\x01\x01\0\x15\x01\x02\0\0\0\x01\0\0\0\0\0\0\0\x01p\x01\x01x"sv,
};

}  // namespace

const Target kJournal{"journal", run, kSeeds};

}  // namespace bodega::fuzz
