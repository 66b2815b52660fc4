// Unions, intersections and differences of sorted sets. Plain sets may take part, with every
// score 1.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::Order;
using keyspace::Set;
using keyspace::SortedSet;
using keyspace::Type;

enum class Operation { kUnion, kIntersection, kDifference };
enum class Aggregate { kSum, kMin, kMax };
// What becomes of the result decides which options there are.
enum class Purpose { kAnswer, kStore, kCount };

// One input: a set, a sorted set, or nothing.
struct Source {
  const Set* set = nullptr;
  const SortedSet* sorted = nullptr;
  double weight = 1;

  std::size_t size() const {
    return sorted != nullptr ? sorted->size() : set != nullptr ? set->size() : 0;
  }
  std::optional<double> score(std::string_view member) const {
    if (sorted != nullptr) return sorted->score(member);
    if (set != nullptr && set->contains(member)) return 1;
    return std::nullopt;
  }
  // Until `visit` answers false.
  template <class Visit>
  void for_each(Visit visit) const {
    if (sorted != nullptr) {
      sorted->for_range(0, sorted->size(), Order::kForward, visit);
    } else if (set != nullptr) {
      set->for_each([&](std::string_view member) { return visit(member, 1.0); });
    }
  }
};

struct Query {
  std::vector<Source> sources;
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  std::int64_t limit = 0;
};

using Scored = std::pair<std::string, double>;

std::vector<Source> find_sources(Call& call, std::size_t first, std::size_t count) {
  const auto checked = [](const Entry* entry) {
    if (entry != nullptr && !entry->is(Type::kSortedSet) && !entry->is(Type::kSet)) {
      throw Error(errors::kWrongType);
    }
    return entry;
  };
  // Looking one key up may remove another that has expired, so all are looked up before any is
  // kept.
  for (std::size_t i = first; i < first + count; ++i) checked(find_read(call, call.arg(i)));
  std::vector<Source> sources(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Entry* entry = call.keyspace.find(call.db, call.arg(first + i), keyspace::Touch::kNo);
    if (entry == nullptr) continue;
    if (entry->is(Type::kSet)) {
      sources[i].set = &entry->set();
    } else {
      sources[i].sorted = &entry->sorted_set();
    }
  }
  return sources;
}

constexpr Choice<Aggregate> kAggregates[] = {
    {"SUM", Aggregate::kSum}, {"MIN", Aggregate::kMin}, {"MAX", Aggregate::kMax}};

// numkeys key [key ...] [options], from args[at] on.
Query parse(Call& call, std::size_t at, Operation operation, Purpose purpose) {
  const std::int64_t numkeys = to_integer(call.arg(at));
  if (numkeys < 1) {
    throw Error("ERR at least 1 input key is needed for '" + std::string(call.command.name) +
                "' command");
  }
  if (numkeys > static_cast<std::int64_t>(call.size() - at) - 1) throw Error(errors::kSyntax);
  const auto count = static_cast<std::size_t>(numkeys);
  Query out;
  out.sources = find_sources(call, at + 1, count);
  const bool scored = operation != Operation::kDifference && purpose != Purpose::kCount;
  ArgumentCursor args(call.args, at + 1 + count);
  while (args.more()) {
    if (scored && args.take("WEIGHTS", count)) {
      for (Source& source : out.sources) {
        source.weight = to_double(args.next(), "ERR weight value is not a float");
      }
    } else if (scored && args.take("AGGREGATE")) {
      out.aggregate = to_choice(args.next(), kAggregates);
    } else if (purpose == Purpose::kAnswer && args.take("WITHSCORES")) {
      out.with_scores = true;
    } else if (purpose == Purpose::kCount && args.take("LIMIT")) {
      out.limit = to_integer_in(args.next(), 0, kMaxInteger, "ERR LIMIT can't be negative");
    } else {
      throw Error(errors::kSyntax);
    }
  }
  return out;
}

double weighted(double score, double weight) {
  const double product = score * weight;
  return std::isnan(product) ? 0 : product;  // 0 times infinity
}

double aggregated(Aggregate aggregate, double a, double b) {
  switch (aggregate) {
    case Aggregate::kSum: return std::isnan(a + b) ? 0 : a + b;  // infinity and its opposite
    case Aggregate::kMin: return std::min(a, b);
    case Aggregate::kMax: return std::max(a, b);
  }
  return 0;
}

// The smallest first: fewest steps, and the order in which Redis adds scores up.
void sort_by_size(std::vector<Source>& sources) {
  std::stable_sort(sources.begin(), sources.end(),
                   [](const Source& a, const Source& b) { return a.size() < b.size(); });
}

// Calls `visit(member, score)` for what all sources have, until it answers false.
template <class Visit>
void intersect(Query& query, Visit visit) {
  sort_by_size(query.sources);
  const Source& first = query.sources.front();
  first.for_each([&](std::string_view member, double score) {
    double total = weighted(score, first.weight);
    for (std::size_t i = 1; i < query.sources.size(); ++i) {
      const auto other = query.sources[i].score(member);
      if (!other) return true;
      total = aggregated(query.aggregate, total, *other * query.sources[i].weight);
    }
    return visit(member, total);
  });
}

