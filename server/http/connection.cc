#include "server/http/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>
#include <variant>

#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "protocol/aws/redaction.h"
#include "server/http/fault.h"

namespace bodega::server {

// Where a sink that asked to wait and its connection meet. The sink may call from any thread, and
// keep its callback when connection and loop are gone: the timer is the connection's, therefore,
// and is taken away under the lock before it ends.
class SinkWait {
 public:
  explicit SinkWait(Timer& timer) : timer_(&timer) {}

  bool ready() const {
    const base::Lock lock(mutex_);
    return ready_;
  }

  // The wait is over. `self` keeps this for what is posted to the loop.
  static void set_ready(const std::shared_ptr<SinkWait>& self) {
    const base::Lock lock(self->mutex_);
    self->ready_ = true;
    if (self->timer_ == nullptr) return;
    asio::post(self->timer_->get_executor(), [self] { self->wake(); });
  }

  // On the connection's thread: lets the coroutine that waits go on.
  void wake() {
    const base::Lock lock(mutex_);
    if (timer_ != nullptr) timer_->cancel();
  }

  // Takes the timer away at the end of the scope.
  struct Leave {
    SinkWait& wait;
    ~Leave() {
      const base::Lock lock(wait.mutex_);
      wait.timer_ = nullptr;
    }
  };

