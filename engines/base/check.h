// BODEGA_CHECK: an assertion that stays on in release builds. It is for bugs only, never for bad
// input or failing disks: when it fails, the process prints where and why and aborts.
// (Not plain CHECK: that name belongs to Catch2 in every test program.)
#pragma once

#include <string_view>

namespace bodega::base {

// Prints the failed expression and its place on standard error, then aborts.
[[noreturn]] void check_failed(std::string_view expression, std::string_view file, int line);

}  // namespace bodega::base

#define BODEGA_CHECK(expression)                        \
  (static_cast<bool>(expression) ? static_cast<void>(0) \
                                 : ::bodega::base::check_failed(#expression, __FILE__, __LINE__))
