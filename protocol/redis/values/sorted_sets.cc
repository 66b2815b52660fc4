// Sorted sets: members with scores, their ranks, and the commands that pop from either end. Ranges:
// sorted_set_ranges.cc; unions and the like: sorted_set_algebra.cc.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engines/keyspace/structures/sorted_set.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/multi_pop.h"
#include "protocol/redis/values/random_members.h"
#include "protocol/redis/values/scan.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Closed;
using keyspace::End;
using keyspace::Entry;
using keyspace::Order;
using keyspace::SortedSet;
using keyspace::Type;

const SortedSet* find_sorted_set(Call& call) {
  const Entry* entry = find_read(call, call.arg(1), Type::kSortedSet);
  return entry == nullptr ? nullptr : &entry->sorted_set();
}

// ---- Adding ----

struct AddOptions {
  bool nx = false;
  bool xx = false;
  bool gt = false;
  bool lt = false;
  bool changed = false;
  bool increment = false;
  std::vector<double> scores;
  std::size_t pairs_at = 2;  // where the first score stands
};

enum class AddForm : std::uint8_t { kAdd, kIncrement };

AddOptions parse_add_options(const Call& call, AddForm form) {
  AddOptions out;
  out.increment = form == AddForm::kIncrement;
  ArgumentCursor args(call.args, 2);
  while (args.more()) {
    if (args.take("NX")) {
      out.nx = true;
    } else if (args.take("XX")) {
      out.xx = true;
    } else if (args.take("CH")) {
      out.changed = true;
    } else if (args.take("INCR")) {
      out.increment = true;
    } else if (args.take("GT")) {
      out.gt = true;
    } else if (args.take("LT")) {
      out.lt = true;
    } else {
      break;
    }
  }
  const std::size_t rest = args.left();
  out.pairs_at = call.size() - rest;
  if (rest == 0 || rest % 2 != 0) throw Error(errors::kSyntax);
  if (out.nx && out.xx) {
    throw Error("ERR XX and NX options at the same time are not compatible");
  }
  if ((out.gt && out.nx) || (out.lt && out.nx) || (out.gt && out.lt)) {
    throw Error("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  if (out.increment && rest > 2) {
    throw Error("ERR INCR option supports a single increment-element pair");
  }
  for (; args.more(); args.skip(1)) out.scores.push_back(to_double(args.next()));
  return out;
}

// The score that the member is to have, or nothing when the options leave it as it is.
std::optional<double> wanted_score(const AddOptions& options, std::optional<double> present,
                                   double given) {
  if (!present) return options.xx ? std::nullopt : std::optional(given);
  if (options.nx) return std::nullopt;
  const double score = options.increment ? *present + given : given;
  if (std::isnan(score)) throw Error("ERR resulting score is not a number (NaN)");
  if ((options.lt && score >= *present) || (options.gt && score <= *present)) return std::nullopt;
  return score;
}

void add(Call& call, AddForm form) {
  const AddOptions options = parse_add_options(call, form);
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kSortedSet);
  std::int64_t added = 0;
  std::int64_t updated = 0;
  std::optional<double> last;
  if (entry != nullptr || !options.xx) {
    auto edit = call.keyspace.edit_sorted_set(call.db, key, entry);
    for (std::size_t i = 0; i < options.scores.size(); ++i) {
      const std::string_view member = call.arg(options.pairs_at + 2 * i + 1);
      const auto present = edit->score(member);
      last = wanted_score(options, present, options.scores[i]);
      if (!last) continue;
      if (!present) {
        ++added;
      } else if (*present != *last) {
        ++updated;
      }
      edit.set(member, *last);
    }
  }
  if (added + updated > 0) call.notify(kNotifySortedSet, options.increment ? "zincr" : "zadd", key);
  if (!options.increment) return call.reply.integer(options.changed ? added + updated : added);
  if (last) {
    call.reply.number(*last);
  } else {
    call.reply.null();
  }
}

void zadd(Call& call) { add(call, AddForm::kAdd); }
void zincrby(Call& call) { add(call, AddForm::kIncrement); }

void zrem(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kSortedSet);
  if (entry == nullptr) return call.reply.integer(0);
  std::int64_t removed = 0;
  auto edit = call.keyspace.edit_sorted_set(call.db, key, entry);
  for (std::size_t i = 2; i < call.size() && edit->size() > 0; ++i) {
    removed += edit.remove(call.arg(i));
  }
  const Closed closed = edit.close();
  if (removed > 0) call.notify(kNotifySortedSet, "zrem", key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
  call.reply.integer(removed);
}

