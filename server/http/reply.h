// Writes the head of a reply as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/clock.h"
#include "protocol/http/message.h"

namespace bodega::server {

// How the body of a reply is marked off.
enum class Framing : std::uint8_t {
  kLength,   // Content-Length
  kChunked,  // Transfer-Encoding: chunked
  kClose,    // neither: the connection's end is the body's end (HTTP/1.0)
  kNone,     // there is no body and no word about one (204, 304)
};

enum class Persistence : std::uint8_t {
  kKeep,       // HTTP/1.1's default, nothing to say
  kKeepAlive,  // an HTTP/1.0 client asked for it and is told
  kClose,
};

struct ReplyPlan {
  Framing framing = Framing::kLength;
  std::uint64_t length_bytes = 0;  // of the body, kLength
  bool send_body = true;           // false: HEAD, 204, 304
  Persistence persistence = Persistence::kKeep;
};

// The bytes in a reply's body; nothing when only its source knows.
std::optional<std::uint64_t> body_length(const http::ReplyBody& body);

// Appends status line, fields and the blank line. The reply's own Content-Length counts only for a
// HEAD; its own Date always. Line breaks inside field values, which would forge fields, become
// spaces.
void render_head(std::string& out, const http::Reply& reply, const ReplyPlan& plan,
                 std::string_view date);

// The standard's words for a status, e.g. "Not Found".
std::string_view reason_phrase(int status);

// The Date field's text, rendered once a second. Not thread-safe.
class DateCache {
 public:
  explicit DateCache(const base::Clock& clock) : clock_(clock) {}
  std::string_view now();

 private:
  const base::Clock& clock_;
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace bodega::server
