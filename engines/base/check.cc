#include "engines/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace bodega::base {

void check_failed(std::string_view expression, std::string_view file, int line) {
  std::fprintf(stderr, "bodega: broken invariant at %.*s:%d: %.*s\n", static_cast<int>(file.size()),
               file.data(), line, static_cast<int>(expression.size()), expression.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace bodega::base
