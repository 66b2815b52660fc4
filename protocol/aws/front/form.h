// The parameters of a query service's request as a tree. The protocol flattens structures into
// names, `Tags.member.1.Key=a&Tags.member.1.Value=b`; what a name means, the shape of the input
// says.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "protocol/aws/shape/shape.h"
#include "protocol/http/query.h"

namespace bodega::aws {

// More parameters, and longer paths, are refused.
inline constexpr std::size_t kMaxFormParameters = 10'000;
inline constexpr std::size_t kMaxFormDepth = 16;

// The input as JSON text, for the checks and readers that all services share. Lists are `member.N`
// in the order of N, maps `entry.N.key` and `entry.N.value`; parameters that the shape does not
// name are left out. Returns nullopt when the form passes a limit or is not UTF-8.
std::optional<std::string> form_as_json(const http::Query& form, const Shape& input);

}  // namespace bodega::aws
