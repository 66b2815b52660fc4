// Sets: members without order, and the algebra between sets.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engines/keyspace/structures/set.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/random_members.h"
#include "protocol/redis/values/scan.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Closed;
using keyspace::Entry;
using keyspace::Set;
using keyspace::Type;

const Set* find_set(Call& call, std::string_view key) {
  const Entry* entry = find_read(call, key, Type::kSet);
  return entry == nullptr ? nullptr : &entry->set();
}

// ---- Members ----

void sadd(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kSet);
  std::int64_t added = 0;
  {
    auto edit = call.keyspace.edit_set(call.db, key, entry);
    for (std::size_t i = 2; i < call.size(); ++i) added += edit.add(call.arg(i));
  }
  if (added > 0) call.notify(kNotifySet, "sadd", key);
  call.reply.integer(added);
}

void srem(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kSet);
  if (entry == nullptr) return call.reply.integer(0);
  std::int64_t removed = 0;
  auto edit = call.keyspace.edit_set(call.db, key, entry);
  for (std::size_t i = 2; i < call.size() && edit->size() > 0; ++i) {
    removed += edit.remove(call.arg(i));
  }
  const Closed closed = edit.close();
  if (removed > 0) call.notify(kNotifySet, "srem", key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
  call.reply.integer(removed);
}

void smove(Call& call) {
  const std::string_view from = call.arg(1);
  const std::string_view to = call.arg(2);
  const std::string_view member = call.arg(3);
  const Entry* source = find_write(call, from);
  const Entry* target = find_write(call, to);
  if (source == nullptr) return call.reply.integer(0);
  if (!source->is(Type::kSet) || (target != nullptr && !target->is(Type::kSet))) {
    throw Error(errors::kWrongType);
  }
  if (source == target) return call.reply.integer(source->set().contains(member) ? 1 : 0);
  auto edit = call.keyspace.edit_set(call.db, from, source);
  if (!edit.remove(member)) return call.reply.integer(0);
  const Closed closed = edit.close();
  call.notify(kNotifySet, "srem", from);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", from);
  bool added = false;
  {
    auto target_edit = call.keyspace.edit_set(call.db, to, target);
    added = target_edit.add(member);
  }
  if (added) call.notify(kNotifySet, "sadd", to);
  call.reply.integer(1);
}

void sismember(Call& call) {
  const Set* set = find_set(call, call.arg(1));
  call.reply.integer(set != nullptr && set->contains(call.arg(2)) ? 1 : 0);
}

void smismember(Call& call) {
  const Set* set = find_set(call, call.arg(1));
  call.reply.array(call.size() - 2);
  for (std::size_t i = 2; i < call.size(); ++i) {
    call.reply.integer(set != nullptr && set->contains(call.arg(i)) ? 1 : 0);
  }
}

void scard(Call& call) {
  const Set* set = find_set(call, call.arg(1));
  call.reply.integer(set == nullptr ? 0 : static_cast<std::int64_t>(set->size()));
}

void reply_members(Call& call, const Set* set) {
  call.reply.set(set == nullptr ? 0 : set->size());
  if (set == nullptr) return;
  set->for_each([&](std::string_view member) {
    call.reply.bulk(member);
    return true;
  });
}

void smembers(Call& call) { reply_members(call, find_set(call, call.arg(1))); }

void sscan(Call& call) {
  const std::uint64_t cursor = to_cursor(call.arg(2));
  const Set* set = find_set(call, call.arg(1));
  if (set == nullptr) {
    call.reply.array(2);
    call.reply.bulk("0");
    return call.reply.array(0);
  }
  const ScanOptions options = parse_scan(call.args, 2, ScanKind::kSet);
  std::vector<std::string> found;
  const std::uint64_t next =
      set->scan(cursor, static_cast<std::size_t>(options.count), [&](std::string_view member) {
        if (options.matches(member)) found.emplace_back(member);
      });
  call.reply.array(2);
  call.reply.bulk(std::to_string(next));
  call.reply.array(found.size());
  for (const auto& member : found) call.reply.bulk(member);
}