 private:
  mutable base::Mutex mutex_;
  bool ready_ GUARDED_BY(mutex_) = false;
  Timer* timer_ GUARDED_BY(mutex_);
};

HttpConnection::HttpConnection(HttpLoop& loop, Stream stream)
    : loop_(loop),
      stream_(std::move(stream)),
      parser_(loop.limits().parser),
      peer_(stream_.peer()),
      local_port_(stream_.local_port()) {
  deadline_ = HttpLoop::Time::max();
  loop_.add(*this);
  loop_.metrics().connection_opened();
}

HttpConnection::~HttpConnection() {
  stream_.close();
  loop_.metrics().connection_closed();
  loop_.shared().open_connections.fetch_sub(1, std::memory_order_relaxed);
  loop_.remove(*this);
}

// ---- The loop's side ----

void HttpConnection::enter(Phase phase, HttpLimits::Duration limit) {
  phase_ = phase;
  progress_bytes_ = 0;
  reset_deadline(limit);
}

void HttpConnection::expire() {
  expired_ = true;
  stream_.cancel();
  if (sink_wait_) sink_wait_->wake();
}

void HttpConnection::abort() {
  aborted_ = true;
  expire();
}

void HttpConnection::stop_when_idle() {
  if (phase_ == Phase::kIdle || phase_ == Phase::kHandshake) abort();
}

// ---- One request after the other ----

Task<void> HttpConnection::serve(std::unique_ptr<HttpConnection> self) {
  bool more = co_await self->begin();
  while (more) {
    more = co_await self->serve_one();
  }
  if (self->linger_ && !self->aborted_) co_await self->linger();
  self->end();
}

// The first byte tells TLS from HTTP. False: the connection is over.
Task<bool> HttpConnection::begin() {
  enter(Phase::kIdle, loop_.limits().idle);
  const bool arrived = co_await fill();
  if (!arrived) co_return false;
  const bool is_tls = buffer_.unread().front() == kTlsFirstByte;
  if (!is_tls || loop_.shared().options.tls == nullptr) co_return true;
  const bool fine = co_await begin_tls();
  co_return fine;
}

Task<bool> HttpConnection::begin_tls() {
  enter(Phase::kHandshake, loop_.limits().handshake);
  const std::string first(buffer_.unread());
  buffer_.consume(first.size());
  const bool done = co_await stream_.start_tls(*loop_.shared().options.tls, first, peer_);
  if (done) loop_.metrics().tls_begun();
  co_return done && !expired_;
}

// A reply that broke off is left without an end for TLS too, so that the client notices.
void HttpConnection::end() {
  const TlsSession* tls = stream_.tls();
  if (tls == nullptr) return;
  if (whole_) stream_.finish();
  if (tls->failure() == TlsSession::Failure::kNone) return;
  loop_.metrics().tls_failed();
  loop_.shared().options.tls->note_failure(*tls, peer_);
}

Task<void> HttpConnection::refuse(std::unique_ptr<HttpConnection> self) {
  Transfer transfer;
  transfer.started = self->loop_.touch();
  http::Reply reply = fault_reply(503, "SlowDown", "Too many connections are open.");
  co_await self->reply_and_close(transfer, reply);
  co_await self->linger();
}

Task<bool> HttpConnection::serve_one() {
  buffer_.shrink();
  parser_.start();
  if (!co_await read_head()) co_return false;
  http::RequestHead head = parser_.take_head();
  Transfer transfer = begin_transfer(head);

  enter(Phase::kService, loop_.limits().sink);
  http::Reply reply;
  std::unique_ptr<http::BodySink> sink;
  bool failed = false;
  try {
    http::Begun begun = loop_.shared().service.begin(std::move(head));
    if (auto* whole = std::get_if<http::Reply>(&begun)) {
      reply = std::move(*whole);
    } else {
      sink = std::get<std::unique_ptr<http::BodySink>>(std::move(begun));
    }
  } catch (const std::exception& fault) {
    log::error(std::string("a service failed to begin a request: ") + fault.what());
    failed = true;
  }
  if (failed) {
    http::Reply internal = internal_error_reply();
    co_return co_await reply_and_close(transfer, internal);
  }

  if (sink) {
    BodyEnd end = BodyEnd::kDone;
    if (transfer.has_body) end = co_await read_body(transfer, *sink);
    if (end == BodyEnd::kDone) end = co_await end_body(*sink);
    if (end != BodyEnd::kDone && end != BodyEnd::kStopped) {
      sink.reset();  // nothing of the request may have happened
      if (aborted_ || (end == BodyEnd::kGone && !expired_)) co_return false;
      http::Reply why = end == BodyEnd::kBad    ? fault_reply(parser_.fault())
                        : end == BodyEnd::kGone ? slow_client_reply()
                                                : internal_error_reply();
      co_return co_await reply_and_close(transfer, why);
    }
    enter(Phase::kService, loop_.limits().sink);
    try {
      reply = sink->finish(transfer.body_done ? parser_.trailers() : http::Headers());
    } catch (const std::exception& fault) {
      log::error(std::string("a service failed to finish a request: ") + fault.what());
      reply = internal_error_reply();
      reply.close = true;
    }
    sink.reset();
  }

  const bool sent = co_await send_reply(transfer, reply);
  finish_transfer(transfer, reply, sent);
  if (!sent || !transfer.keep_alive) {
    linger_ = sent && !transfer.body_done;
    co_return false;
  }
  if (!transfer.body_done) co_return co_await drain_body(transfer);
  co_return true;
}

HttpConnection::Transfer HttpConnection::begin_transfer(http::RequestHead& head) {
  Transfer transfer;
  transfer.started = loop_.touch();
  transfer.sent_before = sent_bytes_;
  transfer.has_body = head.has_body();
  transfer.body_left = head.content_length.value_or(0);
  transfer.chunked = head.chunked;
  transfer.body_done = !transfer.has_body;
  transfer.awaits_continue = transfer.has_body && parser_.expects_continue();
  transfer.is_head = parser_.is_head_request();
  transfer.keep_alive = parser_.keep_alive();
  transfer.version_minor = head.version_minor;
  if (log::enabled(log::Level::kDebug)) {
    transfer.request_line = head.method + " " + head.path;
    if (head.has_query_mark) transfer.request_line += "?" + aws::loggable_query(head.query.raw());
  }
  head.peer = peer_;
  head.local_port = local_port_;
  head.secure = stream_.tls() != nullptr;
  return transfer;
}

// Completes what the service knows of the request, and tells the observers.
void HttpConnection::finish_transfer(Transfer& transfer, http::Reply& reply, bool sent) {
  whole_ = sent;
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::microseconds>(loop_.touch() - transfer.started);
  using Exchange = observe::Exchange;
  Exchange unknown;
  Exchange& exchange = reply.exchange ? *reply.exchange : unknown;
  exchange.service = reply.service.empty() ? "http" : reply.service;
  exchange.operation = reply.operation.empty() ? "unknown" : reply.operation;
  exchange.status = reply.status;
  exchange.error_code = std::move(reply.error_code);
  exchange.end = cut_short_ ? Exchange::End::kBrokeOff
                 : sent     ? Exchange::End::kSent
                            : Exchange::End::kClientGone;
  exchange.elapsed_us = static_cast<std::uint64_t>(elapsed.count());
  exchange.request_bytes = transfer.request_bytes;
  exchange.response_bytes = sent_bytes_ - transfer.sent_before;
  exchange.request_line = std::move(transfer.request_line);
  loop_.metrics().after(exchange);
  for (observe::Observer* observer : loop_.shared().options.observers) observer->after(exchange);
}

Task<bool> HttpConnection::reply_and_close(Transfer& transfer, http::Reply& reply) {
  reply.close = true;
  expired_ = false;
  transfer.body_done = false;  // whatever comes in now is not read as a request
  const bool sent = co_await send_reply(transfer, reply);
  finish_transfer(transfer, reply, sent);
  linger_ = sent;
  co_return false;
}

// ---- Reading ----

Task<bool> HttpConnection::read_head() {
  enter(Phase::kIdle, loop_.limits().idle);
  while (true) {
    const HttpParser::Step step = parser_.advance(buffer_.unread());
    buffer_.consume(step.consumed);
    if (step.state == HttpParser::State::kHead) co_return true;
    if (step.state == HttpParser::State::kBad) {
      Transfer transfer;
      transfer.started = loop_.touch();
      http::Reply reply = fault_reply(parser_.fault());
      co_return co_await reply_and_close(transfer, reply);
    }
    const bool started = parser_.started() || !buffer_.unread().empty();
    if (!started && loop_.stopping()) co_return false;
    if (started && phase_ == Phase::kIdle) enter(Phase::kHead, loop_.limits().head);
    if (!co_await fill()) {
      if (!expired_ || aborted_ || !started) co_return false;
      Transfer transfer;
      transfer.started = loop_.touch();
      http::Reply reply = slow_client_reply();
      co_return co_await reply_and_close(transfer, reply);
    }
  }
}

Task<HttpConnection::BodyEnd> HttpConnection::read_body(Transfer& transfer, http::BodySink& sink) {
  enter(Phase::kBody, loop_.limits().stall);
  if (transfer.awaits_continue) {
    transfer.awaits_continue = false;
    if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return BodyEnd::kGone;
    enter(Phase::kBody, loop_.limits().stall);
  }
  while (true) {
    const HttpParser::Step step = parser_.advance(buffer_.unread());
    if (step.state == HttpParser::State::kBody) {
      if (!transfer.chunked) transfer.body_left -= step.body.size();
      transfer.request_bytes += step.body.size();
      auto flow = http::BodySink::Flow::kStop;
      bool failed = false;
      try {
        flow = sink.write(step.body);
      } catch (const std::exception& fault) {
        log::error(std::string("a service failed on a request's body: ") + fault.what());
        failed = true;
      }
      buffer_.consume(step.consumed);
      if (failed) co_return BodyEnd::kFailed;
      if (flow == http::BodySink::Flow::kStop) co_return BodyEnd::kStopped;
      if (flow == http::BodySink::Flow::kWait) {
        if (!co_await wait_for_sink(sink)) co_return BodyEnd::kFailed;
        enter(Phase::kBody, loop_.limits().stall);
      }
      continue;
    }
    buffer_.consume(step.consumed);
    if (step.state == HttpParser::State::kDone) {
      transfer.body_done = true;
      co_return BodyEnd::kDone;
    }
    if (step.state == HttpParser::State::kBad) co_return BodyEnd::kBad;
    if (transfer.body_left > ReadBuffer::kSmallBytes * 4 || buffer_.was_filled_up()) {
      buffer_.grow_for_body();
    }
    if (!co_await fill()) co_return BodyEnd::kGone;
  }
}

// Gives the sink the time it wants before its answer.
Task<HttpConnection::BodyEnd> HttpConnection::end_body(http::BodySink& sink) {
  try {
    if (sink.end() != http::BodySink::Flow::kWait) co_return BodyEnd::kDone;
  } catch (const std::exception& fault) {
    log::error(std::string("a service failed at a request's end: ") + fault.what());
    co_return BodyEnd::kFailed;
  }
  const bool resumed = co_await wait_for_sink(sink);
  co_return resumed ? BodyEnd::kDone : BodyEnd::kFailed;
}

// False when it took longer than any service may, or the process stops.
Task<bool> HttpConnection::wait_for_sink(http::BodySink& sink) {
  enter(Phase::kService, loop_.limits().sink);
  Timer timer(stream_.executor(), HttpLoop::Time::max());
  const auto wait = std::make_shared<SinkWait>(timer);
  const SinkWait::Leave leave{*wait};
  sink.resume([wait] { SinkWait::set_ready(wait); });
  // A callback that comes between this look and the wait is not lost: what it posted runs on this
  // thread, hence after the wait has begun.
  if (wait->ready()) co_return true;
  sink_wait_ = wait;
  co_await timer.async_wait(kAwait);
  sink_wait_.reset();
  co_return wait->ready() && !aborted_;
}

// Reads away what is left of a body whose answer is out. False: the connection is over.
Task<bool> HttpConnection::drain_body(Transfer& transfer) {
  enter(Phase::kBody, loop_.limits().stall);
  std::uint64_t budget = loop_.limits().drain_bytes;
  while (true) {
    const HttpParser::Step step = parser_.advance(buffer_.unread());
    buffer_.consume(step.consumed);
    switch (step.state) {
      case HttpParser::State::kDone: transfer.body_done = true; co_return true;
      case HttpParser::State::kBad: linger_ = true; co_return false;
      case HttpParser::State::kHead: break;
      case HttpParser::State::kBody:
        if (step.body.size() > budget) {
          linger_ = true;
          co_return false;
        }
        budget -= step.body.size();
        break;
      case HttpParser::State::kMore:
        if (!co_await fill()) co_return false;
        break;
    }
  }
}

// Reads more into the buffer. False: the peer is gone, or the deadline passed (expired_).
Task<bool> HttpConnection::fill() {
  const auto [error, count] = co_await stream_.read_some(buffer_.room());
  if (error || expired_) co_return false;
  buffer_.filled(count);
  loop_.metrics().add_received(count);
  if (phase_ == Phase::kBody) {
    progress_bytes_ += count;
    if (progress_bytes_ >= loop_.limits().progress_bytes) enter(Phase::kBody, loop_.limits().stall);
  }
  co_return true;
}

// Our side says that it is done; what still comes in is read away, so that the kernel does not
// reset the connection while our answer is on its way.
Task<void> HttpConnection::linger() {
  stream_.shutdown_send();
  expired_ = false;
  enter(Phase::kLinger, loop_.limits().linger);
  buffer_.consume(buffer_.unread().size());
  buffer_.grow_for_body();
  while (true) {
    const bool more = co_await fill();
    if (!more) co_return;
    buffer_.consume(buffer_.unread().size());
  }
}

}  // namespace bodega::server
