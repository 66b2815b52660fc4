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

// Thrown when something cannot be opened for lack of room on the disk.
class OutOfRoom : public StorageFault {
 public:
  using StorageFault::StorageFault;
};

// Thrown by a commit of which the store knows that nothing was written, nor ever will be: it
// refused before it tried (it is read-only after a fault, or the disk is full). After any other
// StorageFault of a commit the outcome is unknown: the batch may be found at the next start.
class NotCommitted : public StorageFault {
 public:
  using StorageFault::StorageFault;
};

}  // namespace bodega::base
