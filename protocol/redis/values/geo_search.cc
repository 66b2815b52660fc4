// Searching points: GEOSEARCH, GEOSEARCHSTORE, and the GEORADIUS commands that they replace.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engines/keyspace/engine.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/geo_points.h"
#include "protocol/redis/values/geo_shape.h"
#include "protocol/redis/values/partial_sort.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::Order;
using keyspace::SortedSet;
using keyspace::Type;

enum class Form : std::uint8_t { kRadius, kRadiusReadOnly, kSearch, kSearchStore };
enum class Sorting : std::uint8_t { kNone, kAscending, kDescending };

struct Query {
  Form form;
  const SortedSet* points = nullptr;  // null: the key is absent
  GeoShape shape = {};
  bool has_centre = false;
  bool from_member = false;
  bool with_distance = false;
  bool with_hash = false;
  bool with_point = false;
  bool any = false;
  bool store_distance = false;
  std::int64_t count = 0;  // 0: all
  Sorting sorting = Sorting::kNone;
  std::optional<std::string_view> target = {};

  bool is_search() const { return form == Form::kSearch || form == Form::kSearchStore; }
};

struct Found {
  std::string member;
  double score;
  GeoPoint point;
  double distance_m;
};

// ---- Reading the request ----

// An absent key is searched too, for the options may be wrong.
void centre_on_member(Query& query, std::string_view member) {
  query.has_centre = query.from_member = true;
  if (query.points == nullptr) return;
  const auto score = query.points->score(member);
  if (!score) throw Error("ERR could not decode requested zset member");
  query.shape.centre = point_of(*score);
}

void centre_on_point(Query& query, ArgumentCursor& args) {
  const std::string_view longitude = args.next();
  query.shape.centre = to_point(longitude, args.next());
  query.has_centre = true;
}

void read_circle(GeoShape& shape, ArgumentCursor& args) {
  shape.radius = to_double(args.next(), "ERR need numeric radius");
  if (shape.radius < 0) throw Error("ERR radius cannot be negative");
  shape.unit_m = to_unit(args.next());
  shape.kind = GeoShape::Kind::kCircle;
}

void read_box(GeoShape& shape, ArgumentCursor& args) {
  shape.width = to_double(args.next(), "ERR need numeric width");
  shape.height = to_double(args.next(), "ERR need numeric height");
  if (shape.width < 0 || shape.height < 0) throw Error("ERR height or width cannot be negative");
  shape.unit_m = to_unit(args.next());
  shape.kind = GeoShape::Kind::kBox;
}

// Whether the current word is one that only GEOSEARCH and GEOSEARCHSTORE have.
bool read_search_option(Query& query, ArgumentCursor& args) {
  const bool box = query.shape.kind == GeoShape::Kind::kBox;
  const bool circle = query.shape.kind == GeoShape::Kind::kCircle;
  const bool on_point = query.has_centre && !query.from_member;
  if (query.form == Form::kSearchStore && args.take("STOREDIST")) {
    query.store_distance = true;
  } else if (!on_point && args.take("FROMMEMBER", 1)) {
    centre_on_member(query, args.next());
  } else if (!query.from_member && args.take("FROMLONLAT", 2)) {
    centre_on_point(query, args);
  } else if (!box && args.take("BYRADIUS", 2)) {
    read_circle(query.shape, args);
  } else if (!circle && args.take("BYBOX", 3)) {
    read_box(query.shape, args);
  } else {
    return false;
  }
  return true;
}

void read_options(Query& query, ArgumentCursor args) {
  constexpr Choice<Sorting> kSortings[] = {{"ASC", Sorting::kAscending},
                                           {"DESC", Sorting::kDescending}};
  while (args.more()) {
    if (args.take("WITHDIST")) {
      query.with_distance = true;
    } else if (args.take("WITHHASH")) {
      query.with_hash = true;
    } else if (args.take("WITHCOORD")) {
      query.with_point = true;
    } else if (args.take("ANY")) {
      query.any = true;
    } else if (const auto sorting = args.take(kSortings)) {
      query.sorting = *sorting;
    } else if (args.take("COUNT", 1)) {
      query.count = to_integer(args.next());
      if (query.count <= 0) throw Error("ERR COUNT must be > 0");
    } else if (query.form == Form::kRadius && args.take("STORE", 1)) {
      query.target = args.next();
      query.store_distance = false;
    } else if (query.form == Form::kRadius && args.take("STOREDIST", 1)) {
      query.target = args.next();
      query.store_distance = true;
    } else if (!query.is_search() || !read_search_option(query, args)) {
      throw Error(errors::kSyntax);
    }
  }
}

