// RdbStrings: a row of strings in two allocations, for what is read of a value before it is put
// into the keyspace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::redis {

class RdbStrings {
 public:
  void add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(bytes_.size());
  }
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t index) const {
    const std::uint64_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::uint64_t> ends_;
};

}  // namespace bodega::redis