// ---- At random ----

// `count` different members. The pairs are for sample_unique: it looks at the first half.
std::vector<std::pair<std::string, char>> draw_members(const Set& set, std::size_t count) {
  const auto all = [&] {
    std::vector<std::pair<std::string, char>> items;
    set.for_each([&](std::string_view member) {
      items.emplace_back(std::string(member), '\0');
      return true;
    });
    return items;
  };
  if (count >= set.size()) return all();
  return sample_unique(count, set.size(), all,
                       [&] { return std::pair<std::string, char>(set.random(), '\0'); });
}

void spop(Call& call) {
  if (call.size() > 3) throw Error(errors::kSyntax);
  const bool with_count = call.size() == 3;
  const std::int64_t count = with_count ? to_count(call.arg(2)) : 1;
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kSet);
  if (!with_count && entry == nullptr) return call.reply.null();
  if (entry == nullptr || count == 0) return call.reply.set(0);
  const auto wanted = static_cast<std::size_t>(count);
  Closed closed = Closed::kKept;
  if (with_count && wanted >= entry->set().size()) {
    reply_members(call, &entry->set());
    call.keyspace.remove(call.db, key);
    closed = Closed::kRemoved;
  } else {
    const auto members = draw_members(entry->set(), wanted);
    auto edit = call.keyspace.edit_set(call.db, key, entry);
    for (const auto& item : members) edit.remove(item.first);
    closed = edit.close();
    if (with_count) call.reply.set(members.size());
    for (const auto& item : members) call.reply.bulk(item.first);
  }
  call.notify(kNotifySet, "spop", key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
}

void srandmember(Call& call) {
  if (call.size() > 3) throw Error(errors::kSyntax);
  if (call.size() == 2) {
    const Set* set = find_set(call, call.arg(1));
    if (set == nullptr) return call.reply.null();
    return call.reply.bulk(set->random());
  }
  const std::int64_t count = to_sample_count(call.arg(2));
  const Set* set = find_set(call, call.arg(1));
  if (set == nullptr || count == 0) return call.reply.array(0);
  if (count < 0) {
    const auto wanted = static_cast<std::size_t>(-count);
    const std::size_t begin = call.reply.size();
    call.reply.array(wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
      check_drawn(call.reply, begin);
      call.reply.bulk(set->random());
    }
    return;
  }
  const auto members = draw_members(*set, static_cast<std::size_t>(count));
  call.reply.array(members.size());
  for (const auto& item : members) call.reply.bulk(item.first);
}

// ---- Algebra ----

enum class Operation { kUnion, kIntersection, kDifference };

// The sets under args[first] .. args[behind - 1]; null where a key is absent.
std::vector<const Set*> find_sets(Call& call, std::size_t first, std::size_t behind) {
  // Looking one key up may remove another that has expired, so all are looked up before any is
  // kept.
  for (std::size_t i = first; i < behind; ++i) find_read(call, call.arg(i), Type::kSet);
  std::vector<const Set*> sets;
  for (std::size_t i = first; i < behind; ++i) {
    const Entry* entry = call.keyspace.find(call.db, call.arg(i), keyspace::Touch::kNo);
    sets.push_back(entry == nullptr ? nullptr : &entry->set());
  }
  return sets;
}

// Calls `visit` with each member of the intersection until it answers false.
template <class Visit>
void intersect(std::vector<const Set*> sets, Visit visit) {
  if (std::find(sets.begin(), sets.end(), nullptr) != sets.end()) return;
  std::sort(sets.begin(), sets.end(),
            [](const Set* a, const Set* b) { return a->size() < b->size(); });
  sets.front()->for_each([&](std::string_view member) {
    const bool everywhere = std::all_of(sets.begin() + 1, sets.end(), [&](const Set* set) {
      return set == sets.front() || set->contains(member);
    });
    return !everywhere || visit(member);
  });
}