void check_options(const Call& call, const Query& query) {
  if (query.target && (query.with_distance || query.with_hash || query.with_point)) {
    throw Error(std::string("ERR ") +
                (query.is_search() ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS") +
                " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
  }
  const std::string name(call.arg(0));
  if (query.is_search() && !query.has_centre) {
    throw Error("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + name);
  }
  if (query.is_search() && query.shape.kind == GeoShape::Kind::kNone) {
    throw Error("ERR exactly one of BYRADIUS and BYBOX can be specified for " + name);
  }
  if (query.any && query.count == 0) {
    throw Error("ERR the ANY argument requires COUNT argument");
  }
}

// ---- Searching ----

// False: as many as are wanted were found.
bool search_cell(const Query& query, GeoCell cell, std::size_t limit, std::vector<Found>& found) {
  const unsigned unused = 2 * (kMaxGeoStep - cell.step);
  const SortedSet& points = *query.points;
  const auto low = static_cast<double>(cell.bits << unused);
  const auto high = static_cast<double>((cell.bits + 1) << unused);
  const std::size_t first = points.count_before(low, SortedSet::Bound::kBefore);
  const std::size_t end = points.count_before(high, SortedSet::Bound::kBefore);
  if (first >= end) return true;
  points.for_range(first, end - first, Order::kForward, [&](std::string_view member, double score) {
    const GeoPoint point = point_of(score);
    if (const auto distance = query.shape.distance_to(point)) {
      found.push_back({std::string(member), score, point, *distance});
    }
    return limit == 0 || found.size() < limit;
  });
  return limit == 0 || found.size() < limit;
}

std::vector<Found> search(const Query& query) {
  const std::size_t limit = query.any ? static_cast<std::size_t>(query.count) : 0;
  std::vector<Found> found;
  std::optional<GeoCell> last;  // with large shapes neighbours may be the same
  const GeoShape::Cells cells = query.shape.cells();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i] || cells[i] == last) continue;
    if (!search_cell(query, *cells[i], limit, found)) break;
    if (i > 0) last = cells[i];
  }
  return found;
}

int by_distance(const Found& a, const Found& b) {
  return a.distance_m > b.distance_m ? 1 : a.distance_m == b.distance_m ? 0 : -1;
}

// In the order that is asked for, and no more than are asked for.
void arrange(const Query& query, std::vector<Found>& found) {
  const bool counted = query.count > 0 && static_cast<std::size_t>(query.count) < found.size();
  const std::size_t wanted = counted ? static_cast<std::size_t>(query.count) : found.size();
  Sorting sorting = query.sorting;
  if (query.count > 0 && sorting == Sorting::kNone && !query.any) sorting = Sorting::kAscending;
  if (sorting != Sorting::kNone) {
    const int sign = sorting == Sorting::kAscending ? 1 : -1;
    const auto compare = [sign](const Found& a, const Found& b) {
      return sign * by_distance(a, b);
    };
    if (counted) {
      partial_sort_front(found, wanted, compare);
    } else {
      std::stable_sort(found.begin(), found.end(),
                       [&](const Found& a, const Found& b) { return compare(a, b) < 0; });
    }
  }
  found.resize(wanted);
}

// ---- Answering ----

void reply_found(Call& call, const Query& query, const std::vector<Found>& found) {
  const std::size_t options =
      (query.with_distance ? 1u : 0u) + (query.with_hash ? 1u : 0u) + (query.with_point ? 1u : 0u);
  call.reply.array(found.size());
  for (const Found& one : found) {
    if (options > 0) call.reply.array(options + 1);
    call.reply.bulk(one.member);
    if (query.with_distance) reply_distance(call.reply, one.distance_m / query.shape.unit_m);
    if (query.with_hash) call.reply.integer(static_cast<std::int64_t>(one.score));
    if (query.with_point) reply_point(call.reply, one.point);
  }
}

void store_found(Call& call, const Query& query, const std::vector<Found>& found) {
  const std::string_view target = *query.target;
  const bool overwritten = call.keyspace.remove(call.db, target);
  if (found.empty()) {
    if (overwritten) call.notify(kNotifyGeneric, "del", target);
    return call.reply.integer(0);
  }
  {
    auto edit = call.keyspace.edit_sorted_set(call.db, target);
    for (const Found& one : found) {
      edit.set(one.member, query.store_distance ? one.distance_m / query.shape.unit_m : one.score);
    }
  }
  call.notify(kNotifySortedSet, query.is_search() ? "geosearchstore" : "georadiusstore", target);
  call.reply.integer(static_cast<std::int64_t>(found.size()));
}

void carry_out(Call& call, const Query& query) {
  check_options(call, query);
  std::vector<Found> found;
  if (query.points != nullptr) {
    found = search(query);
    arrange(query, found);
  }
  if (query.target) return store_found(call, query, found);
  reply_found(call, query, found);
}

