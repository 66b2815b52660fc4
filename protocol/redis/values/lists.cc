// Lists: pushing and popping at both ends, access by index, and the commands that wait for an
// element.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "engines/keyspace/structures/list.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/multi_pop.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Closed;
using keyspace::End;
using keyspace::Entry;
using keyspace::List;
using keyspace::Order;
using keyspace::Type;

const List* find_list(Call& call) {
  const Entry* entry = find_read(call, call.arg(1), Type::kList);
  return entry == nullptr ? nullptr : &entry->list();
}

constexpr Choice<End> kEnds[] = {{"LEFT", End::kFront}, {"RIGHT", End::kBack}};

std::string_view pop_event(End end) { return end == End::kFront ? "lpop" : "rpop"; }
std::string_view push_event(End end) { return end == End::kFront ? "lpush" : "rpush"; }

void notify_popped(Call& call, std::string_view key, End end, Closed closed) {
  call.notify(kNotifyList, pop_event(end), key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
}

// ---- Pushing ----

enum class IfAbsent : std::uint8_t { kCreate, kSkip };

void push(Call& call, End end, IfAbsent if_absent) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kList);
  if (entry == nullptr && if_absent == IfAbsent::kSkip) return call.reply.integer(0);
  std::size_t length = 0;
  {
    auto edit = call.keyspace.edit_list(call.db, key, entry);
    for (std::size_t i = 2; i < call.size(); ++i) edit.push(end, call.arg(i));
    length = edit->size();
  }
  call.notify(kNotifyList, push_event(end), key);
  call.reply.integer(static_cast<std::int64_t>(length));
}

void lpush(Call& call) { push(call, End::kFront, IfAbsent::kCreate); }
void rpush(Call& call) { push(call, End::kBack, IfAbsent::kCreate); }
void lpushx(Call& call) { push(call, End::kFront, IfAbsent::kSkip); }
void rpushx(Call& call) { push(call, End::kBack, IfAbsent::kSkip); }

enum class Place : std::uint8_t { kBefore, kAfter };
constexpr Choice<Place> kPlaces[] = {{"BEFORE", Place::kBefore}, {"AFTER", Place::kAfter}};

void linsert(Call& call) {
  const Place place = to_choice(call.arg(2), kPlaces);
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kList);
  if (entry == nullptr) return call.reply.integer(0);
  std::size_t index = 0;
  bool found = false;
  entry->list().for_range(0, entry->list().size(), Order::kForward, [&](std::string_view value) {
    found = value == call.arg(3);
    if (!found) ++index;
    return !found;
  });
  if (!found) return call.reply.integer(-1);
  std::size_t length = 0;
  {
    auto edit = call.keyspace.edit_list(call.db, key, entry);
    edit.insert(place == Place::kAfter ? index + 1 : index, call.arg(4));
    length = edit->size();
  }
  call.notify(kNotifyList, "linsert", key);
  call.reply.integer(static_cast<std::int64_t>(length));
}

// ---- By index ----

// An index that may count from the end; nothing when it is outside.
std::optional<std::size_t> resolve(std::int64_t index, std::size_t size) {
  if (index < 0) index += static_cast<std::int64_t>(size);
  if (index < 0 || index >= static_cast<std::int64_t>(size)) return std::nullopt;
  return static_cast<std::size_t>(index);
}

struct Range {
  std::size_t first = 0;
  std::size_t count = 0;
};

// [start, stop] with Redis's rules for negative and too large ends.
Range resolve(std::int64_t start, std::int64_t stop, std::size_t length) {
  const auto size = static_cast<std::int64_t>(length);
  if (start < 0) start += size;
  if (stop < 0) stop += size;
  start = std::max<std::int64_t>(start, 0);
  if (start > stop || start >= size) return {};
  stop = std::min(stop, size - 1);
  return {static_cast<std::size_t>(start), static_cast<std::size_t>(stop - start + 1)};
}

void llen(Call& call) {
  const List* list = find_list(call);
  call.reply.integer(list == nullptr ? 0 : static_cast<std::int64_t>(list->size()));
}

void lindex(Call& call) {
  const List* list = find_list(call);
  if (list == nullptr) return call.reply.null();
  const auto index = resolve(to_integer(call.arg(2)), list->size());
  if (!index) return call.reply.null();
  call.reply.bulk(list->at(*index));
}

