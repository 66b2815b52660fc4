#include "protocol/redis/instance/topology.h"

#include "tests/catch.h"

namespace bodega::redis {

TEST_CASE("Topology: slots are spread as redis-cli --cluster create spreads them") {
  const Topology topology({3, 1});
  REQUIRE(topology.size() == 6);
  const auto first = topology.ranges_of(0);
  REQUIRE(first.size() == 1);
  CHECK((first[0].first == 0 && first[0].last == 5460));
  CHECK((topology.ranges_of(1)[0].first == 5461 && topology.ranges_of(1)[0].last == 10922));
  CHECK((topology.ranges_of(2)[0].first == 10923 && topology.ranges_of(2)[0].last == 16383));
  CHECK(topology.master_of(3) == 0);
  CHECK(topology.master_of(5) == 2);
  CHECK(topology.slots_seen_by(4) == kSlots);
}

TEST_CASE("Topology: its text says all of it") {
  Topology topology({2, 1});
  topology.fail_over(2);
  topology.begin_move(16000).to = 2;
  topology.begin_move(16000).importer = 1;
  topology.assign(7, Topology::kNone);
  const auto again = Topology::read(topology.text(), {2, 1});
  REQUIRE(again.has_value());
  CHECK(again->text() == topology.text());
  CHECK(again->owner(7) == Topology::kNone);
  CHECK(again->owner(8) == 2);
  CHECK(again->master_of(0) == 2);
}

TEST_CASE("Topology: a text of another shape, or one that is damaged, is not read") {
  const std::string text = Topology({2, 1}).text();
  CHECK(!Topology::read(text, {2, 0}));
  CHECK(!Topology::read("", {2, 1}));
  CHECK(!Topology::read(text.substr(0, text.size() / 2), {2, 1}));
  CHECK(!Topology::read(text + "slots 99 0 5\n", {2, 1}));
  CHECK(!Topology::read(text + "slots 1 0 16384\n", {2, 1}));
}

TEST_CASE("Topology: a failover swaps the two, and the other replicas follow") {
  Topology topology({2, 2});
  const std::uint64_t epoch = topology.current_epoch();
  REQUIRE(topology.replicas_of(0) == std::vector<int>{2, 4});
  topology.fail_over(4);
  CHECK(topology.is_master(4));
  CHECK(topology.master_of(0) == 4);
  CHECK(topology.master_of(2) == 4);
  CHECK(topology.owner(0) == 4);
  CHECK(topology.epoch_of(4) == epoch + 1);
}

TEST_CASE("Topology: a node that is left without slots becomes a replica of the new owner") {
  Topology topology({2, 1});
  for (unsigned slot = 0; slot < kSlots / 2; ++slot) {
    topology.settle_move(slot, 1, Topology::Emptied::kBecomesReplica);
  }
  CHECK(topology.slot_count(1) == kSlots);
  CHECK(topology.master_of(0) == 1);
  CHECK(topology.master_of(2) == 1);
}

TEST_CASE("Topology: a node that was reset stands alone until it meets another") {
  Topology topology({2, 0});
  topology.reset(1, Topology::Reset::kHard);
  CHECK(topology.seen_by(0) == std::vector<int>{0});
  CHECK(topology.seen_by(1) == std::vector<int>{1});
  CHECK(topology.slots_seen_by(0) == kSlots / 2);
  topology.meet(0, 1);
  CHECK(topology.seen_by(1) == std::vector<int>{0, 1});
}

}  // namespace bodega::redis
