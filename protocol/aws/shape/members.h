// Readers that take members out of a request whose types and constraints are checked already.
// Absent and null are the same everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/json/json.h"

namespace bodega::aws {

// A boolean, also given as the strings true, false, yes, no, 1, 0. Returns nullopt for other
// strings.
std::optional<bool> read_boolean(json::Node node);
// A number, rounded down; what is out of range becomes the nearest that is not.
std::int64_t read_integer(json::Node node);

// The member's text, or nothing.
std::optional<std::string_view> string_member(json::Node node, std::string_view name);
std::string_view string_or(json::Node node, std::string_view name, std::string_view otherwise);
bool flag_member(json::Node node, std::string_view name);  // false when absent
std::optional<std::int64_t> integer_member(json::Node node, std::string_view name);
bool has_member(json::Node node, std::string_view name);

}  // namespace bodega::aws
