// The body of a RESTORE payload: whatever the bytes, a value is read whole or refused, and what is
// read comes back the same after it was written.
#include <array>
#include <string>

#include "engines/base/check.h"
#include "engines/base/clock.h"
#include "engines/keyspace/engine.h"
#include "engines/kv/store.h"
#include "protocol/redis/rdb/value_reader.h"
#include "protocol/redis/rdb/value_writer.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

using redis::RdbForm;
using redis::RdbInput;
using redis::RdbValue;

void run(std::string_view bytes) {
  RdbInput input(bytes);
  const RdbValue value = redis::read_value(input, input.u8());
  if (!input.ok() || value.is_empty()) return;
  const auto store = kv::make_memory_store(kv::Database::kKeyspace);
  const base::ManualClock clock;
  keyspace::Engine keyspace(*store, clock, {.databases = 1});
  redis::store_value(keyspace, 0, "k", value);
  const keyspace::Entry* entry = keyspace.find(0, "k");
  BODEGA_CHECK(entry != nullptr && entry->is(value.type));
  std::string written;
  redis::put_value(written, *entry, RdbForm());
  RdbInput again(written);
  const RdbValue same = redis::read_value(again, redis::object_type_of(*entry, RdbForm()));
  BODEGA_CHECK(again.ok() && again.at_end() && same.items.size() == value.items.size());
}

using namespace std::string_view_literals;

constexpr std::array<std::string_view, 11> kSeeds{
    "\x00\x05hello"sv,
    "\x00\xc3\x09\x40\x64\x01\x61\x61\xe0\x57\x00\x01\x61\x61"sv,
    "\x02\x02\x01m\x01n"sv,
    "\x0b\x0e\x02\x00\x00\x00\x03\x00\x00\x00\x01\x00\x02\x00\x03\x00"sv,
    "\x05\x01\x01m\x00\x00\x00\x00\x00\x00\xf8\x3f"sv,
    "\x03\x01\x01m\x03\x31.5"sv,
    "\x10\x13\x13\x00\x00\x00\x04\x00\x81\x66\x02\x81\x76\x02\x81\x6e\x02\xc0\x80\x02\xff"sv,
    "\x09\x18\x02\x03\x66oo\x03\x00\x62\x61r\x05hello\x05\x00world\xff"sv,
    "\x12\x02\x01\x03\x61\x62\x63\x02\x0b\x0b\x00\x00\x00\x02\x00\x05\x01\x06\x01\xff"sv,
    "\x0a\x11\x11\x00\x00\x00\x0c\x00\x00\x00\x02\x00\x00\xf3\x02\xc0\x2c\x01\xff"sv,
    "\x13\x01\x10\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x1b\x1b\x00\x00"
    "\x00\x0b"
    "\x00\x01\x01\x00\x01\x01\x01\x81\x66\x02\x00\x01\x02\x01\x00\x01\x00\x01\x81\x76\x02\x04\x01"
    "\xff\x01\x01"
    "\x01\x01\x01\x00\x00\x01\x00"sv,
};

}  // namespace

const Target kRedisRdb{"redis_rdb", run, kSeeds};

}  // namespace bodega::fuzz
