// The categories of commands by name, as ACL rules, ACL CAT and COMMAND write them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

struct CategoryName {
  Category bit;
  std::string_view name;  // with the '@' in front: "@keyspace"

  constexpr std::string_view plain() const { return name.substr(1); }
};

// All of them, in the order in which Redis lists them.
std::span<const CategoryName> category_names();

// By the name without '@', in any case. "all" is none of them.
std::optional<Category> find_category(std::string_view plain_name);

}  // namespace bodega::redis