void lset(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kList);
  if (entry == nullptr) throw Error(errors::kNoSuchKey);
  const auto index = resolve(to_integer(call.arg(2)), entry->list().size());
  if (!index) throw Error(errors::kIndexOutOfRange);
  call.keyspace.edit_list(call.db, key, entry).set(*index, call.arg(3));
  call.notify(kNotifyList, "lset", key);
  call.reply.ok();
}

void reply_range(Call& call, const List& list, std::size_t first, std::size_t count, Order order) {
  call.reply.array(count);
  list.for_range(first, count, order, [&](std::string_view value) {
    call.reply.bulk(value);
    return true;
  });
}

void lrange(Call& call) {
  const std::int64_t start = to_integer(call.arg(2));
  const std::int64_t stop = to_integer(call.arg(3));
  const List* list = find_list(call);
  if (list == nullptr) return call.reply.array(0);
  const Range range = resolve(start, stop, list->size());
  reply_range(call, *list, range.first, range.count, Order::kForward);
}

void ltrim(Call& call) {
  const std::int64_t start = to_integer(call.arg(2));
  const std::int64_t stop = to_integer(call.arg(3));
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kList);
  if (entry == nullptr) return call.reply.ok();
  const Range kept = resolve(start, stop, entry->list().size());
  Closed closed = Closed::kRemoved;
  if (kept.count == 0) {
    call.keyspace.remove(call.db, key);
  } else {
    auto edit = call.keyspace.edit_list(call.db, key, entry);
    edit.erase(kept.first + kept.count, edit->size() - kept.first - kept.count);
    edit.erase(0, kept.first);
    edit.touch();
    closed = edit.close();
  }
  call.notify(kNotifyList, "ltrim", key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
  call.reply.ok();
}

void lrem(Call& call) {
  const std::int64_t count = to_integer(call.arg(2));
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kList);
  if (entry == nullptr) return call.reply.integer(0);
  const auto limit = static_cast<std::size_t>(count < 0 ? 0 - static_cast<std::uint64_t>(count)
                                                        : static_cast<std::uint64_t>(count));
  auto edit = call.keyspace.edit_list(call.db, key, entry);
  const std::size_t removed =
      edit.remove_equal(call.arg(3), count < 0 ? Order::kBackward : Order::kForward, limit);
  const Closed closed = edit.close();
  if (removed > 0) call.notify(kNotifyList, "lrem", key);
  if (closed == Closed::kRemoved) call.notify(kNotifyGeneric, "del", key);
  call.reply.integer(static_cast<std::int64_t>(removed));
}

struct PositionOptions {
  std::int64_t rank = 1;
  std::optional<std::int64_t> count;
  std::int64_t max_length = 0;
};

std::int64_t to_rank(std::string_view text) {
  const std::int64_t rank = to_integer(text);
  if (rank == std::numeric_limits<std::int64_t>::min()) {
    throw Error(
        "ERR value is out of range, value must between -9223372036854775807 and "
        "9223372036854775807");
  }
  if (rank == 0) {
    throw Error(
        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or "
        "use negative to start from the end of the list");
  }
  return rank;
}

PositionOptions parse_position_options(ArgumentCursor args) {
  PositionOptions out;
  while (args.more()) {
    if (args.take("RANK")) {
      out.rank = to_rank(args.next());
    } else if (args.take("COUNT")) {
      out.count = to_integer_in(args.next(), 0, kMaxInteger, "ERR COUNT can't be negative");
    } else if (args.take("MAXLEN")) {
      out.max_length = to_integer_in(args.next(), 0, kMaxInteger, "ERR MAXLEN can't be negative");
    } else {
      throw Error(errors::kSyntax);
    }
  }
  return out;
}

