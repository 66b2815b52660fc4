// A file descriptor that closes itself, and what is written through one at once.
#pragma once

#include <string_view>
#include <utility>

namespace bodega::base {

class Descriptor {
 public:
  // -1, as open() returns it on failure: none.
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Whether all bytes were written and are on the disk; errno says why not.
bool write_durably(int fd, std::string_view bytes);

}  // namespace bodega::base
