#include "protocol/http/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace bodega::http {

namespace {

// Frees zlib's state on every way out.
class Stream {
 public:
  // 32 more than the window bits: gzip or zlib, whichever it is.
  bool open() { return inflateInit2(&state_, 15 + 32) == Z_OK && (opened_ = true); }
  ~Stream() {
    if (opened_) inflateEnd(&state_);
  }
  z_stream& state() { return state_; }

 private:
  z_stream state_{};
  bool opened_ = false;
};

}  // namespace

Inflated inflate_body(std::string_view compressed, std::size_t max_bytes) {
  Stream stream;
  if (!stream.open()) return {{}, InflateFault::kMalformed};
  z_stream& state = stream.state();
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  state.avail_in = static_cast<uInt>(compressed.size());
  Inflated result;
  std::array<char, 16384> buffer;
  // JSON shrinks to a quarter or less. Growing step by step would leave the smaller places behind.
  result.bytes.reserve(std::min(max_bytes + buffer.size(), 4 * compressed.size()));
  for (;;) {
    state.next_out = reinterpret_cast<Bytef*>(buffer.data());
    state.avail_out = static_cast<uInt>(buffer.size());
    const int code = inflate(&state, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END) return {{}, InflateFault::kMalformed};
    result.bytes.append(buffer.data(), buffer.size() - state.avail_out);
    if (result.bytes.size() > max_bytes) return {{}, InflateFault::kTooLarge};
    if (code == Z_STREAM_END) {
      if (state.avail_in == 0) return result;
      if (inflateReset(&state) != Z_OK) return {{}, InflateFault::kMalformed};
    } else if (state.avail_in == 0 && state.avail_out != 0) {
      return {{}, InflateFault::kMalformed};  // cut short
    }
  }
}

}  // namespace bodega::http
