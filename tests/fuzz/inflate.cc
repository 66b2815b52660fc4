// Compressed request bodies, up to a limit.
#include "protocol/http/inflate.h"

#include <array>

#include "engines/base/check.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxBytes = 64 * 1024;

void run(std::string_view bytes) {
  BODEGA_CHECK(http::inflate_body(bytes, kMaxBytes).bytes.size() <= kMaxBytes);
}

// "{}" as gzip, the same twice, as zlib; and a head without a body.
constexpr std::string_view kGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00"sv;
constexpr std::array<std::string_view, 3> kSeeds{
    kGzip,
    "\x78\x9c\xab\xae\x05\x00\x01\x75\x00\xf9"sv,
    "\x1f\x8b\x08\x1f\x00\x00\x00\x00\x02\x03"sv,
};

}  // namespace

const Target kInflate{"inflate", run, kSeeds};

}  // namespace bodega::fuzz
