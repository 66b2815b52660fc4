// SORT: the elements of a list, set or sorted set, in order of themselves or of what other keys
// hold for them.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/access.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/execution.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::Order;
using keyspace::Type;

struct Options {
  bool alpha = false;
  bool descending = false;
  bool sorted = true;  // false: BY a pattern without '*'
  std::int64_t offset = 0;
  std::int64_t count = -1;
  std::optional<std::string_view> by;
  std::vector<std::string_view> get;
  std::optional<std::string_view> store;
};

struct Element {
  std::string text;
  double weight = 0;
  std::optional<std::string> weight_text;
};

enum class SortForm : std::uint8_t { kSort, kReadOnly };

Options parse_options(const Call& call, ArgumentCursor args, SortForm form) {
  // Patterns would lead to keys of other nodes.
  const bool in_cluster = call.instance.cluster() != nullptr;
  Options out;
  while (args.more()) {
    if (args.take("ASC")) {
      out.descending = false;
    } else if (args.take("DESC")) {
      out.descending = true;
    } else if (args.take("ALPHA")) {
      out.alpha = true;
    } else if (args.take("LIMIT", 2)) {
      out.offset = to_integer(args.next());
      out.count = to_integer(args.next());
    } else if (form == SortForm::kSort && args.take("STORE")) {
      out.store = args.next();
    } else if (args.take("BY")) {
      out.by = args.next();
      out.sorted = out.by->find('*') != std::string_view::npos;
      if (out.sorted && in_cluster) {
        throw Error("ERR BY option of SORT denied in Cluster mode.");
      }
    } else if (args.take("GET")) {
      if (in_cluster) {
        throw Error("ERR GET option of SORT denied in Cluster mode.");
      }
      out.get.push_back(args.next());
    } else {
      throw Error(errors::kSyntax);
    }
  }
  return out;
}

// What the key (or hash field, "key->field") that `pattern` makes of `element` holds.
std::optional<std::string> look_up(Call& call, std::string_view pattern, std::string_view element) {
  if (pattern == "#") return std::string(element);
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return std::nullopt;
  std::size_t arrow = pattern.find("->", star);
  std::string_view field;
  if (arrow != std::string_view::npos && arrow + 2 < pattern.size()) {
    field = pattern.substr(arrow + 2);
  } else {
    arrow = pattern.size();
  }
  std::string key(pattern.substr(0, star));
  key.append(element).append(pattern.substr(star + 1, arrow - star - 1));
  const Entry* entry = find_read(call, key);
  if (entry == nullptr) return std::nullopt;
  if (!field.empty()) {
    if (!entry->is(Type::kHash)) return std::nullopt;
    const auto value = entry->hash().get(field);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  if (!entry->is(Type::kString)) return std::nullopt;
  return entry->str();
}

// BY and GET make names of keys out of data, so they are for users who may read all keys.
void check_patterns(Call& call, const Options& options) {
  const bool weighs = options.by && options.sorted;
  if ((options.get.empty() && !weighs) || may_read_all_keys(call)) return;
  throw Error(std::string(weighs ? "ERR BY" : "ERR GET") +
              " option of SORT denied due to insufficient ACL permissions.");
}

// All elements; of a sorted set that is not to be sorted only those of the range, in its order.
std::vector<Element> elements_of(const Entry* entry, const Options& options, std::size_t& start,
                                 std::size_t& end) {
  std::vector<Element> out;
  if (entry == nullptr) return out;
  if (entry->is(Type::kList)) {
    const auto& list = entry->list();
    list.for_range(0, list.size(), Order::kForward, [&](std::string_view value) {
      out.push_back({std::string(value), 0, {}});
      return true;
    });
  } else if (entry->is(Type::kSet)) {
    entry->set().for_each([&](std::string_view member) {
      out.push_back({std::string(member), 0, {}});
      return true;
    });
  } else {
    const auto& set = entry->sorted_set();
    std::size_t first = 0;
    std::size_t count = set.size();
    if (!options.sorted) {
      first = start;
      count = end - start;
      start = 0;
      end = count;
    }
    const Order order = !options.sorted && options.descending ? Order::kBackward : Order::kForward;
    const std::size_t from =
        order == Order::kForward || count == 0 ? first : set.size() - 1 - first;
    set.for_range(from, count, order, [&](std::string_view member, double) {
      out.push_back({std::string(member), 0, {}});
      return true;
    });
  }
  return out;
}

// A weight as strtod reads it, more freely than scores are read: nothing is 0 and leading space
// passes, but what is too large or too small does not.
double to_weight(const std::string& text) {
  char* end = nullptr;
  errno = 0;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || errno == ERANGE || std::isnan(value)) {
    throw Error("ERR One or more scores can't be converted into double");
  }
  return value;
}

void find_weights(Call& call, const Options& options, std::vector<Element>& elements) {
  for (Element& element : elements) {
    std::optional<std::string> weight =
        options.by ? look_up(call, *options.by, element.text) : element.text;
    if (options.alpha) {
      element.weight_text = std::move(weight);
    } else if (weight) {
      element.weight = to_weight(*weight);
    }
  }
}