template <class Visit>
void subtract(const std::vector<const Set*>& sets, Visit visit) {
  if (sets.front() == nullptr) return;
  sets.front()->for_each([&](std::string_view member) {
    const bool elsewhere = std::any_of(sets.begin() + 1, sets.end(), [&](const Set* set) {
      return set != nullptr && (set == sets.front() || set->contains(member));
    });
    if (!elsewhere) visit(member);
    return true;
  });
}

std::vector<std::string> combine(Operation operation, const std::vector<const Set*>& sets,
                                 const keyspace::Limits& limits) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view member) {
    out.emplace_back(member);
    return true;
  };
  switch (operation) {
    case Operation::kIntersection: intersect(sets, add); break;
    case Operation::kDifference: subtract(sets, add); break;
    case Operation::kUnion: {
      Set seen(0);
      for (const Set* set : sets) {
        if (set == nullptr) continue;
        set->for_each([&](std::string_view member) {
          if (seen.add(member, limits)) add(member);
          return true;
        });
      }
      break;
    }
  }
  return out;
}

void answer(Call& call, Operation operation) {
  const auto members = combine(operation, find_sets(call, 1, call.size()), call.keyspace.limits());
  call.reply.set(members.size());
  for (const auto& member : members) call.reply.bulk(member);
}

void store(Call& call, Operation operation, std::string_view event) {
  const std::string_view target = call.arg(1);
  const auto members = combine(operation, find_sets(call, 2, call.size()), call.keyspace.limits());
  const unsigned db = call.db;
  const bool overwritten = call.keyspace.remove(db, target);
  if (members.empty()) {
    if (overwritten) call.notify(kNotifyGeneric, "del", target);
    return call.reply.integer(0);
  }
  {
    auto edit = call.keyspace.edit_set(db, target);
    for (const auto& member : members) edit.add(member);
  }
  call.notify(kNotifySet, event, target);
  call.reply.integer(static_cast<std::int64_t>(members.size()));
}

void sinter(Call& call) { answer(call, Operation::kIntersection); }
void sunion(Call& call) { answer(call, Operation::kUnion); }
void sdiff(Call& call) { answer(call, Operation::kDifference); }
void sinterstore(Call& call) { store(call, Operation::kIntersection, "sinterstore"); }
void sunionstore(Call& call) { store(call, Operation::kUnion, "sunionstore"); }
void sdiffstore(Call& call) { store(call, Operation::kDifference, "sdiffstore"); }

void sintercard(Call& call) {
  const std::int64_t numkeys = to_integer_in(call.arg(1), 1, kMaxInteger, errors::kNumkeys);
  if (numkeys > static_cast<std::int64_t>(call.size()) - 2) {
    throw Error("ERR Number of keys can't be greater than number of args");
  }
  const std::size_t behind = 2 + static_cast<std::size_t>(numkeys);
  std::int64_t limit = 0;
  ArgumentCursor args(call.args, behind);
  while (args.more()) {
    if (!args.take("LIMIT")) throw Error(errors::kSyntax);
    limit = to_integer_in(args.next(), 0, kMaxInteger, "ERR LIMIT can't be negative");
  }
  std::int64_t count = 0;
  intersect(find_sets(call, 2, behind), [&](std::string_view) { return ++count != limit; });
  call.reply.integer(count);
}

