#include "server/redis/connection.h"

#include <netinet/tcp.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <new>
#include <utility>

#include "engines/base/log.h"
#include "protocol/redis/instance/instance.h"
#include "server/redis/listener.h"
#include "server/tls/tls.h"

namespace bodega::server {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
// What one connection may run in a tick, so that a long pipeline does not starve the others.
constexpr int kCommandsPerTick = 256;
// What is written to one connection before the others get their turn.
constexpr std::size_t kWrittenAtOnceBytes = 1024 * 1024;
// What is kept of the requests of a client that does not read its replies. A client may well send
// all it has to ask before it reads, so this is more than any pipeline has.
constexpr std::size_t kInputOfSlowReaderBytes = 64 * 1024 * 1024;
// A reply buffer larger than this is given back once it is written.
constexpr std::size_t kKeptOutputBytes = 256 * 1024;

}  // namespace

RedisConnection::RedisConnection(RedisListener& listener, StreamSocket socket)
    : listener_(listener),
      socket_(std::move(socket)),
      descriptor_(static_cast<int>(socket_.native_handle())),
      session_(listener.instance(), *this) {
  StreamEnds ends = ends_of(socket_);
  address_ = std::move(ends.remote);
  local_address_ = std::move(ends.local);
  boost::system::error_code error;  // options of TCP mean nothing elsewhere
  socket_.set_option(tcp::no_delay(true), error);
  socket_.non_blocking(true, error);
  const auto keepalive = static_cast<int>(listener.instance().parameters().live().tcp_keepalive_s);
  if (keepalive > 0) {
    socket_.set_option(asio::socket_base::keep_alive(true), error);
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_KEEPIDLE, &keepalive, sizeof(keepalive));
  }
}

void RedisConnection::end_for_want_of_memory() {
  try {
    log::warn("redis: not enough memory to serve " + address_ + ", which is closed");
    if (unsent_.empty() && session_.output().empty()) {
      boost::system::error_code error;
      write_some("-OOM out of memory\r\n", error);
    }
    close();
  } catch (const std::bad_alloc&) {
    // Closed, but the loop has no room to note it: the connection goes with the server.
  }
}

void RedisConnection::start() { read(); }

// The read fills the session's buffer, which must stay where it is until then: nothing else runs
// this session meanwhile, since it is neither parked nor has input left. What TLS brings is read
// when it is there.
void RedisConnection::read() {
  guarded([this] {
    if (closed_ || reading_ || watching_) return;
    if (tls_) return watch();
    const auto room = session_.room(kReadBytes);
    socket_.async_read_some(
        asio::buffer(room.data(), room.size()),
        [this, data = room.data()](const boost::system::error_code& error, std::size_t bytes) {
          --operations_;
          reading_ = false;
          listener_.activate();
          if (error) return close();
          arrived({data, bytes});
        });
    reading_ = true;
    ++operations_;
  });
}

// What was read into the session's room. The first byte tells TLS from RESP.
void RedisConnection::arrived(std::string_view bytes) {
  const bool first = std::exchange(fresh_, false);
  if (first && listener_.tls() != nullptr) {
    if (bytes.front() == kTlsFirstByte) return guarded([this, bytes] { begin_tls(bytes); });
    if (listener_.tls()->refuses_plain()) return refuse_plain();
  }
  take(bytes.size());
  process();
}

void RedisConnection::refuse_plain() {
  boost::system::error_code error;
  write_some("-ERR this port speaks TLS only\r\n", error);
  close();
}

void RedisConnection::take(std::size_t bytes) {
  session_.received(bytes);
  redis::Statistics& statistics = listener_.instance().statistics();
  statistics.bytes_in += bytes;
  ++statistics.reads;
}

void RedisConnection::process() {
  guarded([this] { run(); });
}

void RedisConnection::run() {
  if (closed_) return;
  switch (session_.process(kCommandsPerTick)) {
    case redis::Session::Progress::kIdle: listener_.read_after_replies(*this); break;
    case redis::Session::Progress::kMore: listener_.run_again(*this); break;
    case redis::Session::Progress::kParked: watch(); break;
    case redis::Session::Progress::kClosing:
    case redis::Session::Progress::kDropped: listener_.instance().touch(session_); break;
  }
}

