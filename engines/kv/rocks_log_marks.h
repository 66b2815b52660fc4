// LogMarks: for each write-ahead log of a database, how much of it was acknowledged. It lets a
// start tell a torn tail that no client was promised from damage, notice a log that is missing, and
// lets a recovery in place drop exactly what was never acknowledged.
//
// The file LOGMARKS in the database's folder, rewritten in place, integers big-endian:
//   header, 64 bytes:  "BODEGALM" | version u8 | durability u8 | boot id, 36 characters | zeros
//   slots, 16 bytes:   log number u64 (0: free) | acknowledged bytes u64
//
// A slot is updated after each append (each sync under Durability::kPower), which costs one small
// write into the page cache. A kill of the process loses none of these writes; a power cut may, and
// then a mark is older and promises less than the log holds. The boot id tells the two apart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engines/base/durability.h"
#include "engines/base/mutex.h"

namespace bodega::kv {

class LogMarks {
 public:
  struct Mark {
    std::uint64_t log = 0;  // its number
    std::uint64_t acknowledged_bytes = 0;
  };

  // Reads what the last user of `directory` left there. A file that is absent or not understood
  // counts as none. Throws StorageFault when it cannot be read.
  explicit LogMarks(const std::filesystem::path& directory);
  ~LogMarks();
  LogMarks(const LogMarks&) = delete;
  LogMarks& operator=(const LogMarks&) = delete;

  const std::filesystem::path& directory() const { return directory_; }

  // ---- What was found ----

  // False for a folder that was never marked (new, a checkpoint, or of an earlier version).
  bool found() const { return found_; }
  // Whether the machine has been up since the marks' header was written.
  bool same_boot() const { return same_boot_; }
  // The durability of the last user.
  base::Durability durability() const { return durability_; }

  std::vector<Mark> all() const;
  std::optional<std::uint64_t> acknowledged(std::uint64_t log) const;

  // ---- Writing. All throw StorageFault. Before begin() they change what begin() will write. ----

  // Takes the folder into use: writes the file with all marks. To be called when everything that
  // was recovered is as durable as `durability` promises.
  void begin(base::Durability durability);

  // A new log, of which nothing is acknowledged yet, or one that was found without a mark.
  void add(std::uint64_t log, std::uint64_t acknowledged_bytes);
  // Corrects a mark after acknowledged bytes were found lost and given up.
  void lower(std::uint64_t log, std::uint64_t acknowledged_bytes);
  // To be called before the log's file goes, or a start in between would miss it.
  void remove(std::uint64_t log);

  // Where the mark of a log is, for acknowledge(). REQUIRES: it has one.
  std::size_t slot_of(std::uint64_t log) const;
  // One thread at a time for each slot. A failure is ignored: the mark only promises less.
  void acknowledge(std::size_t slot, std::uint64_t bytes) noexcept;

 private:
  void read();
  void write_slot(std::size_t slot) REQUIRES_LOCK(mutex_);
  void write_all_of(const std::string& bytes, std::uint64_t offset);
  void sync();

  const std::filesystem::path directory_;
  const std::filesystem::path path_;
  int fd_ = -1;
  bool found_ = false;
  bool same_boot_ = false;
  base::Durability durability_ = base::Durability::kProcess;
  base::Durability writing_ = base::Durability::kProcess;
  mutable base::Mutex mutex_;
  std::vector<Mark> slots_ GUARDED_BY(mutex_);
};

}  // namespace bodega::kv
