// Why the process cannot start, as one line for a person. main() prints it and exits with status 1.
#pragma once

#include <stdexcept>

namespace bodega::server {

class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace bodega::server
