// Durability: what an acknowledged write survives. One setting for a whole world; the key-value
// store and the blob store both keep it.
#pragma once

#include <cstdint>

namespace bodega::base {

// The values are on the disk (LOGMARKS).
enum class Durability : std::uint8_t {
  kNone = 0,     // nothing is promised beyond a clean exit
  kProcess = 1,  // a kill of the process: the bytes are in the kernel's hands
  kPower = 2,    // a power cut: the bytes were synced to the disk before the write was acknowledged
};

}  // namespace bodega::base
