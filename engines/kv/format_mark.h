// The mark that says which layout a data folder has, so that an older Bodega refuses a newer folder
// with one clear line and does not misread it.
#pragma once

#include <filesystem>

namespace bodega::kv {

// Raised when what is written to the disk can no longer be read by an older program.
inline constexpr int kFormatVersion = 1;

// Throws StorageFault when there is a mark and it is newer than kFormatVersion, or no mark at all.
void check_format_mark(const std::filesystem::path& directory);

// Writes the mark where there is none, whole or not at all.
void write_format_mark(const std::filesystem::path& directory);

}  // namespace bodega::kv
