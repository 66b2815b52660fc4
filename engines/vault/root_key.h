// The root key, under which the vault seals all material: 32 random bytes in a file of the data
// folder, which is there before the first key is. Without a file it lives in memory only.
#pragma once

#include <filesystem>
#include <optional>

#include "engines/base/fault.h"
#include "engines/vault/seal.h"

namespace bodega::vault {

// A file that is there and can be read, and is no root key.
class RootKeyDamaged : public base::StorageFault {
 public:
  using base::StorageFault::StorageFault;
};

class RootKey {
 public:
  RootKey() = default;  // in memory
  explicit RootKey(std::filesystem::path file) : file_(std::move(file)) {}

  const std::filesystem::path& file() const { return file_; }

  // Returns nullopt when none was made yet. Throws RootKeyDamaged when the file has not the right
  // length, StorageFault when it cannot be read.
  std::optional<Secret> load() const;

  // Makes one. When it returns, the file is on the disk, readable by its owner only, and survives a
  // power cut: what is sealed under a key that was lost is lost too. Throws StorageFault.
  Secret create() const;

  // Renames the file, where there is one, to root.key.damaged-N. Throws StorageFault.
  void set_aside() const;

 private:
  std::filesystem::path file_;
};

}  // namespace bodega::vault