void lpos(Call& call) {
  const PositionOptions options = parse_position_options({call.args, 3});
  const List* list = find_list(call);
  if (list == nullptr) return options.count ? call.reply.array(0) : call.reply.null();
  const bool backward = options.rank < 0;
  std::int64_t to_skip = (backward ? -options.rank : options.rank) - 1;
  const std::size_t wanted = options.count ? static_cast<std::size_t>(*options.count) : 1;
  std::size_t looks = list->size();
  if (options.max_length > 0) {
    looks = std::min(looks, static_cast<std::size_t>(options.max_length));
  }
  std::size_t index = backward ? list->size() - 1 : 0;
  std::vector<std::size_t> matches;
  list->for_range(index, looks, backward ? Order::kBackward : Order::kForward,
                  [&](std::string_view value) {
                    if (value == call.arg(2) && to_skip-- <= 0) matches.push_back(index);
                    index = backward ? index - 1 : index + 1;
                    return wanted == 0 || matches.size() < wanted;
                  });
  if (!options.count) {
    if (matches.empty()) return call.reply.null();
    return call.reply.integer(static_cast<std::int64_t>(matches.front()));
  }
  call.reply.array(matches.size());
  for (const std::size_t match : matches) call.reply.integer(static_cast<std::int64_t>(match));
}

// ---- Popping ----

// Answers with an array of up to `count` elements and takes them off.
void pop_range(Call& call, std::string_view key, const Entry* entry, End end, std::int64_t count) {
  auto edit = call.keyspace.edit_list(call.db, key, entry);
  const std::size_t size = edit->size();
  const std::size_t taken = std::min(size, static_cast<std::size_t>(count));
  if (end == End::kFront) {
    reply_range(call, *edit, 0, taken, Order::kForward);
  } else {
    reply_range(call, *edit, size - 1, taken, Order::kBackward);
  }
  edit.erase(end == End::kFront ? 0 : size - taken, taken);
  notify_popped(call, key, end, edit.close());
}

void pop(Call& call, End end) {
  if (call.size() > 3) throw errors::wrong_arity(call.command.name);
  const bool with_count = call.size() == 3;
  const std::int64_t count = with_count ? to_count(call.arg(2)) : 1;
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kList);
  if (entry == nullptr) return with_count ? call.reply.null_array() : call.reply.null();
  if (!with_count) {
    auto edit = call.keyspace.edit_list(call.db, key, entry);
    call.reply.bulk(edit.pop(end));
    return notify_popped(call, key, end, edit.close());
  }
  if (count == 0) return call.reply.array(0);
  pop_range(call, key, entry, end, count);
}

void lpop(Call& call) { pop(call, End::kFront); }
void rpop(Call& call) { pop(call, End::kBack); }

// Pops from the first key that holds a list; false: none does.
bool pop_first(Call& call, const MultiPop& wanted) {
  for (const std::string_view key : wanted.keys) {
    const Entry* entry = find_write(call, key, Type::kList);
    if (entry == nullptr) continue;
    call.reply.array(2);
    call.reply.bulk(key);
    pop_range(call, key, entry, wanted.end, wanted.count);
    return true;
  }
  return false;
}

void lmpop(Call& call) {
  if (!pop_first(call, parse_multi_pop(call, 1, "LEFT", "RIGHT"))) call.reply.null_array();
}

// ---- Moving ----

void move(Call& call, const Entry* entry, End from_end, End to_end) {
  const std::string_view from = call.arg(1);
  const std::string_view to = call.arg(2);
  const Entry* target = find_write(call, to, Type::kList);
  std::string value;
  Closed closed = Closed::kKept;
  if (target == entry) {
    auto edit = call.keyspace.edit_list(call.db, from, entry);
    value = edit.pop(from_end);
    edit.push(to_end, value);
  } else {
    {
      auto edit = call.keyspace.edit_list(call.db, from, entry);
      value = edit.pop(from_end);
      closed = edit.close();
    }
    auto edit = call.keyspace.edit_list(call.db, to, target);
    edit.count_with_another();
    edit.push(to_end, value);
  }
  call.notify(kNotifyList, push_event(to_end), to);
  call.reply.bulk(value);
  notify_popped(call, from, from_end, closed);
}

void move(Call& call, End from_end, End to_end) {
  const Entry* entry = find_write(call, call.arg(1), Type::kList);
  if (entry == nullptr) return call.reply.null();
  move(call, entry, from_end, to_end);
}

void lmove(Call& call) { move(call, to_choice(call.arg(3), kEnds), to_choice(call.arg(4), kEnds)); }
void rpoplpush(Call& call) { move(call, End::kBack, End::kFront); }

// ---- Waiting ----