std::vector<Scored> combine(Query& query, Operation operation) {
  std::vector<Scored> out;
  switch (operation) {
    case Operation::kIntersection:
      intersect(query, [&](std::string_view member, double score) {
        out.emplace_back(member, score);
        return true;
      });
      break;
    case Operation::kUnion: {
      sort_by_size(query.sources);
      std::unordered_map<std::string, double> totals;
      for (const Source& source : query.sources) {
        source.for_each([&](std::string_view member, double score) {
          const double value = weighted(score, source.weight);
          const auto [place, is_new] = totals.try_emplace(std::string(member), value);
          if (!is_new) place->second = aggregated(query.aggregate, place->second, value);
          return true;
        });
      }
      for (auto& [member, score] : totals) out.emplace_back(member, score);
      break;
    }
    case Operation::kDifference:
      query.sources.front().for_each([&](std::string_view member, double score) {
        const bool elsewhere =
            std::any_of(query.sources.begin() + 1, query.sources.end(),
                        [&](const Source& source) { return source.score(member).has_value(); });
        if (!elsewhere) out.emplace_back(member, score);
        return true;
      });
      break;
  }
  return out;
}

void answer(Call& call, Operation operation) {
  Query query = parse(call, 1, operation, Purpose::kAnswer);
  auto members = combine(query, operation);
  std::sort(members.begin(), members.end(), [](const Scored& a, const Scored& b) {
    return a.second < b.second || (a.second == b.second && a.first < b.first);
  });
  const bool nested = query.with_scores && call.reply.resp3();
  call.reply.array(query.with_scores && !nested ? members.size() * 2 : members.size());
  for (const auto& [member, score] : members) {
    if (nested) call.reply.array(2);
    call.reply.bulk(member);
    if (query.with_scores) call.reply.number(score);
  }
}

void store(Call& call, Operation operation, std::string_view event) {
  const std::string_view target = call.arg(1);
  Query query = parse(call, 2, operation, Purpose::kStore);
  const auto members = combine(query, operation);
  const bool overwritten = call.keyspace.remove(call.db, target);
  if (members.empty()) {
    if (overwritten) call.notify(kNotifyGeneric, "del", target);
    return call.reply.integer(0);
  }
  {
    auto edit = call.keyspace.edit_sorted_set(call.db, target);
    for (const auto& [member, score] : members) edit.set(member, score);
  }
  call.notify(kNotifySortedSet, event, target);
  call.reply.integer(static_cast<std::int64_t>(members.size()));
}

void zunion(Call& call) { answer(call, Operation::kUnion); }
void zinter(Call& call) { answer(call, Operation::kIntersection); }
void zdiff(Call& call) { answer(call, Operation::kDifference); }
void zunionstore(Call& call) { store(call, Operation::kUnion, "zunionstore"); }
void zinterstore(Call& call) { store(call, Operation::kIntersection, "zinterstore"); }
void zdiffstore(Call& call) { store(call, Operation::kDifference, "zdiffstore"); }

void zintercard(Call& call) {
  Query query = parse(call, 1, Operation::kIntersection, Purpose::kCount);
  std::int64_t count = 0;
  intersect(query, [&](std::string_view, double) { return ++count != query.limit; });
  call.reply.integer(count);
}

constexpr KeySpec kSources{2, -1, 1, kKeyRO | kKeyAccess, 1};
constexpr KeySpec kStoreSources{3, -1, 1, kKeyRO | kKeyAccess, 2};
constexpr KeySpec kTarget{1, 1, 1, kKeyOW | kKeyUpdate, 0};
constexpr CommandFlags kReading = kReadonly | kMovableKeys;
constexpr CommandFlags kStoring = kWrite | kDenyOom | kMovableKeys;

// clang-format off
constexpr Command kCommands[] = {
    {.name = "zunion", .arity = -3, .flags = kReading, .group = Group::kSortedSet,
     .keys = kSources, .since = "6.2.0", .summary = "Returns the members of any of several.",
     .run = zunion},
    {.name = "zinter", .arity = -3, .flags = kReading, .group = Group::kSortedSet,
     .keys = kSources, .since = "6.2.0", .summary = "Returns what several have in common.",
     .run = zinter},
    {.name = "zdiff", .arity = -3, .flags = kReading, .group = Group::kSortedSet,
     .keys = kSources, .since = "6.2.0",
     .summary = "Returns the members of the first that no other has.", .run = zdiff},
    {.name = "zintercard", .arity = -3, .flags = kReading, .group = Group::kSortedSet,
     .keys = kSources, .since = "7.0.0", .summary = "Counts what several have in common.",
     .run = zintercard},
    {.name = "zunionstore", .arity = -4, .flags = kStoring, .group = Group::kSortedSet,
     .keys = kTarget, .since = "2.0.0", .summary = "Stores the members of any of several.",
     .run = zunionstore, .more_keys = kStoreSources},
    {.name = "zinterstore", .arity = -4, .flags = kStoring, .group = Group::kSortedSet,
     .keys = kTarget, .since = "2.0.0", .summary = "Stores what several have in common.",
     .run = zinterstore, .more_keys = kStoreSources},
    {.name = "zdiffstore", .arity = -4, .flags = kStoring, .group = Group::kSortedSet,
     .keys = kTarget, .since = "6.2.0",
     .summary = "Stores the members of the first that no other has.", .run = zdiffstore,
     .more_keys = kStoreSources},
};
// clang-format on

}  // namespace

std::span<const Command> sorted_set_algebra_commands() { return kCommands; }

}  // namespace bodega::redis
