// The first line of a library of functions: "#!lua name=mylib".
#pragma once

#include <string>
#include <string_view>

namespace bodega::redis {

inline constexpr const char* kBadLibraryName =
    "Library names can only contain letters, numbers, or underscores(_) and must be at least one "
    "character long";

// Whether a library, or a function, may have this name.
bool is_library_name(std::string_view text);

struct LibraryHeader {
  std::string name;
  std::string_view body;  // the code behind the line, from its end on
};

// Throws Error with Redis's texts.
LibraryHeader parse_library(std::string_view code);

}  // namespace bodega::redis
