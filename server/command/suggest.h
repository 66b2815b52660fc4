// Finds what was meant by a misspelt word, for messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bodega::server {

// "; did you mean --http?" with the nearest of `known`, or nothing when none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace bodega::server
