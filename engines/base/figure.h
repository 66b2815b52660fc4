// Figure: one number that metrics show.
#pragma once

#include <string>

namespace bodega::base {

struct Figure {
  std::string name;  // snake_case with its unit last, e.g. "memtable_bytes"
  double value;
};

}  // namespace bodega::base
