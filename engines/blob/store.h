// blob::Store: large bytes as immutable blobs, each named by a 64-bit id that is never used again.
// A blob is written once as a stream, and is there for others only when its writer has finished;
// readers pin it, so that removing it takes nothing away from who is reading.
//
// The order that keeps blobs and records in agreement: bytes first (finish the writer), record
// second (commit the id), and on removal record first, blob second. A kill in between leaves at
// worst a blob that no record names, which sweep() deletes at start-up.
//
// All functions are thread-safe except those of one Writer. I/O faults (a full disk, an I/O error)
// throw base::StorageFault.
//
// Implementations: file_store.cc, memory_store.cc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engines/base/durability.h"
#include "engines/base/executor.h"

namespace bodega::blob {

using BlobId = std::uint64_t;  // never 0, so that 0 can mean "no blob" in records

struct Written {
  BlobId id = 0;
  std::uint64_t size_bytes = 0;
};

// A blob in the making. Destroyed before finish(), it leaves nothing behind.
class Writer {
 public:
  virtual ~Writer() = default;

  // Appends. After it has thrown, the writer can only be destroyed.
  virtual void write(std::string_view bytes) = 0;

  // What was written so far.
  virtual std::uint64_t size_bytes() const = 0;

  // Makes the blob exist, with the store's durability. REQUIRES: called once, and no write after
  // it.
  virtual Written finish() = 0;
};

// A blob held open. It stays readable as long as this object lives, also when it is removed.
class Reader {
 public:
  virtual ~Reader() = default;

  virtual std::uint64_t size_bytes() const = 0;

  // An open file descriptor for sendfile and pread (its offset must not be moved), or -1 when the
  // blob is in memory.
  virtual int fd() const = 0;

  // Fills `buffer` from `offset` and tells how many bytes; fewer than asked for only at the end, 0
  // behind it.
  virtual std::size_t read(std::uint64_t offset, std::span<char> buffer) const = 0;
};

struct Swept {
  std::uint64_t kept = 0;     // blobs that are named
  std::uint64_t removed = 0;  // blobs no record named, and leftovers of unfinished writers
};

struct Usage {
  std::uint64_t blobs = 0;
  std::uint64_t size_bytes = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // A writer of a new blob. It must not outlive the store.
  virtual std::unique_ptr<Writer> create() = 0;

  // The blob, pinned, or nullptr when there is none of that id.
  virtual std::shared_ptr<const Reader> open(BlobId id) const = 0;

  // Removes the blob; tells whether there was one.
  virtual bool remove(BlobId id) = 0;

  // A second blob with the same bytes, that comes and goes for itself; nothing when there is none
  // of that id. Files are linked, so it costs no bytes where the file system can link; this default
  // copies.
  virtual std::optional<BlobId> link(BlobId id);

  virtual bool exists(BlobId id) const = 0;
  virtual std::optional<std::uint64_t> size_bytes(BlobId id) const = 0;

  // Deletes every blob for which `is_named` says no, and what unfinished writers left behind; asks
  // for blobs of earlier runs only, so it may run beside everything else. Once, after opening.
  // REQUIRES: a blob of an earlier run that is_named denies is never named again.
  virtual Swept sweep(const std::function<bool(BlobId)>& is_named) = 0;

  // Calls `visit` for every blob, in no particular order.
  virtual void for_each(const std::function<void(BlobId)>& visit) const = 0;

  // Gives every finished blob a second name under `directory` (which must not exist, on the same
  // file system): what file_store opens there is a copy of this store that shares its bytes. Blobs
  // that come or go meanwhile may or may not be in it. From memory the bytes are written out.
  virtual void link_into(const std::filesystem::path& directory) const = 0;

  // Whether a run before this one wrote it; then no write of this run is about to name it.
  virtual bool is_of_earlier_run(BlobId) const { return false; }

  // How many blobs there are and their bytes; counted as they come and go, cheap to ask. The bytes
  // of earlier runs are counted by sweep().
  virtual Usage usage() const = 0;
};

// kReadOnly: to look at a folder that stays as it is. REQUIRES: only const functions are called.
enum class Access : std::uint8_t { kReadWrite, kReadOnly };

struct OpenOptions {
  std::filesystem::path directory;  // created when absent
  // kPower: the blobs of earlier runs, with whatever durability they were written, are on the disk
  // when the store is open, so that new records may link them.
  base::Durability durability = base::Durability::kProcess;
  // Where the bytes of a large blob are given back to the disk: its name goes at once, but a file
  // system takes its time over the rest. None: on the calling thread.
  base::Executor* executor = nullptr;
  Access access = Access::kReadWrite;
  // Whether room has to be saved for deletes: no blob is begun then. None: never.
  std::function<bool()> saves_room = {};
};

// Blobs as files below options.directory. Throws StorageFault with one clear line when the folder
// cannot be used. Only one store may be open on a folder; the world's lock sees to that.
std::unique_ptr<Store> open_file_store(const OpenOptions& options);

// Blobs in memory, for tests.
std::unique_ptr<Store> make_memory_store();

}  // namespace bodega::blob
