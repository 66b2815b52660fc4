// The upper seam: what the HTTP server hands to a service and what it takes back. Services are
// plain synchronous code; they never see a socket. Request bodies stream in through a BodySink,
// reply bodies out through a BodySource or straight from files; neither is ever held whole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/http/headers.h"
#include "protocol/http/query.h"
#include "protocol/observe/exchange.h"

namespace bodega::http {

// A request up to its body.
struct RequestHead {
  std::string method;  // as sent, e.g. "GET"
  std::string path;    // raw, still percent-encoded, starts with '/'; never normalised
  Query query;         // without the '?'; empty when there is none
  Headers headers;
  std::optional<std::uint64_t> content_length;  // absent: chunked, or no body
  bool chunked = false;                         // Transfer-Encoding: chunked (already peeled)
  bool has_query_mark = false;                  // there was a '?', even with nothing behind it
  bool secure = false;                          // came in over TLS
  unsigned version_minor = 1;                   // 1 for HTTP/1.1, 0 for HTTP/1.0
  std::string peer;                             // "address:port" of the other side
  std::uint16_t local_port = 0;                 // of the listener that it came to
  // The Origin whose pages may read the answer by the server's own settings, for
  // Access-Control-Allow-Origin. Empty: no page of another origin may.
  std::string readable_by;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// Pulls the bytes of a reply body.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Fills up to buffer.size() bytes and tells how many; 0 means the end. Throws StorageFault.
  virtual std::size_t read(std::span<char> buffer) = 0;
};

// A run of bytes of an open file, sent with sendfile where the connection allows it.
struct FileSlice {
  int fd = -1;  // stays open as long as `pin` lives
  std::uint64_t offset = 0;
  std::uint64_t length_bytes = 0;
  std::shared_ptr<const void> pin;  // whatever keeps fd open
};

struct StreamBody {
  // Only the source knows: sent chunked, or to an HTTP/1.0 client up to the connection's end.
  static constexpr std::uint64_t kUnknownLength = UINT64_MAX;

  std::uint64_t length_bytes = 0;  // what the source will give in all
  std::unique_ptr<BodySource> source;
};

using ReplyBody = std::variant<std::string, std::vector<FileSlice>, StreamBody>;

// An answer. The server adds Content-Length (from `body`, unless the reply carries one for a HEAD),
// Date where absent, and Connection.
struct Reply {
  int status = 200;
  Headers headers;
  ReplyBody body;                   // not sent for HEAD, 204 and 304
  bool close = false;               // close the connection after this reply
  std::string_view service = "";    // static text for metrics, e.g. "s3"
  std::string_view operation = "";  // static text for metrics and log, e.g. "PutObject"
  std::string error_code;           // the service's error code, empty on success
  // What the service knows of the request, for observers; null when it was none's. The server adds
  // the fields above and how it ended.
  std::unique_ptr<observe::Exchange> exchange = nullptr;
  // What a body from files or a stream is of, for the log if it breaks off: printable, no secrets.
  std::string subject = {};
};

// Takes the bytes of a request body. Destroyed unfinished when the client goes away half-way; then
// nothing of the request may have happened.
class BodySink {
 public:
  enum class Flow {
    kMore,  // go on
    kWait,  // call resume() and neither write nor finish() until its callback has run
    kStop,  // the answer is known (an error): call finish() without the rest of the body
  };

  virtual ~BodySink() = default;
  virtual Flow write(std::string_view bytes) = 0;

  // All bytes are in. What takes long may now go on elsewhere: then it says kWait, else kMore. Not
  // called after kStop.
  virtual Flow end() { return Flow::kMore; }

  // Asks for `ready` to be called once, from any thread, when the wait is over. It may come after
  // the sink has gone.
  virtual void resume(std::function<void()> ready) { std::exchange(ready, nullptr)(); }

  // After end() (or kStop). `trailers`: the HTTP trailer fields, usually none.
  virtual Reply finish(const Headers& trailers) = 0;
};

using Begun = std::variant<Reply, std::unique_ptr<BodySink>>;

// What of a service a web page of any origin may reach through the browser of its visitor.
enum class Exposure : std::uint8_t {
  kNothing,
  kReads,   // what changes nothing, and only where the page cannot see the answer
  kSigned,  // everything: each request proves with a secret of its own who sends it
};

class Service {
 public:
  virtual ~Service() = default;

  // Static text for metrics and logs, e.g. "s3".
  virtual std::string_view name() const = 0;

  // The front asks before begin(); a service that says nothing is not exposed.
  virtual Exposure exposure() const { return Exposure::kNothing; }

  // The answer to a request that the front did not let in: 403 in the service's own form. `why` is
  // a sentence for a person.
  virtual Reply refuse(const RequestHead&, std::string_view why) {
    Reply reply;
    reply.status = 403;
    reply.body = std::string(why) + "\n";
    return reply;
  }

  // Whether this request is this service's, whatever else it looks like: for services that are not
  // AWS's, whose requests a table recognises (protocol/aws/front/recognise.h).
  virtual bool claims(const RequestHead&) const { return false; }

  // Starts the request: either the whole answer already (the body, if any, is drained or the
  // connection closed), or where the body goes. A request without a body may be given a sink too;
  // then finish() follows at once. Thread-safe. Throws nothing but bugs: a service renders its
  // errors.
  virtual Begun begin(RequestHead head) = 0;
};

}  // namespace bodega::http
