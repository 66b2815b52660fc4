#include "protocol/redis/acl/categories.h"

#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

constexpr CategoryName kNames[] = {
    {kCatKeyspace, "@keyspace"},
    {kCatRead, "@read"},
    {kCatWrite, "@write"},
    {kCatSet, "@set"},
    {kCatSortedSet, "@sortedset"},
    {kCatList, "@list"},
    {kCatHash, "@hash"},
    {kCatString, "@string"},
    {kCatBitmap, "@bitmap"},
    {kCatHyperloglog, "@hyperloglog"},
    {kCatGeo, "@geo"},
    {kCatStream, "@stream"},
    {kCatPubsub, "@pubsub"},
    {kCatAdmin, "@admin"},
    {kCatFast, "@fast"},
    {kCatSlow, "@slow"},
    {kCatBlocking, "@blocking"},
    {kCatDangerous, "@dangerous"},
    {kCatConnection, "@connection"},
    {kCatTransaction, "@transaction"},
    {kCatScripting, "@scripting"},
};

}  // namespace

std::span<const CategoryName> category_names() { return kNames; }

std::optional<Category> find_category(std::string_view plain_name) {
  for (const CategoryName& row : kNames) {
    if (is_word(plain_name, row.plain())) return row.bit;
  }
  return std::nullopt;
}

}  // namespace bodega::redis
