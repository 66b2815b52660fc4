// Unsent: what a connection has put out and the kernel did not take yet: a queue of chunks, so that
// it grows without being copied and gives its memory back while it goes out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::server {

class Unsent {
 public:
  bool empty() const { return bytes_ == 0; }
  std::size_t bytes() const { return bytes_; }

  // Takes what stands in `output` from `from` on; `output` is empty afterwards.
  // REQUIRES: from == 0 unless empty().
  void take(std::string& output, std::size_t from);

  // What is to go out next. REQUIRES: not empty.
  std::string_view front() const { return std::string_view(chunks_[first_]).substr(sent_); }
  // So many bytes of front() went out.
  void sent(std::size_t bytes);

 private:
  void drop_first();

  std::vector<std::string> chunks_;  // those before first_ have gone out
  std::size_t first_ = 0;
  std::size_t sent_ = 0;  // of the first
  std::size_t bytes_ = 0;
};

}  // namespace bodega::server
