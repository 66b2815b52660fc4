// StorageFault: the store could not be read or written, or what it holds cannot be understood (an
// I/O error, a full disk, corruption). The request that met it answers with its service's internal
// error.
#pragma once

#include <stdexcept>

namespace bodega::base {

class StorageFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace bodega::base
