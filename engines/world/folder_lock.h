// Holds a folder for one process: the lock file in it is locked as long as this object lives. The
// kernel lets go of it when the process ends, however it ends.
#pragma once

#include <filesystem>

namespace bodega::world {

class FolderLock {
 public:
  // Creates the folder when it is absent. Throws StorageFault, in one line for a person, when it
  // cannot be created or written to, or when another process holds it.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // Whether a process holds this folder now. False also when there is no lock file.
  static bool is_held(const std::filesystem::path& folder);

 private:
  int fd_ = -1;
};

}  // namespace bodega::world