void blocking_pop(Call& call, End end) {
  const std::int64_t deadline = parse_timeout(call, call.args.back());
  const Args keys = call.args.subspan(1, call.size() - 2);
  for (const std::string_view key : keys) {
    const Entry* entry = find_write(call, key, Type::kList);
    if (entry == nullptr) continue;
    auto edit = call.keyspace.edit_list(call.db, key, entry);
    call.reply.array(2);
    call.reply.bulk(key);
    call.reply.bulk(edit.pop(end));
    return notify_popped(call, key, end, edit.close());
  }
  if (!call.may_block()) return call.reply.null_array();
  call.block(BlockOn::kList, keys, deadline, Call::OnTimeout::kNullArray);
}

void blpop(Call& call) { blocking_pop(call, End::kFront); }
void brpop(Call& call) { blocking_pop(call, End::kBack); }

void blmpop(Call& call) {
  const MultiPop wanted = parse_multi_pop(call, 2, "LEFT", "RIGHT");
  const std::int64_t deadline = parse_timeout(call, call.arg(1));
  if (pop_first(call, wanted)) return;
  if (!call.may_block()) return call.reply.null_array();
  call.block(BlockOn::kList, wanted.keys, deadline, Call::OnTimeout::kNullArray);
}

// At its deadline it answers a null array, as all that wait do, though it answers a string
// otherwise.
void blocking_move(Call& call, End from_end, End to_end, std::int64_t deadline) {
  const Entry* entry = find_write(call, call.arg(1), Type::kList);
  if (entry != nullptr) return move(call, entry, from_end, to_end);
  if (!call.may_block()) return call.reply.null();
  call.block(BlockOn::kList, call.args.subspan(1, 1), deadline, Call::OnTimeout::kNullArray);
}

void blmove(Call& call) {
  const End from_end = to_choice(call.arg(3), kEnds);
  const End to_end = to_choice(call.arg(4), kEnds);
  const std::int64_t deadline = parse_timeout(call, call.arg(5));
  blocking_move(call, from_end, to_end, deadline);
}

void brpoplpush(Call& call) {
  const std::int64_t deadline = parse_timeout(call, call.arg(3));
  blocking_move(call, End::kBack, End::kFront, deadline);
}

constexpr KeySpec kLooked{1, 1, 1, kKeyRO, 0};
constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr KeySpec kInserted{1, 1, 1, kKeyRW | kKeyInsert, 0};
constexpr KeySpec kUpdated{1, 1, 1, kKeyRW | kKeyUpdate, 0};
constexpr KeySpec kDeleted{1, 1, 1, kKeyRW | kKeyDelete, 0};
constexpr KeySpec kTaken{1, 1, 1, kKeyRW | kKeyAccess | kKeyDelete, 0};
constexpr KeySpec kAllTaken{1, -2, 1, kKeyRW | kKeyAccess | kKeyDelete, 0};
constexpr KeySpec kTarget{2, 2, 1, kKeyRW | kKeyInsert, 0};
constexpr CommandFlags kGrowing = kWrite | kDenyOom | kFast;