// ---- Looking ----

void zcard(Call& call) {
  const SortedSet* set = find_sorted_set(call);
  call.reply.integer(set == nullptr ? 0 : static_cast<std::int64_t>(set->size()));
}

void reply_score(Call& call, const SortedSet* set, std::string_view member) {
  const auto score = set == nullptr ? std::nullopt : set->score(member);
  if (score) {
    call.reply.number(*score);
  } else {
    call.reply.null();
  }
}

void zscore(Call& call) { reply_score(call, find_sorted_set(call), call.arg(2)); }

void zmscore(Call& call) {
  const SortedSet* set = find_sorted_set(call);
  call.reply.array(call.size() - 2);
  for (std::size_t i = 2; i < call.size(); ++i) reply_score(call, set, call.arg(i));
}

void rank(Call& call, Order order) {
  if (call.size() > 4) throw errors::wrong_arity(call.command.name);
  const bool with_score = call.size() == 4;
  if (with_score && !is_word(call.arg(3), "WITHSCORE")) throw Error(errors::kSyntax);
  const SortedSet* set = find_sorted_set(call);
  const auto found = set == nullptr ? std::nullopt : set->rank(call.arg(2));
  if (!found) return with_score ? call.reply.null_array() : call.reply.null();
  if (with_score) call.reply.array(2);
  call.reply.integer(
      static_cast<std::int64_t>(order == Order::kForward ? *found : set->size() - 1 - *found));
  if (with_score) call.reply.number(*set->score(call.arg(2)));
}

void zrank(Call& call) { rank(call, Order::kForward); }
void zrevrank(Call& call) { rank(call, Order::kBackward); }

void zscan(Call& call) {
  const std::uint64_t cursor = to_cursor(call.arg(2));
  const SortedSet* set = find_sorted_set(call);
  if (set == nullptr) {
    call.reply.array(2);
    call.reply.bulk("0");
    return call.reply.array(0);
  }
  const ScanOptions options = parse_scan(call.args, 2, ScanKind::kSortedSet);
  std::vector<std::pair<std::string_view, double>> found;
  const std::uint64_t next = set->scan(cursor, static_cast<std::size_t>(options.count),
                                       [&](std::string_view member, double score) {
                                         if (options.matches(member))
                                           found.emplace_back(member, score);
                                       });
  call.reply.array(2);
  call.reply.bulk(std::to_string(next));
  call.reply.array(options.no_values ? found.size() : 2 * found.size());
  for (const auto& [member, score] : found) {
    call.reply.bulk(member);
    if (!options.no_values) call.reply.bulk_double(score);
  }
}

// ---- At random ----

using Scored = std::pair<std::string, double>;

Scored draw_member(const SortedSet& set) {
  Scored out;
  set.for_range(base::random_below(set.size()), 1, Order::kForward,
                [&](std::string_view member, double score) {
                  out = {std::string(member), score};
                  return false;
                });
  return out;
}

enum class Show : std::uint8_t { kMembers, kScores };

void reply_member(Call& call, std::string_view member, double score, Show show) {
  if (show == Show::kMembers) return call.reply.bulk(member);
  if (call.reply.resp3()) call.reply.array(2);
  call.reply.bulk(member);
  call.reply.number(score);
}

void random_members(Call& call, std::int64_t count, Show show) {
  const SortedSet* set = find_sorted_set(call);
  if (set == nullptr || count == 0) return call.reply.array(0);
  const bool repeat = count < 0;
  auto wanted = static_cast<std::size_t>(repeat ? -count : count);
  if (!repeat) wanted = std::min(wanted, set->size());
  const std::size_t begin = call.reply.size();
  call.reply.array(show == Show::kScores && !call.reply.resp3() ? wanted * 2 : wanted);
  if (repeat) {
    for (std::size_t i = 0; i < wanted; ++i) {
      check_drawn(call.reply, begin);
      const auto [member, score] = draw_member(*set);
      reply_member(call, member, score, show);
    }
    return;
  }
  const auto all = [&] {
    std::vector<Scored> items;
    set->for_range(0, set->size(), Order::kForward, [&](std::string_view member, double score) {
      items.emplace_back(member, score);
      return true;
    });
    return items;
  };
  const auto items = wanted == set->size() ? all() : sample_unique(wanted, set->size(), all, [&] {
    return draw_member(*set);
  });
  for (const auto& [member, score] : items) reply_member(call, member, score, show);
}

