// Attribute values between JSON and the engine: {"S":"x"} in and out, with every rule that the
// service has about what a value may be.
#pragma once

#include <string>
#include <string_view>

#include "engines/table/format.h"
#include "engines/table/value.h"
#include "protocol/json/json.h"

namespace bodega::dynamodb {

inline constexpr std::size_t kMaxItemBytes = 409'600;
inline constexpr std::size_t kMaxAttributeNameBytes = 65'535;
inline constexpr int kMaxNesting = 32;

// What is wrong with a value. The caller knows in which words to pass it on.
struct ValueFault {
  std::string message;
};

// REQUIRES: check_types has seen the value. Throws ValueFault, also for a list, map or set that is
// larger than a whole item may be.
table::Value read_value(json::Node node);

// A map of attribute names to values: an item, a key, a starting key. Of one that is larger than an
// item may be only a part is kept, which is still larger than that. Throws ValueFault.
table::Item read_item(json::Node node);

// The same, but throws the ValidationException that most operations answer with.
table::Item read_item_or_throw(json::Node node);
table::Value read_value_or_throw(json::Node node);

// Throws ValueFault for an empty or too long attribute name.
void check_attribute_name(std::string_view name);

// Appends {"S":"x"} and so on.
void write_value(std::string& out, const table::Value& value);
void write_value(std::string& out, const table::ValueView& value);
// Appends {"name":{"S":"x"},…}.
void write_item(std::string& out, const table::Item& item);
void write_item(std::string& out, const table::ItemView& item);

// What the service says about a number that it cannot take.
std::string number_fault(table::NumberFault fault, std::string_view text);

// As the service prints a value inside messages: {S:x}, {N:1}.
std::string printed(const table::Value& value);

}  // namespace bodega::dynamodb
