// One target as a libFuzzer program: BODEGA_FUZZ_TARGET says which. Where a corpus folder is given,
// it gets the target's own seeds first.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fuzz/target.h"

namespace {

const bodega::fuzz::Target& target() { return bodega::fuzz::BODEGA_FUZZ_TARGET; }

}  // namespace

// NOLINTNEXTLINE: the name and the shape are libFuzzer's.
extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  for (int i = 1; i < *count; ++i) {
    const std::filesystem::path folder((*arguments)[i]);
    if (!std::filesystem::is_directory(folder)) continue;
    int number = 0;
    for (const std::string_view seed : target().seeds) {
      std::ofstream(folder / ("seed" + std::to_string(number++)), std::ios::binary) << seed;
    }
    break;
  }
  return 0;
}

// NOLINTNEXTLINE: see above.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
