// The bytes that a connection has read and not yet used. Small while a connection waits, large
// while a large body streams through, so that idle connections cost little and big uploads few
// system calls.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace bodega::server {

class ReadBuffer {
 public:
  static constexpr std::size_t kSmallBytes = 8 * 1024;
  static constexpr std::size_t kLargeBytes = 256 * 1024;

  std::string_view unread() const { return {data_.get() + begin_, end_ - begin_}; }

  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Room to read into, never empty: what is unread moves to the front or to a larger block.
  std::span<char> room() {
    if (capacity_ == 0) resize(kSmallBytes);
    if (capacity_ - end_ < capacity_ / 4) {
      if (end_ - begin_ > capacity_ / 2) {
        resize(capacity_ * 2);
      } else if (begin_ > 0) {
        std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
      }
    }
    return {data_.get() + end_, capacity_ - end_};
  }

  void filled(std::size_t bytes) {
    end_ += bytes;
    was_filled_up_ = end_ == capacity_;
  }

  // The last read took all the room there was, so more was probably waiting.
  bool was_filled_up() const { return was_filled_up_; }

  void grow_for_body() {
    if (capacity_ < kLargeBytes) resize(kLargeBytes);
  }

  // Back to the small size when what is unread allows it.
  void shrink() {
    was_filled_up_ = false;
    if (capacity_ > kSmallBytes && end_ - begin_ <= kSmallBytes / 2) resize(kSmallBytes);
  }

 private:
  void resize(std::size_t capacity) {
    auto fresh = std::make_unique_for_overwrite<char[]>(capacity);
    const std::size_t kept = end_ - begin_;
    if (kept > 0) std::memcpy(fresh.get(), data_.get() + begin_, kept);
    data_ = std::move(fresh);
    capacity_ = capacity;
    begin_ = 0;
    end_ = kept;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool was_filled_up_ = false;
};

}  // namespace bodega::server
