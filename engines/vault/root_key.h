// The root key, under which the vault seals all material: 32 random bytes in a file of the data
// folder, which is there before the first key is. Without a file it lives in memory only.
#pragma once

#include <filesystem>
#include <optional>

#include "engines/vault/seal.h"

namespace bodega::vault {

class RootKey {
 public:
  RootKey() = default;  // in memory
  explicit RootKey(std::filesystem::path file) : file_(std::move(file)) {}

  const std::filesystem::path& file() const { return file_; }

  // Returns nullopt when none was made yet. Throws StorageFault when the file cannot be read or has
  // not the right length.
  std::optional<Secret> load() const;

  // Makes one. When it returns, the file is on the disk, readable by its owner only, and survives a
  // power cut: what is sealed under a key that was lost is lost too. Throws StorageFault.
  Secret create() const;

 private:
  std::filesystem::path file_;
};

}  // namespace bodega::vault
