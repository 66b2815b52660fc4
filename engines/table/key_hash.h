// The digest that orders partitions: the first four bytes, big-endian, of MD5("Outliers" | first |
// second). Written out here because it is on the path of every request, and a whole digest through
// a general library costs several times the one block it nearly always is.
#pragma once

#include <cstdint>
#include <string_view>

namespace bodega::table {

std::uint32_t key_hash(std::string_view first, std::string_view second = {});

}  // namespace bodega::table