void zrandmember(Call& call) {
  if (call.size() == 2) {
    const SortedSet* set = find_sorted_set(call);
    if (set == nullptr) return call.reply.null();
    return call.reply.bulk(draw_member(*set).first);
  }
  const std::int64_t count = to_sample_count(call.arg(2));
  ArgumentCursor args(call.args, 3);
  const bool with_scores = args.take("WITHSCORES");
  args.finish();
  if (with_scores && (count < -(kMaxInteger / 2) || count > kMaxInteger / 2)) {
    throw Error(errors::kOutOfRange);
  }
  random_members(call, count, with_scores ? Show::kScores : Show::kMembers);
}

// ---- Popping ----

// How members and their scores are answered: one after another, or in pairs of their own.
enum class Pairs : std::uint8_t { kFlat, kNested };

// Takes up to `count` members off the end, writing each with its score. The header around them is
// the caller's.
void pop_members(Call& call, std::string_view key, const Entry* entry, End end, std::size_t count,
                 Pairs pairs) {
  auto edit = call.keyspace.edit_sorted_set(call.db, key, entry);
  const std::size_t size = edit->size();
  edit->for_range(end == End::kFront ? 0 : size - 1, count,
                  end == End::kFront ? Order::kForward : Order::kBackward,
                  [&](std::string_view member, double score) {
                    if (pairs == Pairs::kNested) call.reply.array(2);
                    call.reply.bulk(member);
                    call.reply.number(score);
                    return true;
                  });
  edit.erase_ranks(end == End::kFront ? 0 : size - count, count);
  const Closed closed = edit.close();
  call.notify(kNotifySortedSet, end == End::kFront ? "zpopmin" : "zpopmax", key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
}

void pop(Call& call, End end) {
  if (call.size() > 3) throw Error(errors::kSyntax);
  const bool with_count = call.size() == 3;
  const std::int64_t count = with_count ? to_count(call.arg(2)) : 1;
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kSortedSet);
  if (entry == nullptr || count == 0) return call.reply.array(0);
  const std::size_t taken = std::min(entry->length(), static_cast<std::size_t>(count));
  const Pairs pairs = with_count && call.reply.resp3() ? Pairs::kNested : Pairs::kFlat;
  call.reply.array(pairs == Pairs::kNested ? taken : taken * 2);
  pop_members(call, key, entry, end, taken, pairs);
}

void zpopmin(Call& call) { pop(call, End::kFront); }
void zpopmax(Call& call) { pop(call, End::kBack); }

// Pops from the first key that holds a sorted set; false: none does.
bool pop_first(Call& call, const MultiPop& wanted) {
  for (const std::string_view key : wanted.keys) {
    const Entry* entry = find_write(call, key, Type::kSortedSet);
    if (entry == nullptr) continue;
    const std::size_t taken = std::min(entry->length(), static_cast<std::size_t>(wanted.count));
    call.reply.array(2);
    call.reply.bulk(key);
    call.reply.array(taken);
    pop_members(call, key, entry, wanted.end, taken, Pairs::kNested);
    return true;
  }
  return false;
}

void zmpop(Call& call) {
  if (!pop_first(call, parse_multi_pop(call, 1, "MIN", "MAX"))) call.reply.null_array();
}

void blocking_pop(Call& call, End end) {
  const std::int64_t deadline = parse_timeout(call, call.args.back());
  const Args keys = call.args.subspan(1, call.size() - 2);
  for (const std::string_view key : keys) {
    const Entry* entry = find_write(call, key, Type::kSortedSet);
    if (entry == nullptr) continue;
    call.reply.array(3);
    call.reply.bulk(key);
    return pop_members(call, key, entry, end, 1, Pairs::kFlat);
  }
  if (!call.may_block()) return call.reply.null_array();
  call.block(BlockOn::kSortedSet, keys, deadline, Call::OnTimeout::kNullArray);
}

void bzpopmin(Call& call) { blocking_pop(call, End::kFront); }
void bzpopmax(Call& call) { blocking_pop(call, End::kBack); }

void bzmpop(Call& call) {
  const MultiPop wanted = parse_multi_pop(call, 2, "MIN", "MAX");
  const std::int64_t deadline = parse_timeout(call, call.arg(1));
  if (pop_first(call, wanted)) return;
  if (!call.may_block()) return call.reply.null_array();
  call.block(BlockOn::kSortedSet, wanted.keys, deadline, Call::OnTimeout::kNullArray);
}