bool comes_before(const Element& a, const Element& b, const Options& options) {
  int order = 0;
  if (options.alpha) {
    // What has no weight comes first.
    if (!a.weight_text || !b.weight_text) {
      order =
          static_cast<int>(a.weight_text.has_value()) - static_cast<int>(b.weight_text.has_value());
    } else {
      order = a.weight_text->compare(*b.weight_text);
    }
  } else {
    order = a.weight < b.weight ? -1 : (a.weight > b.weight ? 1 : 0);
  }
  if (order == 0) order = a.text.compare(b.text);
  return options.descending ? order > 0 : order < 0;
}

void store(Call& call, std::string_view target,
           const std::vector<std::optional<std::string>>& values) {
  const unsigned db = call.db;
  const bool existed = call.keyspace.remove(db, target);
  if (values.empty()) {
    if (existed) call.notify(kNotifyGeneric, "del", target);
  } else {
    auto edit = call.keyspace.edit_list(db, target);
    for (const auto& value : values) edit.push(keyspace::End::kBack, value.value_or(""));
    edit.close();
    call.notify(kNotifyList, "sortstore", target);
  }
  call.reply.integer(static_cast<std::int64_t>(values.size()));
}

void sort_key(Call& call, SortForm form) {
  Options options = parse_options(call, {call.args, 2}, form);
  check_patterns(call, options);
  const Entry* entry = find_read(call, call.arg(1));
  if (entry != nullptr && !entry->is(Type::kList) && !entry->is(Type::kSet) &&
      !entry->is(Type::kSortedSet)) {
    throw Error(errors::kWrongType);
  }
  // A set has no order of its own: a result that is stored, or that a script works with, must not
  // depend on chance.
  const bool in_script = call.execution.origin == Execution::Origin::kScript;
  if (entry != nullptr && entry->is(Type::kSet) && !options.sorted &&
      (options.store || in_script)) {
    options.sorted = options.alpha = true;
    options.by.reset();
  }
  const std::size_t total = entry == nullptr ? 0 : entry->length();
  std::size_t start = static_cast<std::size_t>(std::max<std::int64_t>(options.offset, 0));
  start = std::min(start, total);
  std::size_t end = total;
  if (options.count >= 0 && static_cast<std::uint64_t>(options.count) < total - start) {
    end = start + static_cast<std::size_t>(options.count);
  }
  std::vector<Element> elements = elements_of(entry, options, start, end);
  if (options.sorted) {
    find_weights(call, options, elements);
    const auto middle = elements.begin() + static_cast<std::ptrdiff_t>(end);
    std::partial_sort(
        elements.begin(), middle, elements.end(),
        [&](const Element& a, const Element& b) { return comes_before(a, b, options); });
  }
  std::vector<std::optional<std::string>> values;
  for (std::size_t i = start; i < end; ++i) {
    if (options.get.empty()) values.emplace_back(std::move(elements[i].text));
    for (const auto pattern : options.get) {
      values.push_back(look_up(call, pattern, elements[i].text));
    }
  }
  if (options.store) return store(call, *options.store, values);
  call.reply.array(values.size());
  for (const auto& value : values) {
    if (value) {
      call.reply.bulk(*value);
    } else {
      call.reply.null();
    }
  }
}

void sort(Call& call) { sort_key(call, SortForm::kSort); }
void sort_ro(Call& call) { sort_key(call, SortForm::kReadOnly); }

void find_sort_keys(Args args, std::vector<KeyReference>& keys) {
  keys.push_back({args[1], kKeyRO | kKeyAccess});
  std::optional<std::string_view> target;
  ArgumentCursor options(args, 2);
  while (options.more()) {
    if (options.take("LIMIT")) {
      options.skip(2);
    } else if (options.take("GET") || options.take("BY")) {
      options.skip(1);
    } else if (options.take("STORE", 1)) {
      target = options.next();
    } else {
      options.skip(1);
    }
  }
  if (target) keys.push_back({*target, kKeyOW | kKeyUpdate});
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "sort", .arity = -2, .flags = kWrite | kDenyOom | kMovableKeys,
     .group = Group::kGeneric, .keys = {1, 1, 1, kKeyRO | kKeyAccess, 0}, .since = "1.0.0",
     .summary = "Sorts a list, set or sorted set and returns or stores the result.", .run = sort,
     .categories = kCatSet | kCatSortedSet | kCatList | kCatDangerous,
     .find_keys = find_sort_keys, .traits = kFindsKeys},
    {.name = "sort_ro", .arity = -2, .flags = kReadonly | kMovableKeys, .group = Group::kGeneric,
     .keys = {1, 1, 1, kKeyRO | kKeyAccess, 0}, .since = "7.0.0",
     .summary = "Returns a list, set or sorted set in order.", .run = sort_ro,
     .categories = kCatSet | kCatSortedSet | kCatList | kCatDangerous, .traits = kFindsKeys},
};
// clang-format on

}  // namespace

std::span<const Command> sort_commands() { return kCommands; }

}  // namespace bodega::redis