// clang-format off
constexpr Command kCommands[] = {
    {.name = "lpush", .arity = -3, .flags = kGrowing, .group = Group::kList, .keys = kInserted,
     .since = "1.0.0", .summary = "Puts elements at the front of a list.", .run = lpush},
    {.name = "rpush", .arity = -3, .flags = kGrowing, .group = Group::kList, .keys = kInserted,
     .since = "1.0.0", .summary = "Puts elements at the end of a list.", .run = rpush},
    {.name = "lpushx", .arity = -3, .flags = kGrowing, .group = Group::kList, .keys = kInserted,
     .since = "2.2.0", .summary = "Puts elements at the front of a list that exists.",
     .run = lpushx},
    {.name = "rpushx", .arity = -3, .flags = kGrowing, .group = Group::kList, .keys = kInserted,
     .since = "2.2.0", .summary = "Puts elements at the end of a list that exists.",
     .run = rpushx},
    {.name = "linsert", .arity = 5, .flags = kWrite | kDenyOom, .group = Group::kList,
     .keys = kInserted, .since = "2.2.0", .summary = "Inserts before or after an element.",
     .run = linsert},
    {.name = "llen", .arity = 2, .flags = kReadonly | kFast, .group = Group::kList,
     .keys = kLooked, .since = "1.0.0", .summary = "Returns the length of a list.", .run = llen},
    {.name = "lindex", .arity = 3, .flags = kReadonly, .group = Group::kList, .keys = kRead,
     .since = "1.0.0", .summary = "Returns an element by its index.", .run = lindex},
    {.name = "lset", .arity = 4, .flags = kWrite | kDenyOom, .group = Group::kList,
     .keys = kUpdated, .since = "1.0.0", .summary = "Sets an element by its index.",
     .run = lset},
    {.name = "lpop", .arity = -2, .flags = kWrite | kFast, .group = Group::kList, .keys = kTaken,
     .since = "1.0.0", .summary = "Takes elements off the front of a list.", .run = lpop},
    {.name = "rpop", .arity = -2, .flags = kWrite | kFast, .group = Group::kList, .keys = kTaken,
     .since = "1.0.0", .summary = "Takes elements off the end of a list.", .run = rpop},
    {.name = "lrange", .arity = 4, .flags = kReadonly, .group = Group::kList, .keys = kRead,
     .since = "1.0.0", .summary = "Returns a range of elements.", .run = lrange},
    {.name = "ltrim", .arity = 4, .flags = kWrite, .group = Group::kList, .keys = kDeleted,
     .since = "1.0.0", .summary = "Removes elements outside a range.", .run = ltrim},
    {.name = "lrem", .arity = 4, .flags = kWrite, .group = Group::kList, .keys = kDeleted,
     .since = "1.0.0", .summary = "Removes elements that equal a value.", .run = lrem},
    {.name = "lpos", .arity = -3, .flags = kReadonly, .group = Group::kList, .keys = kRead,
     .since = "6.0.6", .summary = "Returns the index of elements that equal a value.",
     .run = lpos},
    {.name = "lmpop", .arity = -4, .flags = kWrite | kMovableKeys, .group = Group::kList,
     .keys = {2, -1, 1, kKeyRW | kKeyAccess | kKeyDelete, 1}, .since = "7.0.0",
     .summary = "Takes elements off the first list that has any.", .run = lmpop},
    {.name = "lmove", .arity = 5, .flags = kWrite | kDenyOom, .group = Group::kList,
     .keys = kTaken, .since = "6.2.0", .summary = "Moves an element from one list to another.",
     .run = lmove, .more_keys = kTarget},
    {.name = "rpoplpush", .arity = 3, .flags = kWrite | kDenyOom, .group = Group::kList,
     .keys = kTaken, .since = "1.2.0",
     .summary = "Moves the last element of a list to the front of another.", .run = rpoplpush,
     .more_keys = kTarget},
    {.name = "blpop", .arity = -3, .flags = kWrite | kBlocking, .group = Group::kList,
     .keys = kAllTaken, .since = "2.0.0", .summary = "Takes or awaits the first element.",
     .run = blpop},
    {.name = "brpop", .arity = -3, .flags = kWrite | kBlocking, .group = Group::kList,
     .keys = kAllTaken, .since = "2.0.0", .summary = "Takes or awaits the last element.",
     .run = brpop},
    {.name = "blmpop", .arity = -5, .flags = kWrite | kBlocking | kMovableKeys,
     .group = Group::kList, .keys = {3, -1, 1, kKeyRW | kKeyAccess | kKeyDelete, 2},
     .since = "7.0.0", .summary = "Takes or awaits elements of the first list that has any.",
     .run = blmpop},
    {.name = "blmove", .arity = 6, .flags = kWrite | kDenyOom | kBlocking, .group = Group::kList,
     .keys = kTaken, .since = "6.2.0",
     .summary = "Moves an element from one list to another, or awaits it.", .run = blmove,
     .more_keys = kTarget},
    {.name = "brpoplpush", .arity = 4, .flags = kWrite | kDenyOom | kBlocking,
     .group = Group::kList, .keys = kTaken, .since = "2.2.0",
     .summary = "Moves the last element to the front of another list, or awaits it.",
     .run = brpoplpush, .more_keys = kTarget},
};
// clang-format on

}  // namespace

std::span<const Command> list_commands() { return kCommands; }

}  // namespace bodega::redis
