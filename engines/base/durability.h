// Durability: what an acknowledged write survives. One setting for a whole world; the key-value
// store and the blob store both keep it.
#pragma once

#include <cstdint>

namespace bodega::base {

enum class Durability : std::uint8_t {
  kNone,     // nothing is promised beyond a clean exit
  kProcess,  // a kill of the process: the bytes are in the kernel's hands
  kPower,    // a power cut: the bytes were synced to the disk before the write was acknowledged
};

}  // namespace bodega::base
