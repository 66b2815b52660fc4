// Bytes on their way in and out of the object engine.
//
// In: a DataWriter takes a body as it streams, keeps it in memory while it is small and in a blob
// from then on; finish() gives Data, bytes that are stored but named by no record yet. Code that
// drops a writer or a Data leaves nothing behind; Engine::put and put_part take a Data over.
//
// Out: a Content pins the bytes of the version that was opened. It reads the same after that
// version was overwritten or deleted. It opens blobs only when they are read, since an object may
// have ten thousand of them.
//
// All of them hold what the engine belongs to (Options::owner), so they may outlive its other
// users.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/blob/store.h"

namespace bodega::object {

class PinTable;

// A run of bytes of a blob.
struct Slice {
  blob::BlobId blob = 0;
  std::uint64_t offset = 0;
  std::uint64_t length_bytes = 0;
};

// Bytes, either small and in the record or in blobs. Only one of the two is not empty.
struct Bytes {
  std::string small;
  std::vector<Slice> slices;

  std::uint64_t size_bytes() const;
};

// Stored bytes without a record. Movable; its destructor removes its blobs unless they were
// released.
class Data {
 public:
  explicit Data(std::shared_ptr<blob::Store> blobs) : blobs_(std::move(blobs)) {}
  Data(Data&& other) noexcept;
  Data& operator=(Data&& other) noexcept;
  ~Data();

  std::uint64_t size_bytes() const { return bytes_.size_bytes(); }
  const Bytes& bytes() const { return bytes_; }

 private:
  friend class DataWriter;
  friend class Engine;
  // Gives the bytes away: a record names them, or may do so (see Engine::Core::commit).
  Bytes release();
  void drop() noexcept;

  std::shared_ptr<blob::Store> blobs_;
  Bytes bytes_;
};

// Takes a body as it streams in. Not thread-safe.
class DataWriter {
 public:
  DataWriter(std::shared_ptr<blob::Store> blobs, std::uint64_t inline_limit_bytes)
      : blobs_(std::move(blobs)), inline_limit_bytes_(inline_limit_bytes) {}

  // Appends. Throws StorageFault; then the writer can only be destroyed.
  void write(std::string_view bytes);
  std::uint64_t size_bytes() const;

  // The whole. REQUIRES: called once, and no write after it.
  Data finish();

 private:
  std::shared_ptr<blob::Store> blobs_;
  std::uint64_t inline_limit_bytes_;
  std::string small_;
  std::unique_ptr<blob::Writer> large_;
};

// The bytes of one version, pinned. Copyable (copies share the pin) and thread-safe to read.
class Content {
 public:
  // A run of an open blob: `reader` keeps it open, reader->fd() is for sendfile.
  struct Run {
    std::shared_ptr<const blob::Reader> reader;
    std::uint64_t offset = 0;
    std::uint64_t length_bytes = 0;
  };

  Content() = default;
  // The engine's: pins the bytes, see pins.h for when that may be done.
  Content(PinTable& pins, Bytes&& bytes);

  std::uint64_t size_bytes() const;

  // The whole, when it is small enough to live in its record (is_inline(); also when it is empty).
  // Valid as long as this object or a copy of it lives.
  bool is_inline() const;
  std::string_view inline_bytes() const;

  // How many runs [offset, offset + length) has: so many files are open while all of them are held.
  std::size_t run_count(std::uint64_t offset, std::uint64_t length_bytes) const;

  // Opens the blobs of [offset, offset + length). REQUIRES: the range is inside, !is_inline().
  // Throws StorageFault, also when a blob is missing or shorter than its record says.
  std::vector<Run> runs(std::uint64_t offset, std::uint64_t length_bytes) const;

  // Throws StorageFault when one of these blobs is missing or shorter than its record says. Opens
  // none of them, but asks the file system about each. REQUIRES: the range is inside.
  void check_sizes(std::uint64_t offset, std::uint64_t length_bytes) const;

  // Fills `buffer` from `offset` and tells how many bytes; 0 only at the end. Works for every
  // content and opens at most one blob; for long streams of many runs, see ContentReader.
  std::size_t read(std::uint64_t offset, std::span<char> buffer) const;

 private:
  friend class Engine;
  friend class ContentReader;
  struct Pinned;  // the bytes and what keeps them from being removed
  std::shared_ptr<const Pinned> pinned_;
};

// Reads [offset, offset + length) of a content in order, with one blob open at a time.
class ContentReader {
 public:
  // REQUIRES: the range is inside the content.
  ContentReader(Content content, std::uint64_t offset, std::uint64_t length_bytes)
      : content_(std::move(content)), offset_(offset), end_(offset + length_bytes) {}

  // Fills `buffer` and tells how many bytes; 0 means the end. Throws StorageFault.
  std::size_t read(std::span<char> buffer);

 private:
  Content content_;
  std::uint64_t offset_;
  std::uint64_t end_;
  std::shared_ptr<const blob::Reader> open_;
  std::size_t open_index_ = 0;    // which slice `open_` is
  std::uint64_t open_start_ = 0;  // where that slice starts in the content
};

}  // namespace bodega::object
