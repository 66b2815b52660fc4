// One HTTP connection: reads requests, hands them to the service, writes replies, one after the
// other, until either side is done. This file's coroutines are the only ones that speak HTTP.
//
// A connection is in one phase at a time, and each phase has a deadline, which the loop's ticker
// looks at. When it has passed, expire() wakes up whatever the connection waits for.
//
// g++ 12 miscompiles a loop whose condition is a co_await (`while (co_await …)`): it runs with a
// broken frame. Await into a variable first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/http/message.h"
#include "server/http/loop.h"
#include "server/http/parser.h"
#include "server/http/read_buffer.h"
#include "server/http/reply.h"
#include "server/http/stream.h"

namespace bodega::server {

class HttpConnection {
 public:
  // Puts itself on the loop's list of connections; the destructor takes it off.
  HttpConnection(HttpLoop& loop, Stream stream);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Serves requests until the connection ends.
  static Task<void> serve(std::unique_ptr<HttpConnection> self);
  // Tells the client that there are too many, and closes.
  static Task<void> refuse(std::unique_ptr<HttpConnection> self);

  // ---- For the loop ----
  HttpLoop::Time deadline() const { return deadline_; }
  void expire();
  void abort();
  void stop_when_idle();
  std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

 private:
  enum class Phase : std::uint8_t { kIdle, kHandshake, kHead, kBody, kService, kReply, kLinger };
  enum class BodyEnd : std::uint8_t {
    kDone,     // all of it was read
    kStopped,  // the sink knows its answer already
    kBad,      // it is not HTTP
    kGone,     // the client went away, or was too slow
    kFailed,   // the sink threw
  };

  // How the request being served and its answer pass the wire.
  struct Transfer {
    HttpLoop::Time started;
    std::uint64_t body_left = 0;  // with Content-Length: what was not read of the body
    bool has_body = false;
    bool chunked = false;
    bool body_done = true;
    bool awaits_continue = false;  // the client waits for our 100 and has had no answer yet
    bool is_head = false;
    bool keep_alive = false;
    unsigned version_minor = 1;
    std::uint64_t request_bytes = 0;  // of the body, as far as it was read
    std::uint64_t sent_before = 0;    // by this connection
    std::string request_line;         // empty unless the log is at debug
  };

  Task<bool> begin();
  Task<bool> begin_tls();
  void end();
  Task<bool> serve_one();
  Task<bool> read_head();
  Task<BodyEnd> read_body(Transfer& transfer, http::BodySink& sink);
  Task<BodyEnd> end_body(http::BodySink& sink);
  Task<bool> wait_for_sink(http::BodySink& sink);
  Task<bool> drain_body(Transfer& transfer);
  Task<bool> reply_and_close(Transfer& transfer, http::Reply& reply);
  Task<bool> send_reply(Transfer& transfer, http::Reply& reply);
  Task<bool> send_files(const http::Reply& reply, const std::vector<http::FileSlice>& slices);
  Task<bool> send_stream(const http::Reply& reply, http::StreamBody& body, Framing framing);
  void note_cut_short(const http::Reply& reply, std::string_view why);
  Task<bool> write_rest(iovec* parts, std::size_t count);
  Task<bool> write(std::string_view first, std::string_view second = {});
  Task<bool> wait_writable();
  Task<bool> fill();
  Task<void> linger();

  ReplyPlan plan_for(Transfer& transfer, const http::Reply& reply) const;
  Transfer begin_transfer(http::RequestHead& head);
  void finish_transfer(Transfer& transfer, http::Reply& reply, bool sent);
  void enter(Phase phase, HttpLimits::Duration limit);
  void reset_deadline(HttpLimits::Duration limit) { deadline_ = loop_.coarse_now() + limit; }
  void count_sent(std::size_t bytes) {
    loop_.metrics().add_sent(bytes);
    sent_bytes_ += bytes;
  }

  HttpLoop& loop_;
  Stream stream_;
  HttpParser parser_;
  ReadBuffer buffer_;
  std::string out_;
  const std::string peer_;
  const std::uint16_t local_port_;
  std::shared_ptr<class SinkWait> sink_wait_;  // while the sink has asked to wait
  HttpLoop::Time deadline_{};
  std::size_t place_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t progress_bytes_ = 0;  // of the body since the deadline was last moved
  Phase phase_ = Phase::kIdle;
  bool expired_ = false;    // the deadline passed
  bool aborted_ = false;    // the process stops and waits no longer
  bool linger_ = false;     // more may be coming in, so close gently
  bool cut_short_ = false;  // the last reply's body broke off on our side
  bool whole_ = true;       // the last reply went out to its end
};

}  // namespace bodega::server