Query query_of(Call& call, Form form, std::string_view key) {
  const Entry* entry = find_read(call, key, Type::kSortedSet);
  return {.form = form, .points = entry == nullptr ? nullptr : &entry->sorted_set()};
}

void search_around_point(Call& call, Form form) {
  Query query = query_of(call, form, call.arg(1));
  ArgumentCursor args(call.args, 2);
  centre_on_point(query, args);
  read_circle(query.shape, args);
  read_options(query, args);
  carry_out(call, query);
}

void search_around_member(Call& call, Form form) {
  Query query = query_of(call, form, call.arg(1));
  ArgumentCursor args(call.args, 2);
  centre_on_member(query, args.next());
  if (query.points != nullptr) {
    read_circle(query.shape, args);
  } else {
    args.skip(2);  // Redis does not look at them
  }
  read_options(query, args);
  carry_out(call, query);
}

void georadius(Call& call) { search_around_point(call, Form::kRadius); }
void georadius_ro(Call& call) { search_around_point(call, Form::kRadiusReadOnly); }
void georadiusbymember(Call& call) { search_around_member(call, Form::kRadius); }
void georadiusbymember_ro(Call& call) { search_around_member(call, Form::kRadiusReadOnly); }

void geosearch(Call& call) {
  Query query = query_of(call, Form::kSearch, call.arg(1));
  read_options(query, {call.args, 2});
  carry_out(call, query);
}

void geosearchstore(Call& call) {
  Query query = query_of(call, Form::kSearchStore, call.arg(2));
  query.target = call.arg(1);
  read_options(query, {call.args, 3});
  carry_out(call, query);
}

// The key that is searched, and those behind STORE and STOREDIST from args[from] on.
void find_keys_behind_words(Args args, std::size_t from, std::vector<KeyReference>& keys) {
  keys.push_back({args[1], kKeyRO | kKeyAccess});
  for (const std::string_view word : {"STORE", "STOREDIST"}) {
    for (std::size_t i = from; i + 1 < args.size(); ++i) {
      if (!is_word(args[i], word)) continue;
      keys.push_back({args[i + 1], kKeyOW | kKeyUpdate});
      break;
    }
  }
}

void find_georadius_keys(Args args, std::vector<KeyReference>& keys) {
  find_keys_behind_words(args, 6, keys);
}

void find_georadiusbymember_keys(Args args, std::vector<KeyReference>& keys) {
  find_keys_behind_words(args, 5, keys);
}

constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};
constexpr CommandFlags kStoring = kWrite | kDenyOom;

// clang-format off
constexpr Command kCommands[] = {
    {.name = "georadius", .arity = -6, .flags = kStoring | kMovableKeys, .group = Group::kGeo,
     .keys = kRead, .since = "3.2.0",
     .summary = "Queries a geospatial index for members within a distance from a coordinate, "
                "optionally stores the result.",
     .run = georadius, .find_keys = find_georadius_keys},
    {.name = "georadius_ro", .arity = -6, .flags = kReadonly, .group = Group::kGeo, .keys = kRead,
     .since = "3.2.10",
     .summary = "Returns members from a geospatial index that are within a distance from a "
                "coordinate.",
     .run = georadius_ro},
    {.name = "georadiusbymember", .arity = -5, .flags = kStoring | kMovableKeys,
     .group = Group::kGeo, .keys = kRead, .since = "3.2.0",
     .summary = "Queries a geospatial index for members within a distance from a member, "
                "optionally stores the result.",
     .run = georadiusbymember, .find_keys = find_georadiusbymember_keys},
    {.name = "georadiusbymember_ro", .arity = -5, .flags = kReadonly, .group = Group::kGeo,
     .keys = kRead, .since = "3.2.10",
     .summary = "Returns members from a geospatial index that are within a distance from a "
                "member.",
     .run = georadiusbymember_ro},
    {.name = "geosearch", .arity = -7, .flags = kReadonly, .group = Group::kGeo, .keys = kRead,
     .since = "6.2.0",
     .summary = "Queries a geospatial index for members inside an area of a box or a circle.",
     .run = geosearch},
    {.name = "geosearchstore", .arity = -8, .flags = kStoring, .group = Group::kGeo,
     .keys = {1, 1, 1, kKeyOW | kKeyUpdate, 0}, .since = "6.2.0",
     .summary = "Queries a geospatial index for members inside an area of a box or a circle, "
                "optionally stores the result.",
     .run = geosearchstore, .more_keys = {2, 2, 1, kKeyRO | kKeyAccess, 0}},
};
// clang-format on

}  // namespace

std::span<const Command> geo_search_commands() { return kCommands; }

}  // namespace bodega::redis
