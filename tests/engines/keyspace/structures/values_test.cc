// The collections against std:: containers, under random operations and with small limits so that
// every encoding and conversion is met.
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engines/base/random.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/skip_list.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "tests/catch.h"

namespace bodega::keyspace {
namespace {

using base::random_below;

std::string word(std::uint64_t kinds) {
  std::string out = "w" + std::to_string(random_below(kinds));
  if (random_below(10) == 0) out += std::string(random_below(300), 'x');
  return out;
}

std::vector<std::string> items(const List& list, Order order = Order::kForward) {
  std::vector<std::string> out;
  if (list.size() == 0) return out;
  list.for_range(order == Order::kForward ? 0 : list.size() - 1, list.size(), order,
                 [&](std::string_view value) {
                   out.emplace_back(value);
                   return true;
                 });
  return out;
}

void check_positions(const List& list) {
  std::uint64_t last = 0;
  bool rising = true;
  list.for_each_stored([&](std::uint64_t position, std::string_view) {
    rising = rising && position > last;
    last = position;
  });
  REQUIRE(rising);
}

}  // namespace

TEST_CASE("Hash: random operations agree with std::map in both encodings") {
  base::seed_random_for_test(21);
  for (const std::size_t entries : {8u, 100'000u}) {
    Limits limits;
    limits.hash_max_listpack_entries = entries;
    limits.hash_max_listpack_value = 1000;
    Hash hash(1);
    std::map<std::string, std::string> model;
    for (int i = 0; i < 4000; ++i) {
      const std::string field = word(200);
      if (random_below(3) != 0) {
        const std::string value = word(1000);
        REQUIRE(hash.set(field, value, limits) == (model.count(field) == 0));
        model[field] = value;
      } else {
        REQUIRE(hash.remove(field) == (model.erase(field) == 1));
      }
      REQUIRE(hash.size() == model.size());
      const std::string probe = word(200);
      const auto found = hash.get(probe);
      REQUIRE(found.has_value() == (model.count(probe) == 1));
      if (found) REQUIRE(*found == model[probe]);
      if (!model.empty()) REQUIRE(model.count(std::string(hash.random().first)) == 1);
    }
    std::map<std::string, std::string> all;
    hash.for_each([&](std::string_view f, std::string_view v) { all.emplace(f, v); });
    CHECK(all == model);
    CHECK((hash.encoding() == Encoding::kListpack) == (entries == 100'000u));
  }
}

TEST_CASE("Hash: a long value or one entry too many makes it a hashtable") {
  Limits limits;
  Hash one(1);
  one.set("f", std::string(64, 'v'), limits);
  CHECK(one.encoding() == Encoding::kListpack);
  one.set("f", std::string(65, 'v'), limits);
  CHECK(one.encoding() == Encoding::kHashtable);
  Hash two(2);
  for (int i = 0; i < 512; ++i) two.set(std::to_string(i), "v", limits);
  CHECK(two.encoding() == Encoding::kListpack);
  two.set("one more", "v", limits);
  CHECK(two.encoding() == Encoding::kHashtable);
}

TEST_CASE("Set: random operations agree with std::set in all encodings") {
  base::seed_random_for_test(22);
  for (const int kind : {0, 1, 2}) {
    Limits limits;
    limits.set_max_intset_entries = kind == 2 ? 10 : 100'000;
    limits.set_max_listpack_entries = kind == 1 ? 100'000 : 8;
    limits.set_max_listpack_value = 1000;
    Set set(1);
    std::set<std::string> model;
    if (kind == 1) {
      set.add("not a number", limits);
      model.insert("not a number");
    }
    for (int i = 0; i < 4000; ++i) {
      const std::string member =
          kind == 0 ? std::to_string(static_cast<std::int64_t>(random_below(300)) - 150)
                    : word(200);
      if (random_below(3) != 0) {
        REQUIRE(set.add(member, limits) == model.insert(member).second);
      } else if (member != "not a number") {
        REQUIRE(set.remove(member) == (model.erase(member) == 1));
      }
      REQUIRE(set.size() == model.size());
      const std::string probe = word(200);
      REQUIRE(set.contains(probe) == (model.count(probe) == 1));
      if (!model.empty()) REQUIRE(model.count(set.random()) == 1);
    }
    std::set<std::string> all;
    set.for_each([&](std::string_view member) { return all.emplace(member).second; });
    CHECK(all == model);
    const Encoding expected[] = {Encoding::kIntset, Encoding::kListpack, Encoding::kHashtable};
    CHECK(set.encoding() == expected[kind]);
  }
}

TEST_CASE("Set: only canonical integers are kept as integers") {
  Limits limits;
  Set set(1);
  set.add("10", limits);
  CHECK(set.encoding() == Encoding::kIntset);
  CHECK_FALSE(set.contains("010"));
  CHECK(set.add("010", limits));
  CHECK(set.encoding() == Encoding::kListpack);
  CHECK(set.contains("10"));
  CHECK(set.size() == 2);
  limits.set_max_listpack_entries = 0;
  Set old(2);
  old.add("1", limits);
  old.add("a", limits);
  CHECK(old.encoding() == Encoding::kHashtable);
}

TEST_CASE("SortedSet: random operations agree with an ordered std::set in both encodings") {
  base::seed_random_for_test(23);
  for (const std::size_t entries : {4u, 100'000u}) {
    Limits limits;
    limits.zset_max_listpack_entries = entries;
    limits.zset_max_listpack_value = 1000;
    SortedSet set(1);
    std::map<std::string, double> scores;
    std::set<std::pair<double, std::string>> order;
    for (int i = 0; i < 3000; ++i) {
      const std::string member = word(200);
      const auto known = scores.find(member);
      if (random_below(4) != 0) {
        const double score = static_cast<double>(random_below(50));
        const auto added = set.set(member, score, limits);
        const auto expected = known == scores.end()    ? SortedSet::Added::kNew
                              : known->second == score ? SortedSet::Added::kSame
                                                       : SortedSet::Added::kMoved;
        REQUIRE(added == expected);
        if (known != scores.end()) order.erase({known->second, member});
        scores[member] = score;
        order.emplace(score, member);
      } else {
        REQUIRE(set.remove(member) == (known != scores.end()));
        if (known != scores.end()) {
          order.erase({known->second, member});
          scores.erase(known);
        }
      }
      if (i % 500 == 499 && order.size() > 20) {
        const std::size_t first = random_below(order.size() - 10);
        set.erase_ranks(first, 10);
        for (int k = 0; k < 10; ++k) {
          const auto at = std::next(order.begin(), static_cast<std::ptrdiff_t>(first));
          scores.erase(at->second);
          order.erase(at);
        }
      }
      REQUIRE(set.size() == order.size());
      if (i % 10 != 0 || order.empty()) continue;
      // Ranks, bounds and both directions.
      const std::size_t rank = random_below(order.size());
      const auto at = std::next(order.begin(), static_cast<std::ptrdiff_t>(rank));
      REQUIRE(set.rank(at->second) == rank);
      REQUIRE(set.score(at->second) == at->first);
      std::vector<std::pair<double, std::string>> walked;
      set.for_range(rank, std::min<std::size_t>(order.size() - rank, 7), Order::kForward,
                    [&](std::string_view m, double s) {
                      walked.emplace_back(s, m);
                      return true;
                    });
      REQUIRE(std::equal(walked.begin(), walked.end(), at));
      walked.clear();
      set.for_range(rank, std::min<std::size_t>(rank + 1, 7), Order::kBackward,
                    [&](std::string_view m, double s) {
                      walked.emplace_back(s, m);
                      return true;
                    });
      REQUIRE(std::equal(walked.begin(), walked.end(), std::make_reverse_iterator(std::next(at))));
      const double score = static_cast<double>(random_below(52));
      const auto below = std::count_if(order.begin(), order.end(),
                                       [&](const auto& item) { return item.first < score; });
      const auto upto = std::count_if(order.begin(), order.end(),
                                      [&](const auto& item) { return item.first <= score; });
      REQUIRE(set.count_before(score, SortedSet::Bound::kBefore) ==
              static_cast<std::size_t>(below));
      REQUIRE(set.count_before(score, SortedSet::Bound::kUpTo) == static_cast<std::size_t>(upto));
    }
    CHECK((set.encoding() == Encoding::kListpack) == (entries == 100'000u));
  }
}

TEST_CASE("SortedSet: with equal scores, bounds by member work") {
  for (const std::size_t entries : {0u, 128u}) {
    Limits limits;
    limits.zset_max_listpack_entries = entries;
    SortedSet set(1);
    for (const char* member : {"a", "c", "b", "e"}) set.set(member, 0, limits);
    CHECK(set.count_before("c", SortedSet::Bound::kBefore) == 2);
    CHECK(set.count_before("c", SortedSet::Bound::kUpTo) == 3);
    CHECK(set.count_before("d", SortedSet::Bound::kUpTo) == 3);
    CHECK(set.count_before("", SortedSet::Bound::kUpTo) == 0);
  }
}

TEST_CASE("List: random operations agree with std::deque, positions keep rising") {
  base::seed_random_for_test(24);
  Limits limits;
  for (const std::uint64_t most : {20u, 2000u}) {
    List list(1);
    std::deque<std::string> model;
    const auto at = [&](std::size_t i) { return model.begin() + static_cast<std::ptrdiff_t>(i); };
    for (int i = 0; i < 20'000; ++i) {
      const std::uint64_t choice = random_below(100);
      const std::string value = word(50);
      if (choice < 20) {
        list.push(End::kFront, value, limits);
        model.push_front(value);
      } else if (choice < 40) {
        list.push(End::kBack, value, limits);
        model.push_back(value);
      } else if (choice < 60) {
        const std::size_t index = random_below(model.size() + 1);
        List::Renumbered renumbered;
        list.insert(index, value, limits, renumbered);
        model.insert(at(index), value);
      } else if (model.empty()) {
        continue;
      } else if (choice < 70) {
        std::string popped;
        const bool front = random_below(2) == 0;
        list.pop(front ? End::kFront : End::kBack, popped, limits);
        REQUIRE(popped == (front ? model.front() : model.back()));
        if (front) {
          model.pop_front();
        } else {
          model.pop_back();
        }
      } else if (choice < 80) {
        const std::size_t index = random_below(model.size());
        list.set(index, value, limits);
        model[index] = value;
      } else if (choice < 97 || model.size() < most) {
        const std::size_t index = random_below(model.size());
        REQUIRE(list.at(index) == model[index]);
      } else if (choice == 97) {
        const std::size_t first = random_below(model.size());
        const std::size_t count = 1 + random_below(model.size() - first);
        list.erase(first, count, limits);
        model.erase(at(first), at(first + count));
      } else {
        const bool forward = random_below(2) == 0;
        const std::size_t limit = random_below(4);
        std::size_t left = limit == 0 ? model.size() : limit;
        std::size_t removed = 0;
        std::deque<std::string> kept;
        const auto consider = [&](const std::string& item) {
          if (left > 0 && item == value) {
            --left;
            ++removed;
            return false;
          }
          return true;
        };
        if (forward) {
          for (const auto& item : model) {
            if (consider(item)) kept.push_back(item);
          }
        } else {
          for (auto item = model.rbegin(); item != model.rend(); ++item) {
            if (consider(*item)) kept.push_front(*item);
          }
        }
        model = kept;
        REQUIRE(
            list.remove_equal(value, forward ? Order::kForward : Order::kBackward, limit, limits)
                .size() == removed);
      }
      REQUIRE(list.size() == model.size());
    }
    CHECK(items(list) == std::vector<std::string>(model.begin(), model.end()));
    CHECK(items(list, Order::kBackward) == std::vector<std::string>(model.rbegin(), model.rend()));
    check_positions(list);
  }
}

TEST_CASE("List: inserting at one spot for ever renumbers only what is around it") {
  Limits limits;
  List list(1);
  for (int i = 0; i < 3000; ++i) list.push(End::kBack, std::to_string(i), limits);
  std::size_t rewritten = 0;
  constexpr int kInsertions = 2000;
  for (int i = 0; i < kInsertions; ++i) {
    List::Renumbered renumbered;
    list.insert(1500, "new", limits, renumbered);
    rewritten += renumbered.put.size();
  }
  check_positions(list);
  CHECK(list.size() == 5000);
  CHECK(rewritten / kInsertions < 64);
}

TEST_CASE("List: it reports listpack while small, quicklist when large, and back") {
  Limits limits;
  List list(1);
  for (int i = 0; i < 10; ++i) list.push(End::kBack, "abc", limits);
  CHECK(list.encoding() == Encoding::kListpack);
  list.push(End::kBack, std::string(9000, 'x'), limits);
  CHECK(list.encoding() == Encoding::kQuicklist);
  std::string popped;
  list.pop(End::kBack, popped, limits);
  CHECK(list.encoding() == Encoding::kListpack);
  limits.list_max_listpack_size = 3;
  list.push(End::kBack, "x", limits);
  CHECK(list.encoding() == Encoding::kQuicklist);
  limits.list_reports_listpack = false;
  List old(2);
  old.push(End::kBack, "x", limits);
  CHECK(old.encoding() == Encoding::kQuicklist);
}

TEST_CASE("Collections: freeing in portions ends with nothing left") {
  Limits limits;
  limits.hash_max_listpack_entries = limits.zset_max_listpack_entries = 0;
  limits.set_max_listpack_entries = 0;
  Hash hash(1);
  Set set(2);
  SortedSet sorted(3);
  List list(4);
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "name" + std::to_string(i);
    hash.set(name, std::string(30, 'v'), limits);
    set.add(name, limits);
    sorted.set(name, i, limits);
    list.push(End::kBack, std::string(30, 'v'), limits);
  }
  int portions = 0;
  while (hash.free_some(100)) ++portions;
  while (set.free_some(100)) ++portions;
  while (sorted.free_some(100)) ++portions;
  while (list.free_some(128)) ++portions;
  CHECK(portions > 20);
  CHECK(hash.size() + set.size() + sorted.size() + list.size() == 0);
}

}  // namespace bodega::keyspace
