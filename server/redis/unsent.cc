#include "server/redis/unsent.h"

#include <utility>

namespace bodega::server {
namespace {

// Short outputs are gathered in chunks of this size; longer ones are chunks as they are.
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::size_t kGatheredBytes = 16 * 1024;
// Chunks that have gone out keep their places until there are so many of them.
constexpr std::size_t kMostGone = 64;

}  // namespace

void Unsent::take(std::string& output, std::size_t from) {
  const std::size_t bytes = output.size() - from;
  if (bytes == 0) return output.clear();
  if (empty()) sent_ = 0;
  if (bytes > kGatheredBytes) {
    if (empty()) sent_ = from;
    chunks_.push_back(std::move(output));
    output = {};
  } else {
    if (empty() || chunks_.back().capacity() - chunks_.back().size() < bytes) {
      chunks_.emplace_back().reserve(kChunkBytes);
    }
    chunks_.back().append(output, from);
    output.clear();
  }
  bytes_ += bytes;
}

void Unsent::sent(std::size_t bytes) {
  sent_ += bytes;
  bytes_ -= bytes;
  if (sent_ == chunks_[first_].size()) drop_first();
}

void Unsent::drop_first() {
  std::string().swap(chunks_[first_]);
  ++first_;
  sent_ = 0;
  if (first_ == chunks_.size()) {
    std::vector<std::string>().swap(chunks_);
    first_ = 0;
  } else if (first_ >= kMostGone) {
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

}  // namespace bodega::server