// While a session is parked, its peer may go away or send more. The session may be resumed at any
// time, so no read may hold its buffer: readiness is awaited, and then read at once.
void RedisConnection::watch() {
  if (closed_ || watching_ || reading_ || !may_read_more()) return;
  const auto then = [this](const boost::system::error_code& error) {
    --operations_;
    watching_ = false;
    listener_.activate();
    if (error) return close();
    if (!closed_) guarded([this] { read_now(); });
  };
  if (tls_ && tls_->may_hold_bytes()) {
    asio::post(socket_.get_executor(), [then] { then({}); });
  } else {
    const bool writes = tls_ && tls_->read_wants_write();
    socket_.async_wait(writes ? Socket::wait_write : Socket::wait_read, then);
  }
  watching_ = true;
  ++operations_;
}

bool RedisConnection::may_read_more() const {
  return !session_.output_is_full() || session_.input_bytes() < kInputOfSlowReaderBytes;
}

void RedisConnection::read_now() {
  const auto room = session_.room(kReadBytes);
  boost::system::error_code error;
  const std::size_t bytes = tls_ ? read_tls(room, error)
                                 : socket_.read_some(asio::buffer(room.data(), room.size()), error);
  if (error && error != asio::error::would_block) return close();
  if (!error) take(bytes);
  process();
}

void RedisConnection::flush() {
  guarded([this] {
    if (closed_) return;
    if (session_.dropped()) return close();
    if (!session_.delivery.held) write();
  });
}

// What the session has put out goes to the kernel, or behind what waits for it already.
void RedisConnection::write() {
  std::string& output = session_.output();
  std::size_t sent = 0;
  if (unsent_.empty()) {
    boost::system::error_code error;
    sent = send(std::string_view(output).substr(0, kWrittenAtOnceBytes), error);
    if (error && error != asio::error::would_block) return close();
  }
  if (sent < output.size()) {
    unsent_.take(output, sent);
    note_unsent();
    return await_room();
  }
  if (output.capacity() > kKeptOutputBytes) {
    std::string().swap(output);
  } else {
    output.clear();
  }
  if (session_.closing() && unsent_.empty()) close();
}

// In turns, so that a large reply to one client does not keep the others waiting.
void RedisConnection::write_unsent() {
  std::size_t left = kWrittenAtOnceBytes;
  while (!unsent_.empty() && left > 0) {
    boost::system::error_code error;
    const std::string_view next = unsent_.front().substr(0, left);
    const std::size_t sent = send(next, error);
    if (error && error != asio::error::would_block) return close();
    if (sent > 0) unsent_.sent(sent);
    left -= sent;
    if (sent < next.size()) break;
  }
  note_unsent();
  if (!unsent_.empty()) return await_room();
  listener_.instance().touch(session_);
}

// What the session puts out in the meantime belongs to a tick that may not be committed yet: it
// comes at the end of that.
void RedisConnection::await_room() {
  if (writing_) return;
  socket_.async_wait(Socket::wait_write, [this](const boost::system::error_code& failure) {
    --operations_;
    writing_ = false;
    listener_.activate();
    if (failure) return close();
    guarded([this] {
      if (!closed_) write_unsent();
    });
  });
  writing_ = true;
  ++operations_;
}

void RedisConnection::note_unsent() {
  session_.delivery.unsent_bytes = unsent_.bytes();
  session_.resume_if_drained();
}

// As much as the kernel takes; fewer bytes than given come with an error.
std::size_t RedisConnection::send(std::string_view bytes, boost::system::error_code& error) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const std::size_t taken = write_some(bytes.substr(sent), error);
    if (error) break;
    sent += taken;
    ++listener_.instance().statistics().writes;
  }
  if (sent > 0) session_.note_traffic();
  listener_.instance().statistics().bytes_out += sent;
  return sent;
}

std::size_t RedisConnection::write_some(std::string_view bytes, boost::system::error_code& error) {
  if (tls_) return write_tls(bytes, error);
  return socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
}

void RedisConnection::close() {
  if (closed_) return;
  closed_ = true;
  if (tls_) end_tls();
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_both, error);
  socket_.close(error);
  session_.drop();
  listener_.closed(*this);
}

}  // namespace bodega::server
