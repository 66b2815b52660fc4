#include "engines/keyspace/structures/hash_table.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engines/keyspace/structures/hashing.h"
#include "tests/catch.h"

namespace bodega::keyspace {
namespace {

struct Node {
  Node* next = nullptr;
  std::uint32_t hash32 = 0;
  std::string name;
  std::string_view key() const { return name; }
};

class Table {
 public:
  void add(const std::string& name) {
    if (nodes_.count(name) != 0) return;
    auto node = std::make_unique<Node>();
    node->name = name;
    node->hash32 = hash_of(name);
    table.insert(node.get());
    nodes_[name] = std::move(node);
  }
  void drop(const std::string& name) {
    Node* node = table.remove(name, hash_of(name));
    REQUIRE((node != nullptr) == (nodes_.count(name) != 0));
    nodes_.erase(name);
  }
  const std::map<std::string, std::unique_ptr<Node>>& nodes() const { return nodes_; }

  HashTable<Node> table;

 private:
  std::map<std::string, std::unique_ptr<Node>> nodes_;
};

std::string name_of(std::uint64_t number) { return "key:" + std::to_string(number); }

}  // namespace

TEST_CASE("HashTable: random insertions and removals agree with std::map") {
  base::seed_random_for_test(11);
  Table table;
  for (int round = 0; round < 60'000; ++round) {
    const bool growing = (round / 10'000) % 2 == 0;
    const std::string name = name_of(base::random_below(20'000));
    if (base::random_below(10) < (growing ? 8u : 2u)) {
      table.add(name);
    } else {
      table.drop(name);
    }
    REQUIRE(table.table.size() == table.nodes().size());
    const std::string probe = name_of(base::random_below(20'000));
    REQUIRE((table.table.find(probe, hash_of(probe)) != nullptr) ==
            (table.nodes().count(probe) != 0));
  }
  std::set<std::string> seen;
  table.table.for_each([&](Node& node) { seen.insert(node.name); });
  CHECK(seen.size() == table.nodes().size());
}

TEST_CASE("HashTable: it shrinks again when most nodes went") {
  Table table;
  for (int i = 0; i < 4096; ++i) table.add(name_of(static_cast<std::uint64_t>(i)));
  for (int i = 10; i < 4096; ++i) table.drop(name_of(static_cast<std::uint64_t>(i)));
  table.table.finish_resize();
  CHECK(table.table.bucket_count() <= 512);
}

TEST_CASE("HashTable: a scan sees every node that stays, whatever is resized meanwhile") {
  base::seed_random_for_test(12);
  for (int round = 0; round < 30; ++round) {
    Table table;
    std::set<std::string> staying;
    for (std::uint64_t i = 0; i < 300; ++i) {
      table.add(name_of(i));
      staying.insert(name_of(i));
    }
    std::set<std::string> seen;
    std::uint64_t cursor = 0;
    std::uint64_t extra = 1000;
    int calls = 0;
    do {
      cursor = table.table.scan(cursor, 5, [&](Node& node) { seen.insert(node.name); });
      REQUIRE(++calls < 10'000);
      // Grow for a while, then shrink, so that scans cross resizes of both kinds half-way.
      if (calls < 60 + round) {
        for (int i = 0; i < 40; ++i) table.add(name_of(extra++));
      } else {
        for (int i = 0; i < 120 && extra > 1000; ++i) table.drop(name_of(--extra));
      }
    } while (cursor != 0);
    for (const std::string& name : staying) REQUIRE(seen.count(name) == 1);
  }
}

TEST_CASE("HashTable: scanning a table at rest sees each node once") {
  Table table;
  for (std::uint64_t i = 0; i < 1000; ++i) table.add(name_of(i));
  table.table.finish_resize();
  std::multiset<std::string> seen;
  std::uint64_t cursor = 0;
  do {
    cursor = table.table.scan(cursor, 10, [&](Node& node) { seen.insert(node.name); });
  } while (cursor != 0);
  CHECK(seen.size() == 1000);
}

TEST_CASE("HashTable: random nodes come about equally often") {
  base::seed_random_for_test(13);
  Table table;
  for (std::uint64_t i = 0; i < 100; ++i) table.add(name_of(i));
  std::map<std::string, int> counts;
  for (int i = 0; i < 100'000; ++i) ++counts[table.table.random()->name];
  REQUIRE(counts.size() == 100);
  for (const auto& [name, count] : counts) {
    CHECK(count > 850);
    CHECK(count < 1150);
  }
}

TEST_CASE("HashTable: drain hands out every node once, in portions") {
  Table table;
  for (std::uint64_t i = 0; i < 5000; ++i) table.add(name_of(i));
  std::set<std::string> drained;
  int portions = 0;
  while (table.table.drain(100, [&](Node* node) { drained.insert(node->name); })) ++portions;
  CHECK(drained.size() == 5000);
  CHECK(portions >= 49);
  CHECK(table.table.size() == 0);
}

}  // namespace bodega::keyspace
