// Keys in requests: what the service says about keys and index keys that do not fit the table.
#pragma once

#include <span>
#include <string_view>

#include "engines/table/engine.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

// Of a Key parameter, which must hold the key attributes and nothing else. Throws Error.
table::ItemKey lookup_key(const table::Table& table, const table::Item& key);

// Of a whole item. Throws Error, also for index keys that cannot be stored.
table::ItemKey stored_key(const table::Table& table, const table::Item& item);

// Whose words to use for a bad index key.
enum class Writer : std::uint8_t { kPut, kUpdate };
void check_index_keys(const table::Table& table, const table::Item& item, Writer writer);

// Throws Error when an update touches a key attribute.
void check_no_key_updates(const table::Table& table, std::span<const std::string_view> attributes);

// Throws Error when one of the attributes, which some path looks into, is a key of the table or of
// an index: keys are scalars.
void check_no_nested_keys(const table::Table& table, std::span<const std::string_view> attributes);

}  // namespace bodega::dynamodb
