// Syncing what a path names, a file or a folder's list of names, to the disk.
#pragma once

#include <filesystem>

namespace bodega::base {

// What went wrong: an errno, or 0. A path that is not there is an error (ENOENT).
int try_sync_path(const std::filesystem::path& path);

// Throws StorageFault when it cannot be synced.
void sync_path(const std::filesystem::path& path);

}  // namespace bodega::base