constexpr KeySpec kLooked{1, 1, 1, kKeyRO, 0};
constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kAllRead{1, -1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kSources{2, -1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kTarget{1, 1, 1, kKeyOW | kKeyUpdate, 0};
constexpr KeySpec kInserted{1, 1, 1, kKeyRW | kKeyInsert, 0};
constexpr KeySpec kDeleted{1, 1, 1, kKeyRW | kKeyDelete, 0};
constexpr KeySpec kTaken{1, 1, 1, kKeyRW | kKeyAccess | kKeyDelete, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "sadd", .arity = -3, .flags = kWrite | kDenyOom | kFast, .group = Group::kSet,
     .keys = kInserted, .since = "1.0.0", .summary = "Adds members to a set.", .run = sadd},
    {.name = "srem", .arity = -3, .flags = kWrite | kFast, .group = Group::kSet,
     .keys = kDeleted, .since = "1.0.0", .summary = "Removes members of a set.", .run = srem},
    {.name = "smove", .arity = 4, .flags = kWrite | kFast, .group = Group::kSet, .keys = kTaken,
     .since = "1.0.0", .summary = "Moves a member from one set to another.", .run = smove,
     .more_keys = {2, 2, 1, kKeyRW | kKeyInsert, 0}, .traits = kTakesRoom},
    {.name = "sismember", .arity = 3, .flags = kReadonly | kFast, .group = Group::kSet,
     .keys = kLooked, .since = "1.0.0", .summary = "Tells whether a member is in a set.",
     .run = sismember},
    {.name = "smismember", .arity = -3, .flags = kReadonly | kFast, .group = Group::kSet,
     .keys = kRead, .since = "6.2.0", .summary = "Tells for several members whether they are in.",
     .run = smismember},
    {.name = "scard", .arity = 2, .flags = kReadonly | kFast, .group = Group::kSet,
     .keys = kLooked, .since = "1.0.0", .summary = "Returns the number of members.",
     .run = scard},
    {.name = "smembers", .arity = 2, .flags = kReadonly, .group = Group::kSet, .keys = kRead,
     .since = "1.0.0", .summary = "Returns all members of a set.", .run = smembers},
    {.name = "spop", .arity = -2, .flags = kWrite | kFast, .group = Group::kSet, .keys = kTaken,
     .since = "1.0.0", .summary = "Removes and returns members chosen at random.", .run = spop},
    {.name = "srandmember", .arity = -2, .flags = kReadonly, .group = Group::kSet, .keys = kRead,
     .since = "1.0.0", .summary = "Returns members chosen at random.", .run = srandmember},
    {.name = "sinter", .arity = -2, .flags = kReadonly, .group = Group::kSet, .keys = kAllRead,
     .since = "1.0.0", .summary = "Returns what several sets have in common.", .run = sinter},
    {.name = "sintercard", .arity = -3, .flags = kReadonly | kMovableKeys, .group = Group::kSet,
     .keys = {2, -1, 1, kKeyRO | kKeyAccess, 1}, .since = "7.0.0",
     .summary = "Counts what several sets have in common.", .run = sintercard},
    {.name = "sinterstore", .arity = -3, .flags = kWrite | kDenyOom, .group = Group::kSet,
     .keys = kTarget, .since = "1.0.0", .summary = "Stores what several sets have in common.",
     .run = sinterstore, .more_keys = kSources},
    {.name = "sunion", .arity = -2, .flags = kReadonly, .group = Group::kSet, .keys = kAllRead,
     .since = "1.0.0", .summary = "Returns the members of any of several sets.", .run = sunion},
    {.name = "sunionstore", .arity = -3, .flags = kWrite | kDenyOom, .group = Group::kSet,
     .keys = kTarget, .since = "1.0.0", .summary = "Stores the members of any of several sets.",
     .run = sunionstore, .more_keys = kSources},
    {.name = "sdiff", .arity = -2, .flags = kReadonly, .group = Group::kSet, .keys = kAllRead,
     .since = "1.0.0", .summary = "Returns the members of the first set that no other has.",
     .run = sdiff},
    {.name = "sdiffstore", .arity = -3, .flags = kWrite | kDenyOom, .group = Group::kSet,
     .keys = kTarget, .since = "1.0.0",
     .summary = "Stores the members of the first set that no other has.", .run = sdiffstore,
     .more_keys = kSources},
    {.name = "sscan", .arity = -3, .flags = kReadonly, .group = Group::kSet, .keys = kRead,
     .since = "2.8.0", .summary = "Goes through the members of a set in steps.", .run = sscan},
};
// clang-format on

}  // namespace

std::span<const Command> set_commands() { return kCommands; }

}  // namespace bodega::redis
