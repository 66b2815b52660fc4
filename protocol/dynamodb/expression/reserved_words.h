// The 573 words that no expression may use as a bare attribute name. Source: "Reserved words in
// DynamoDB" in the developer guide.
#pragma once

#include <cstddef>
#include <string_view>

namespace bodega::dynamodb {

inline constexpr std::size_t kReservedWordCount = 573;

// Without regard to case.
bool is_reserved_word(std::string_view name);

}  // namespace bodega::dynamodb
