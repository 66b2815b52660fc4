// The HTTP/1.x decoder: bytes in, one event at a time out. It holds no bytes of the body and never
// throws; Beast's bare parser does the grammar, and this class adds the limits and what a public
// server must refuse (two framings of one body, a Transfer-Encoding it does not know, no Host).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/http/message.h"

namespace bodega::server {

struct HttpParserLimits {
  std::size_t head_bytes = 32 * 1024;    // request line and header fields
  std::size_t target_bytes = 16 * 1024;  // the request line's target
  std::size_t chunk_bytes = 16 * 1024;   // a chunk's header with extensions, or all trailers
};

class HttpParser {
 public:
  enum class State : std::uint8_t {
    kMore,  // give more input, starting behind `consumed`
    kHead,  // the head is complete: take_head()
    kBody,  // `body` holds bytes of the body
    kDone,  // the message is complete
    kBad,   // it is not HTTP, or over a limit: see fault(); nothing more can be read
  };
  struct Step {
    State state;
    std::size_t consumed;   // bytes of the input that are done with
    std::string_view body;  // kBody: points into the input
  };
  struct Fault {
    int status;             // 400, 414, 501, 505
    std::string_view code;  // in S3's words, e.g. "BadRequest"
    std::string_view message;
  };

  explicit HttpParser(const HttpParserLimits& limits);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  // Begins a new message. The rest of the last one, if any, is forgotten.
  void start();

  // Reads on. `input` starts where the last step's `consumed` ended. Events come in the order
  // kHead, kBody…, kDone.
  Step advance(std::string_view input);

  // REQUIRES for the next four: kHead was said. take_head() moves the head out, once.
  http::RequestHead take_head();
  bool keep_alive() const;
  bool expects_continue() const;
  bool is_head_request() const;

  // REQUIRES: kDone was said. The fields behind the last chunk.
  const http::Headers& trailers() const;

  // REQUIRES: kBad was said.
  const Fault& fault() const;

  // Whether anything of the message has been seen (blank lines in front of it do not count).
  bool started() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bodega::server
