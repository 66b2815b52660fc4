// Sorted sets by range: of ranks, of scores, of members with equal scores. All come down to a range
// of ranks (score_range.h) that is walked one way or the other.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/score_range.h"

namespace bodega::redis {
namespace {

using keyspace::Closed;
using keyspace::Entry;
using keyspace::Order;
using keyspace::SortedSet;
using keyspace::Type;

enum class By { kRank, kScore, kLex };
// Scores are shown in an answer only.
enum class Purpose { kAnswer, kChange };

// What a request of any of the range commands asks for.
struct RangeQuery {
  By by = By::kRank;
  Order order = Order::kForward;
  bool with_scores = false;
  std::int64_t offset = 0;
  std::int64_t limit = -1;
  std::int64_t start = 0;  // of ranks, from the end that `order` starts at
  std::int64_t stop = 0;
  ScoreRange scores{};
  LexRange members{};
};

// [start, stop] of `length` with Redis's rules for negative and too large ends.
RankRange resolve_ranks(std::int64_t start, std::int64_t stop, std::size_t length) {
  const auto size = static_cast<std::int64_t>(length);
  if (start < 0) start += size;
  if (stop < 0) stop += size;
  start = std::max<std::int64_t>(start, 0);
  if (start > stop || start >= size) return {};
  stop = std::min(stop, size - 1);
  return {static_cast<std::size_t>(start), static_cast<std::size_t>(stop - start + 1)};
}

// Parses `key min max [options]` from args[at] on. ZRANGE and ZRANGESTORE choose kind and direction
// by options, the older commands by their name.
RangeQuery parse_range(const Call& call, std::size_t at, std::optional<By> by,
                       std::optional<Order> order, Purpose purpose) {
  RangeQuery out;
  ArgumentCursor args(call.args, at + 3);
  while (args.more()) {
    if (purpose == Purpose::kAnswer && args.take("WITHSCORES")) {
      out.with_scores = true;
    } else if (args.take("LIMIT", 2)) {
      out.offset = to_integer(args.next());
      out.limit = to_integer(args.next());
    } else if (!order && args.take("REV")) {
      order = Order::kBackward;
    } else if (!by && args.take("BYLEX")) {
      by = By::kLex;
    } else if (!by && args.take("BYSCORE")) {
      by = By::kScore;
    } else {
      throw Error(errors::kSyntax);
    }
  }
  out.by = by.value_or(By::kRank);
  out.order = order.value_or(Order::kForward);
  if (out.limit != -1 && out.by == By::kRank) {
    throw Error(
        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  }
  if (out.with_scores && out.by == By::kLex) {
    throw Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  }
  std::string_view min = call.arg(at + 1);
  std::string_view max = call.arg(at + 2);
  if (out.order == Order::kBackward && out.by != By::kRank) std::swap(min, max);
  switch (out.by) {
    case By::kRank:
      out.start = to_integer(min);
      out.stop = to_integer(max);
      break;
    case By::kScore: out.scores = parse_score_range(min, max); break;
    case By::kLex: out.members = parse_lex_range(min, max); break;
  }
  return out;
}

// The ranks to walk: `first` is where the walk in query.order starts.
RankRange resolve(const RangeQuery& query, const SortedSet& set) {
  RankRange range;
  switch (query.by) {
    case By::kRank:
      range = resolve_ranks(query.start, query.stop, set.size());
      if (query.order == Order::kBackward && range.count > 0) {
        range.first = set.size() - 1 - range.first;
      }
      return range;
    case By::kScore: range = query.scores.resolve(set); break;
    case By::kLex: range = query.members.resolve(set); break;
  }
  const auto count = static_cast<std::int64_t>(range.count);
  if (query.offset < 0 || query.offset >= count) return {};
  const auto skipped = static_cast<std::size_t>(query.offset);
  std::size_t left = range.count - skipped;
  if (query.limit >= 0) left = std::min(left, static_cast<std::size_t>(query.limit));
  const std::size_t first = query.order == Order::kForward
                                ? range.first + skipped
                                : range.first + range.count - 1 - skipped;
  return {first, left};
}

void answer(Call& call, std::optional<By> by, std::optional<Order> order) {
  const RangeQuery query = parse_range(call, 1, by, order, Purpose::kAnswer);
  const Entry* entry = find_read(call, call.arg(1), Type::kSortedSet);
  if (entry == nullptr) return call.reply.array(0);
  const RankRange range = resolve(query, entry->sorted_set());
  const bool nested = query.with_scores && call.reply.resp3();
  call.reply.array(query.with_scores && !nested ? range.count * 2 : range.count);
  entry->sorted_set().for_range(range.first, range.count, query.order,
                                [&](std::string_view member, double score) {
                                  if (nested) call.reply.array(2);
                                  call.reply.bulk(member);
                                  if (query.with_scores) call.reply.number(score);
                                  return true;
                                });
}

void zrange(Call& call) { answer(call, std::nullopt, std::nullopt); }
void zrevrange(Call& call) { answer(call, By::kRank, Order::kBackward); }
void zrangebyscore(Call& call) { answer(call, By::kScore, Order::kForward); }
void zrevrangebyscore(Call& call) { answer(call, By::kScore, Order::kBackward); }
void zrangebylex(Call& call) { answer(call, By::kLex, Order::kForward); }
void zrevrangebylex(Call& call) { answer(call, By::kLex, Order::kBackward); }

void zrangestore(Call& call) {
  const RangeQuery query = parse_range(call, 2, std::nullopt, std::nullopt, Purpose::kChange);
  const std::string_view target = call.arg(1);
  const Entry* entry = find_read(call, call.arg(2), Type::kSortedSet);
  std::vector<std::pair<std::string, double>> members;
  if (entry != nullptr) {
    const RankRange range = resolve(query, entry->sorted_set());
    entry->sorted_set().for_range(range.first, range.count, query.order,
                                  [&](std::string_view member, double score) {
                                    members.emplace_back(member, score);
                                    return true;
                                  });
  }
  const bool overwritten = call.keyspace.remove(call.db, target);
  if (members.empty()) {
    if (overwritten) call.notify(kNotifyGeneric, "del", target);
    return call.reply.integer(0);
  }
  {
    auto edit = call.keyspace.edit_sorted_set(call.db, target);
    for (const auto& [member, score] : members) edit.set(member, score);
  }
  call.notify(kNotifySortedSet, "zrangestore", target);
  call.reply.integer(static_cast<std::int64_t>(members.size()));
}

void zcount(Call& call) {
  const ScoreRange range = parse_score_range(call.arg(2), call.arg(3));
  const Entry* entry = find_read(call, call.arg(1), Type::kSortedSet);
  call.reply.integer(
      entry == nullptr ? 0 : static_cast<std::int64_t>(range.resolve(entry->sorted_set()).count));
}

void zlexcount(Call& call) {
  const LexRange range = parse_lex_range(call.arg(2), call.arg(3));
  const Entry* entry = find_read(call, call.arg(1), Type::kSortedSet);
  call.reply.integer(
      entry == nullptr ? 0 : static_cast<std::int64_t>(range.resolve(entry->sorted_set()).count));
}

void remove_range(Call& call, By by, std::string_view event) {
  const RangeQuery query = parse_range(call, 1, by, Order::kForward, Purpose::kChange);
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kSortedSet);
  if (entry == nullptr) return call.reply.integer(0);
  const RankRange range = resolve(query, entry->sorted_set());
  auto edit = call.keyspace.edit_sorted_set(call.db, key, entry);
  edit.erase_ranks(range.first, range.count);
  const Closed closed = edit.close();
  if (range.count > 0) call.notify(kNotifySortedSet, event, key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
  call.reply.integer(static_cast<std::int64_t>(range.count));
}

void zremrangebyrank(Call& call) { remove_range(call, By::kRank, "zremrangebyrank"); }
void zremrangebyscore(Call& call) { remove_range(call, By::kScore, "zremrangebyscore"); }
void zremrangebylex(Call& call) { remove_range(call, By::kLex, "zremrangebylex"); }

constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kDeleted{1, 1, 1, kKeyRW | kKeyDelete, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "zrange", .arity = -4, .flags = kReadonly, .group = Group::kSortedSet,
     .keys = kRead, .since = "1.2.0", .summary = "Returns members in a range.", .run = zrange},
    {.name = "zrevrange", .arity = -4, .flags = kReadonly, .group = Group::kSortedSet,
     .keys = kRead, .since = "1.2.0",
     .summary = "Returns members in a range of ranks, highest score first.", .run = zrevrange},
    {.name = "zrangebyscore", .arity = -4, .flags = kReadonly, .group = Group::kSortedSet,
     .keys = kRead, .since = "1.0.5", .summary = "Returns members in a range of scores.",
     .run = zrangebyscore},
    {.name = "zrevrangebyscore", .arity = -4, .flags = kReadonly, .group = Group::kSortedSet,
     .keys = kRead, .since = "2.2.0",
     .summary = "Returns members in a range of scores, highest first.", .run = zrevrangebyscore},
    {.name = "zrangebylex", .arity = -4, .flags = kReadonly, .group = Group::kSortedSet,
     .keys = kRead, .since = "2.8.9", .summary = "Returns members between two members.",
     .run = zrangebylex},
    {.name = "zrevrangebylex", .arity = -4, .flags = kReadonly, .group = Group::kSortedSet,
     .keys = kRead, .since = "2.8.9",
     .summary = "Returns members between two members, the last first.", .run = zrevrangebylex},
    {.name = "zrangestore", .arity = -5, .flags = kWrite | kDenyOom, .group = Group::kSortedSet,
     .keys = {1, 1, 1, kKeyOW | kKeyUpdate, 0}, .since = "6.2.0",
     .summary = "Stores members in a range under another key.", .run = zrangestore,
     .more_keys = {2, 2, 1, kKeyRO | kKeyAccess, 0}},
    {.name = "zcount", .arity = 4, .flags = kReadonly | kFast, .group = Group::kSortedSet,
     .keys = kRead, .since = "2.0.0", .summary = "Counts members in a range of scores.",
     .run = zcount},
    {.name = "zlexcount", .arity = 4, .flags = kReadonly | kFast, .group = Group::kSortedSet,
     .keys = kRead, .since = "2.8.9", .summary = "Counts members between two members.",
     .run = zlexcount},
    {.name = "zremrangebyrank", .arity = 4, .flags = kWrite, .group = Group::kSortedSet,
     .keys = kDeleted, .since = "2.0.0", .summary = "Removes members in a range of ranks.",
     .run = zremrangebyrank},
    {.name = "zremrangebyscore", .arity = 4, .flags = kWrite, .group = Group::kSortedSet,
     .keys = kDeleted, .since = "1.2.0", .summary = "Removes members in a range of scores.",
     .run = zremrangebyscore},
    {.name = "zremrangebylex", .arity = 4, .flags = kWrite, .group = Group::kSortedSet,
     .keys = kDeleted, .since = "2.8.9", .summary = "Removes members between two members.",
     .run = zremrangebylex},
};
// clang-format on

}  // namespace

std::span<const Command> sorted_set_range_commands() { return kCommands; }

}  // namespace bodega::redis
