#include "engines/identity/engine.h"

#include "engines/base/fault.h"
#include "engines/identity/format.h"
#include "tests/catch.h"

using namespace bodega;
using namespace bodega::identity;

namespace {

constexpr std::int64_t kHourUs = std::int64_t{3600} * 1'000'000;

struct Fixture {
  base::ManualClock clock;
  std::unique_ptr<kv::Store> store = kv::make_memory_store(kv::Database::kShared);
  Engine engine{*store, clock};

  Session add(const std::string& access_key_id, const std::string& account = "111122223333") {
    Session session{access_key_id, "secret",       "token",
                    account,       "arn",          "user",
                    "source",      clock.now_us(), clock.now_us() + kHourUs};
    engine.add_session(session);
    return session;
  }

  std::size_t records() const {
    std::size_t count = 0;
    const auto cursor = store->cursor(kv::Family::kIdentity);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) ++count;
    return count;
  }
};

}  // namespace

TEST_CASE("Sessions: one comes back as it was added") {
  Fixture test;
  const Session session = test.add("ASIA1");
  const auto found = test.engine.find_session("ASIA1");
  REQUIRE(found);
  CHECK(encode_session(*found) == encode_session(session));
  CHECK_FALSE(test.engine.find_session("ASIA"));
  CHECK_FALSE(test.engine.find_session("ASIA12"));
}

TEST_CASE("Sessions: an expired one is remembered for a day, and then removed by later ones") {
  Fixture test;
  for (int i = 0; i < 20; ++i) test.add("ASIA" + std::to_string(i));
  test.clock.advance_us(kHourUs + kRememberedUs);
  CHECK(test.engine.find_session("ASIA0"));
  test.clock.advance_us(1);
  test.add("ASIB");
  CHECK(test.records() == 2 * (20 - 16 + 1));
  test.add("ASIC");
  CHECK(test.records() == 2 * 2);
  CHECK_FALSE(test.engine.find_session("ASIA0"));
  CHECK(test.engine.find_session("ASIB"));
}

TEST_CASE("Sessions: a clock that stands at the epoch ends none") {
  Fixture test;
  test.clock.set_us(0);
  test.add("ASIA1");
  test.add("ASIA2");
  CHECK(test.engine.find_session("ASIA1"));
  CHECK(test.engine.find_session("ASIA2"));
}

TEST_CASE("Sessions: every record can be verified, and a damaged one is found") {
  Fixture test;
  test.add("ASIA1");
  const auto cursor = test.store->cursor(kv::Family::kIdentity);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    CHECK_NOTHROW(check_record(cursor->key(), cursor->value()));
  }
  CHECK_THROWS_AS(check_record("\x01"
                               "ASIA1",
                               "x"),
                  base::StorageFault);
  CHECK_THROWS_AS(check_record("\x02"
                               "short",
                               ""),
                  base::StorageFault);
}

TEST_CASE("Sessions: all of them can be ended, or those of one account") {
  Fixture test;
  test.engine.clear();
  test.add("ASIA1");
  test.add("ASIA2", "999988887777");
  test.engine.clear("111122223333");
  CHECK_FALSE(test.engine.find_session("ASIA1"));
  CHECK(test.engine.find_session("ASIA2"));
  CHECK(test.records() == 2);
  test.engine.clear();
  CHECK_FALSE(test.engine.find_session("ASIA2"));
  CHECK(test.records() == 0);
}
