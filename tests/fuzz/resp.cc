// RESP requests: the same commands come out, whether the bytes arrive at once or in two parts.
#include <array>
#include <string>
#include <vector>

#include "engines/base/check.h"
#include "protocol/redis/wire/resp_parser.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

using redis::RespParser;

// A client that has not said who it is may send little; this keeps the fuzzer's memory small too.
constexpr RespParser::Limits kLimits{1 << 20, false};

struct Heard {
  std::vector<std::vector<std::string>> commands;
  std::string error;

  friend bool operator==(const Heard&, const Heard&) = default;
};

// Feeds the parser first the bytes up to `first`, then all.
Heard hear(std::string_view bytes, std::size_t first) {
  Heard heard;
  RespParser parser;
  std::size_t begin = 0;
  for (const std::size_t end : {first, bytes.size()}) {
    bool more = true;
    while (more) {
      // The buffer moves, as a connection's does.
      const std::string buffer(bytes.substr(begin, end - begin));
      switch (parser.parse(buffer, kLimits)) {
        case RespParser::State::kNeedMore: more = false; break;
        case RespParser::State::kCommand:
          heard.commands.emplace_back(parser.args().begin(), parser.args().end());
          [[fallthrough]];
        case RespParser::State::kEmpty:
          BODEGA_CHECK(parser.consumed() > 0 && parser.consumed() <= buffer.size());
          begin += parser.consumed();
          break;
        case RespParser::State::kError:
          BODEGA_CHECK(!parser.error().empty());
          heard.error = parser.error();
          return heard;
      }
    }
  }
  return heard;
}

void run(std::string_view bytes) {
  const std::size_t cut = take_byte(bytes);
  const Heard whole = hear(bytes, bytes.size());
  const Heard parts = hear(bytes, bytes.empty() ? 0 : cut % (bytes.size() + 1));
  BODEGA_CHECK(whole == parts);
}

constexpr std::array<std::string_view, 5> kSeeds{
    "\x05*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n*1\r\n$4\r\nPING\r\n",
    "\x03PING\r\nSET k \"a\\x41\\n\" 'it\\'s'\r\n\r\n",
    "\x07*-1\r\n*0\r\n*1\r\n$0\r\n\r\n",
    "\x02*2\r\n$-1\r\n",
    "\x09*11\r\n$1\r\na\r\n",
};

}  // namespace

const Target kResp{"resp", run, kSeeds};

}  // namespace bodega::fuzz
