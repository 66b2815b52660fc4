#include "engines/object/content.h"

#include <algorithm>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "engines/object/pins.h"

namespace bodega::object {

std::uint64_t Bytes::size_bytes() const {
  std::uint64_t size = small.size();
  for (const Slice& slice : slices) size += slice.length_bytes;
  return size;
}

// ---- In ----

Data::Data(Data&& other) noexcept
    : blobs_(std::move(other.blobs_)), bytes_(std::exchange(other.bytes_, Bytes{})) {}

Data& Data::operator=(Data&& other) noexcept {
  if (this != &other) {
    drop();
    blobs_ = std::move(other.blobs_);
    bytes_ = std::exchange(other.bytes_, Bytes{});
  }
  return *this;
}

Data::~Data() { drop(); }

Bytes Data::release() { return std::exchange(bytes_, Bytes{}); }

void Data::drop() noexcept {
  for (const Slice& slice : bytes_.slices) {
    try {
      blobs_->remove(slice.blob);
    } catch (const base::StorageFault& fault) {
      // The sweep at start-up removes it.
      log::warn(std::string("blob of a dropped write stays: ") + fault.what());
    }
  }
  bytes_ = Bytes{};
}

void DataWriter::write(std::string_view bytes) {
  if (large_ == nullptr) {
    if (small_.size() + bytes.size() <= inline_limit_bytes_) {
      small_.append(bytes);
      return;
    }
    large_ = blobs_->create();
    large_->write(small_);
    std::string().swap(small_);
  }
  large_->write(bytes);
}

std::uint64_t DataWriter::size_bytes() const {
  return large_ == nullptr ? small_.size() : large_->size_bytes();
}

Data DataWriter::finish() {
  Data data(blobs_);
  if (large_ == nullptr) {
    data.bytes_.small = std::move(small_);
  } else {
    const blob::Written written = large_->finish();
    data.bytes_.slices.push_back({written.id, 0, written.size_bytes});
    large_.reset();
  }
  return data;
}

// ---- Pins ----

void PinTable::pin(const std::vector<Slice>& slices) {
  const base::Lock lock(mutex_);
  for (const Slice& slice : slices) ++pins_[slice.blob].count;
}

void PinTable::unpin(const std::vector<Slice>& slices) noexcept {
  std::vector<blob::BlobId> last;
  {
    const base::Lock lock(mutex_);
    for (const Slice& slice : slices) {
      const auto at = pins_.find(slice.blob);
      BODEGA_CHECK(at != pins_.end());
      if (--at->second.count > 0) continue;
      if (at->second.removed) last.push_back(slice.blob);
      pins_.erase(at);
    }
  }
  remover_.remove(last);
}

void PinTable::remove(const std::vector<blob::BlobId>& ids) {
  if (ids.empty()) return;
  std::vector<blob::BlobId> now;
  {
    const base::Lock lock(mutex_);
    for (const blob::BlobId id : ids) {
      const auto at = pins_.find(id);
      if (at == pins_.end()) {
        now.push_back(id);
      } else {
        at->second.removed = true;
      }
    }
  }
  remover_.remove(now);
}

bool PinTable::is_going(blob::BlobId id) const {
  {
    const base::Lock lock(mutex_);
    const auto at = pins_.find(id);
    if (at != pins_.end()) return at->second.removed;
  }
  return remover_.is_waiting(id);
}

// ---- Out ----

Content::Pinned::Pinned(PinTable& table, Bytes&& pinned_bytes)
    : pins(table), bytes(std::move(pinned_bytes)) {
  starts.reserve(bytes.slices.size());
  for (const Slice& slice : bytes.slices) {
    starts.push_back(size_bytes);
    size_bytes += slice.length_bytes;
  }
  size_bytes += bytes.small.size();
  if (bytes.slices.empty()) return;
  blobs = pins.held_blobs();
  pins.pin(bytes.slices);
}

Content::Pinned::~Pinned() {
  if (!bytes.slices.empty()) pins.unpin(bytes.slices);
}

namespace {

// A blob may be longer than what a record names of it, as a copied part is a range of another blob.
void check_size(const Slice& slice, std::optional<std::uint64_t> size_bytes) {
  std::string id;
  base::put_u64(id, slice.blob);
  if (!size_bytes) throw base::StorageFault("its blob " + base::to_hex(id) + " is missing");
  const std::uint64_t needed = slice.offset + slice.length_bytes;
  if (*size_bytes >= needed) return;
  throw base::StorageFault("its blob " + base::to_hex(id) + " has " + std::to_string(*size_bytes) +
                           " bytes, where its record needs " + std::to_string(needed));
}

}  // namespace

std::size_t Content::Pinned::slice_at(std::uint64_t offset) const {
  const auto behind = std::upper_bound(starts.begin(), starts.end(), offset);
  return static_cast<std::size_t>(behind - starts.begin()) - 1;
}

std::shared_ptr<const blob::Reader> Content::Pinned::open_slice(std::size_t index) const {
  const Slice& slice = bytes.slices[index];
  std::shared_ptr<const blob::Reader> reader = blobs->open(slice.blob);
  check_size(slice, reader == nullptr ? std::nullopt : std::optional(reader->size_bytes()));
  return reader;
}

Content::Content(PinTable& pins, Bytes&& bytes)
    : pinned_(std::make_shared<const Pinned>(pins, std::move(bytes))) {}

std::uint64_t Content::size_bytes() const { return pinned_ == nullptr ? 0 : pinned_->size_bytes; }

bool Content::is_inline() const { return pinned_ == nullptr || pinned_->bytes.slices.empty(); }

std::string_view Content::inline_bytes() const {
  return pinned_ == nullptr ? std::string_view() : std::string_view(pinned_->bytes.small);
}

std::size_t Content::run_count(std::uint64_t offset, std::uint64_t length_bytes) const {
  if (is_inline() || length_bytes == 0) return 0;
  return pinned_->slice_at(offset + length_bytes - 1) - pinned_->slice_at(offset) + 1;
}

std::vector<Content::Run> Content::runs(std::uint64_t offset, std::uint64_t length_bytes) const {
  BODEGA_CHECK(offset <= size_bytes() && length_bytes <= size_bytes() - offset);
  std::vector<Run> runs;
  if (is_inline()) return runs;
  while (length_bytes > 0) {
    const std::size_t index = pinned_->slice_at(offset);
    const Slice& slice = pinned_->bytes.slices[index];
    const std::uint64_t within = offset - pinned_->starts[index];
    const std::uint64_t length = std::min(length_bytes, slice.length_bytes - within);
    runs.push_back({pinned_->open_slice(index), slice.offset + within, length});
    offset += length;
    length_bytes -= length;
  }
  return runs;
}

void Content::check_sizes(std::uint64_t offset, std::uint64_t length_bytes) const {
  if (is_inline() || length_bytes == 0) return;
  const std::size_t last = pinned_->slice_at(offset + length_bytes - 1);
  for (std::size_t index = pinned_->slice_at(offset); index <= last; ++index) {
    const Slice& slice = pinned_->bytes.slices[index];
    check_size(slice, pinned_->blobs->size_bytes(slice.blob));
  }
}

std::size_t Content::read(std::uint64_t offset, std::span<char> buffer) const {
  if (offset >= size_bytes() || buffer.empty()) return 0;
  const auto want =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size_bytes() - offset));
  return ContentReader(*this, offset, want).read(buffer.first(want));
}

std::size_t ContentReader::read(std::span<char> buffer) {
  std::size_t length =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end_ - offset_));
  if (length == 0) return 0;
  if (content_.is_inline()) {
    content_.inline_bytes().copy(buffer.data(), length, static_cast<std::size_t>(offset_));
    offset_ += length;
    return length;
  }
  const Content::Pinned& pinned = *content_.pinned_;
  if (open_ == nullptr || offset_ >= open_start_ + pinned.bytes.slices[open_index_].length_bytes) {
    open_index_ = pinned.slice_at(offset_);
    open_start_ = pinned.starts[open_index_];
    open_ = pinned.open_slice(open_index_);
  }
  const Slice& slice = pinned.bytes.slices[open_index_];
  const std::uint64_t within = offset_ - open_start_;
  length = static_cast<std::size_t>(std::min<std::uint64_t>(length, slice.length_bytes - within));
  const std::size_t got = open_->read(slice.offset + within, buffer.first(length));
  if (got == 0) throw base::StorageFault("its blob became shorter while it was read");
  offset_ += got;
  return got;
}

}  // namespace bodega::object
