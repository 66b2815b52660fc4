// RDB files on the disk: written beside their place and then put there, so that a name always leads
// to a whole file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engines/base/descriptor.h"
#include "engines/base/function_ref.h"
#include "protocol/redis/rdb/input.h"

namespace bodega::redis {

// Hands `write` a sink for the file's bytes, syncs the file and renames it to `path`. Returns what
// went wrong, in words; empty: nothing, and otherwise `path` is as it was.
using FileSink = base::FunctionRef<void(std::string_view bytes)>;
std::string write_rdb_file(const std::filesystem::path& path,
                           base::FunctionRef<void(FileSink sink)> write);

// A file that is open for reading.
class RdbFile {
 public:
  // What cannot be opened is told by failure().
  explicit RdbFile(const std::filesystem::path& path);

  const std::string& failure() const { return failure_; }
  std::uint64_t size_bytes() const { return size_bytes_; }
  // Reads it from the start; it must outlive what is returned.
  RdbInput::Read reader();

 private:
  base::Descriptor file_;
  std::uint64_t size_bytes_ = 0;
  std::string failure_;
};

}  // namespace bodega::redis