constexpr KeySpec kLooked{1, 1, 1, kKeyRO, 0};
constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kUpdated{1, 1, 1, kKeyRW | kKeyUpdate, 0};
constexpr KeySpec kReadUpdated{1, 1, 1, kKeyRW | kKeyAccess | kKeyUpdate, 0};
constexpr KeySpec kDeleted{1, 1, 1, kKeyRW | kKeyDelete, 0};
constexpr KeySpec kTaken{1, 1, 1, kKeyRW | kKeyAccess | kKeyDelete, 0};
constexpr KeySpec kAllTaken{1, -2, 1, kKeyRW | kKeyAccess | kKeyDelete, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "zadd", .arity = -4, .flags = kWrite | kDenyOom | kFast, .group = Group::kSortedSet,
     .keys = kUpdated, .since = "1.2.0", .summary = "Adds members or changes their scores.",
     .run = zadd},
    {.name = "zincrby", .arity = 4, .flags = kWrite | kDenyOom | kFast,
     .group = Group::kSortedSet, .keys = kReadUpdated, .since = "1.2.0",
     .summary = "Adds to the score of a member.", .run = zincrby},
    {.name = "zrem", .arity = -3, .flags = kWrite | kFast, .group = Group::kSortedSet,
     .keys = kDeleted, .since = "1.2.0", .summary = "Removes members.", .run = zrem},
    {.name = "zcard", .arity = 2, .flags = kReadonly | kFast, .group = Group::kSortedSet,
     .keys = kLooked, .since = "1.2.0", .summary = "Returns the number of members.",
     .run = zcard},
    {.name = "zscore", .arity = 3, .flags = kReadonly | kFast, .group = Group::kSortedSet,
     .keys = kRead, .since = "1.2.0", .summary = "Returns the score of a member.",
     .run = zscore},
    {.name = "zmscore", .arity = -3, .flags = kReadonly | kFast, .group = Group::kSortedSet,
     .keys = kRead, .since = "6.2.0", .summary = "Returns the scores of several members.",
     .run = zmscore},
    {.name = "zrank", .arity = -3, .flags = kReadonly | kFast, .group = Group::kSortedSet,
     .keys = kRead, .since = "2.0.0", .summary = "Returns a member's rank from the lowest score.",
     .run = zrank},
    {.name = "zrevrank", .arity = -3, .flags = kReadonly | kFast, .group = Group::kSortedSet,
     .keys = kRead, .since = "2.0.0",
     .summary = "Returns a member's rank from the highest score.", .run = zrevrank},
    {.name = "zscan", .arity = -3, .flags = kReadonly, .group = Group::kSortedSet, .keys = kRead,
     .since = "2.8.0", .summary = "Goes through members and scores in steps.", .run = zscan},
    {.name = "zrandmember", .arity = -2, .flags = kReadonly, .group = Group::kSortedSet,
     .keys = kRead, .since = "6.2.0", .summary = "Returns members chosen at random.",
     .run = zrandmember},
    {.name = "zpopmin", .arity = -2, .flags = kWrite | kFast, .group = Group::kSortedSet,
     .keys = kTaken, .since = "5.0.0", .summary = "Takes off the members of lowest score.",
     .run = zpopmin},
    {.name = "zpopmax", .arity = -2, .flags = kWrite | kFast, .group = Group::kSortedSet,
     .keys = kTaken, .since = "5.0.0", .summary = "Takes off the members of highest score.",
     .run = zpopmax},
    {.name = "zmpop", .arity = -4, .flags = kWrite | kMovableKeys, .group = Group::kSortedSet,
     .keys = {2, -1, 1, kKeyRW | kKeyAccess | kKeyDelete, 1}, .since = "7.0.0",
     .summary = "Takes members off the first sorted set that has any.", .run = zmpop},
    {.name = "bzpopmin", .arity = -3, .flags = kWrite | kFast | kBlocking,
     .group = Group::kSortedSet, .keys = kAllTaken, .since = "5.0.0",
     .summary = "Takes or awaits the member of lowest score.", .run = bzpopmin},
    {.name = "bzpopmax", .arity = -3, .flags = kWrite | kFast | kBlocking,
     .group = Group::kSortedSet, .keys = kAllTaken, .since = "5.0.0",
     .summary = "Takes or awaits the member of highest score.", .run = bzpopmax},
    {.name = "bzmpop", .arity = -5, .flags = kWrite | kBlocking | kMovableKeys,
     .group = Group::kSortedSet, .keys = {3, -1, 1, kKeyRW | kKeyAccess | kKeyDelete, 2},
     .since = "7.0.0", .summary = "Takes or awaits members of the first sorted set that has any.",
     .run = bzmpop},
};
// clang-format on

}  // namespace

std::span<const Command> sorted_set_commands() { return kCommands; }

}  // namespace bodega::redis
