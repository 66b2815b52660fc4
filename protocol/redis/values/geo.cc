// Points by name: adding them, where they are, how far apart. They are members of sorted sets.
// Searching: geo_search.cc.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engines/keyspace/engine.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/geo_points.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::SortedSet;
using keyspace::Type;

const SortedSet* find_points(Call& call) {
  const Entry* entry = find_read(call, call.arg(1), Type::kSortedSet);
  return entry == nullptr ? nullptr : &entry->sorted_set();
}

std::optional<GeoPoint> find_point(const SortedSet* points, std::string_view member) {
  const auto score = points == nullptr ? std::nullopt : points->score(member);
  if (!score) return std::nullopt;
  return point_of(*score);
}

struct AddOptions {
  bool nx = false;
  bool xx = false;
  bool changed = false;
};

void geoadd(Call& call) {
  AddOptions options;
  ArgumentCursor args(call.args, 2);
  while (args.more()) {
    if (args.take("NX")) {
      options.nx = true;
    } else if (args.take("XX")) {
      options.xx = true;
    } else if (args.take("CH")) {
      options.changed = true;
    } else {
      break;
    }
  }
  if (args.left() == 0 || args.left() % 3 != 0 || (options.nx && options.xx)) {
    throw Error(errors::kSyntax);
  }
  std::vector<std::pair<std::string_view, double>> given;
  while (args.more()) {
    const std::string_view longitude = args.next();
    const std::string_view latitude = args.next();
    const double score = score_of(to_point(longitude, latitude));
    given.emplace_back(args.next(), score);
  }

  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key, Type::kSortedSet);
  if (entry == nullptr && options.xx) return call.reply.integer(0);
  std::int64_t added = 0;
  std::int64_t moved = 0;
  auto edit = call.keyspace.edit_sorted_set(call.db, key, entry);
  for (const auto& [member, score] : given) {
    const auto present = edit->score(member);
    if (present ? options.nx : options.xx) continue;
    if (!present) {
      ++added;
    } else if (*present != score) {
      ++moved;
    }
    edit.set(member, score);
  }
  edit.close();
  if (added + moved > 0) call.notify(kNotifySortedSet, "zadd", key);
  call.reply.integer(options.changed ? added + moved : added);
}

void geodist(Call& call) {
  if (call.size() > 5) throw Error(errors::kSyntax);
  const double unit_m = call.size() == 5 ? to_unit(call.arg(4)) : 1;
  const SortedSet* points = find_points(call);
  const auto from = find_point(points, call.arg(2));
  const auto to = find_point(points, call.arg(3));
  if (!from || !to) return call.reply.null();
  reply_distance(call.reply, distance_m(*from, *to) / unit_m);
}

void geopos(Call& call) {
  const SortedSet* points = find_points(call);
  call.reply.array(call.size() - 2);
  for (const std::string_view member : call.args.subspan(2)) {
    const auto point = find_point(points, member);
    if (point) {
      reply_point(call.reply, *point);
    } else {
      call.reply.null_array();
    }
  }
}

// The name of the point's cell that other programs know. They halve all of the earth, so the bits
// are others than those of the score.
std::string geohash_of(GeoPoint point) {
  constexpr std::string_view kAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
  constexpr unsigned kBits = 2 * kMaxGeoStep;
  constexpr unsigned kLetterBits = 5;
  const std::uint64_t bits = cell_of(point, kMaxGeoStep, {-180, 180}, {-90, 90}).bits;
  std::string out;
  for (unsigned used = kLetterBits; used <= kBits; used += kLetterBits) {
    out += kAlphabet[(bits >> (kBits - used)) & 0x1f];
  }
  return out + '0';  // the last letter lacks bits: Redis answers 0
}

void geohash(Call& call) {
  const SortedSet* points = find_points(call);
  call.reply.array(call.size() - 2);
  for (const std::string_view member : call.args.subspan(2)) {
    const auto point = find_point(points, member);
    if (point) {
      call.reply.bulk(geohash_of(*point));
    } else {
      call.reply.null();
    }
  }
}

constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "geoadd", .arity = -5, .flags = kWrite | kDenyOom, .group = Group::kGeo,
     .keys = {1, 1, 1, kKeyRW | kKeyUpdate, 0}, .since = "3.2.0",
     .summary = "Adds one or more members to a geospatial index. The key is created if it doesn't "
                "exist.",
     .run = geoadd},
    {.name = "geodist", .arity = -4, .flags = kReadonly, .group = Group::kGeo, .keys = kRead,
     .since = "3.2.0",
     .summary = "Returns the distance between two members of a geospatial index.",
     .run = geodist},
    {.name = "geohash", .arity = -2, .flags = kReadonly, .group = Group::kGeo, .keys = kRead,
     .since = "3.2.0",
     .summary = "Returns members from a geospatial index as geohash strings.", .run = geohash},
    {.name = "geopos", .arity = -2, .flags = kReadonly, .group = Group::kGeo, .keys = kRead,
     .since = "3.2.0",
     .summary = "Returns the longitude and latitude of members from a geospatial index.",
     .run = geopos},
};
// clang-format on

}  // namespace

std::span<const Command> geo_commands() { return kCommands; }

}  // namespace bodega::redis
