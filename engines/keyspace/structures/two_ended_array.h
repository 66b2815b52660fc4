// TwoEndedArray: a growing array with room on both sides, for plain movable data. Pushing and
// popping at either end is O(1) amortised; inserting and erasing in the middle moves the shorter
// side.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>

#include "engines/base/check.h"

namespace bodega::keyspace {

template <class T, std::size_t kMinimum = 4>
class TwoEndedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  TwoEndedArray() = default;
  ~TwoEndedArray() { std::free(data_); }
  TwoEndedArray(const TwoEndedArray&) = delete;
  TwoEndedArray& operator=(const TwoEndedArray&) = delete;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t capacity_bytes() const { return capacity_ * sizeof(T); }

  T& operator[](std::size_t index) { return data_[head_ + index]; }
  const T& operator[](std::size_t index) const { return data_[head_ + index]; }
  T& front() { return data_[head_]; }
  const T& front() const { return data_[head_]; }
  T& back() { return data_[head_ + size_ - 1]; }
  const T& back() const { return data_[head_ + size_ - 1]; }

  void push_front(const T& value) {
    if (head_ == 0) make_room(Side::kFront);
    data_[--head_] = value;
    ++size_;
  }
  void push_back(const T& value) {
    if (head_ + size_ == capacity_) make_room(Side::kBack);
    data_[head_ + size_++] = value;
  }
  void pop_front() {
    ++head_;
    if (--size_ == 0) head_ = capacity_ / 2;
  }
  void pop_back() {
    if (--size_ == 0) head_ = capacity_ / 2;
  }

  // Before `index`. REQUIRES: index <= size().
  void insert(std::size_t index, const T& value) {
    if (index == 0) return push_front(value);
    if (index == size_) return push_back(value);
    if (index < size_ / 2) {
      if (head_ == 0) make_room(Side::kFront);
      std::memmove(data_ + head_ - 1, data_ + head_, index * sizeof(T));
      --head_;
    } else {
      if (head_ + size_ == capacity_) make_room(Side::kBack);
      std::memmove(data_ + head_ + index + 1, data_ + head_ + index, (size_ - index) * sizeof(T));
    }
    ++size_;
    data_[head_ + index] = value;
  }

  void erase(std::size_t index, std::size_t count = 1) {
    if (index < size_ - index - count) {
      std::memmove(data_ + head_ + count, data_ + head_, index * sizeof(T));
      head_ += static_cast<std::uint32_t>(count);
    } else {
      std::memmove(data_ + head_ + index, data_ + head_ + index + count,
                   (size_ - index - count) * sizeof(T));
    }
    size_ -= static_cast<std::uint32_t>(count);
    if (size_ == 0) head_ = capacity_ / 2;
  }

 private:
  enum class Side { kFront, kBack };

  // Doubles when more than half is in use, else only shifts; the room goes to the side that asked,
  // unless pushes come from both.
  void make_room(Side side) {
    const std::size_t wanted = size_ * 2 > capacity_ || capacity_ < kMinimum
                                   ? std::max(kMinimum, std::size_t{capacity_} * 2)
                                   : std::size_t{capacity_};
    const std::size_t room = wanted - size_;
    const std::size_t head = side == Side::kFront ? room - room / 4 : room / 4;
    if (wanted == capacity_) {
      std::memmove(static_cast<void*>(data_ + head), data_ + head_, size_ * sizeof(T));
    } else {
      T* grown = static_cast<T*>(std::malloc(wanted * sizeof(T)));
      if (grown == nullptr) throw std::bad_alloc();
      if (size_ > 0)
        std::memcpy(static_cast<void*>(grown + head), data_ + head_, size_ * sizeof(T));
      std::free(data_);
      data_ = grown;
      capacity_ = static_cast<std::uint32_t>(wanted);
    }
    head_ = static_cast<std::uint32_t>(head);
  }

  T* data_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace bodega::keyspace
