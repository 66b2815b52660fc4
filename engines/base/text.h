// Texts of ASCII, as the wire languages want them.
#pragma once

#include <string>
#include <string_view>

namespace bodega::base {

// Equality without regard to case.
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
// Without leading and trailing spaces and tabs.
std::string_view trim(std::string_view text);

}  // namespace bodega::base
