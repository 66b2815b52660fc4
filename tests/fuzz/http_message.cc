// The HTTP decoder: the same message comes out, whether the bytes arrive at once or in parts.
#include <array>
#include <string>

#include "engines/base/check.h"
#include "server/http/parser.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

using server::HttpParser;

struct Heard {
  std::string heads;
  std::string bodies;
  int messages = 0;
  bool bad = false;

  friend bool operator==(const Heard&, const Heard&) = default;
};

// The connection's loop: what was not consumed stays in the buffer, more comes behind it.
Heard hear(std::string_view bytes, std::size_t step) {
  Heard heard;
  HttpParser parser(server::HttpParserLimits{1024, 512, 256});
  parser.start();
  std::string buffer;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    buffer += bytes.substr(at, step);
    std::size_t used = 0;
    for (bool more = false; !more;) {
      const HttpParser::Step one = parser.advance(std::string_view(buffer).substr(used));
      BODEGA_CHECK(one.consumed <= buffer.size() - used);
      used += one.consumed;
      switch (one.state) {
        case HttpParser::State::kMore: more = true; break;
        case HttpParser::State::kHead: {
          const http::RequestHead head = parser.take_head();
          heard.heads += head.method + " " + head.path + "?" + std::string(head.query.raw()) + "\n";
          for (const http::Header& field : head.headers) {
            heard.heads += field.name + ": " + field.value + "\n";
          }
          break;
        }
        case HttpParser::State::kBody: heard.bodies += one.body; break;
        case HttpParser::State::kDone:
          ++heard.messages;
          parser.start();
          break;
        case HttpParser::State::kBad: heard.bad = true; return heard;
      }
    }
    buffer.erase(0, used);
  }
  return heard;
}

void run(std::string_view bytes) {
  const std::size_t step = 1 + take_byte(bytes) % 32;
  const Heard whole = hear(bytes, bytes.size() + 1);
  const Heard parts = hear(bytes, step);
  // In parts a bad head may not be judged yet, as long as its end has not come.
  BODEGA_CHECK(whole.bad || whole == parts);
  BODEGA_CHECK(parts.messages <= whole.messages);
}

// The first byte is the step: a blank is a byte at a time.
constexpr std::array<std::string_view, 6> kSeeds{
    " POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "1\r\n0\r\n0\r\nt: v\r\n\r\n",
    "\x01GET /b/k?x HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
    "\x03PUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    "\x07POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;x=y\r\nhello\r\n0\r\nt: v\r\n\r\n",
    "\x02GET / HTTP/1.0\r\n\r\n",
    "\x05PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
};

}  // namespace

const Target kHttpMessage{"http_message", run, kSeeds};

}  // namespace bodega::fuzz
