// One RESP connection: its socket and its session. Reads run what they bring at once; what is to be
// written waits for the end of the tick (RedisListener). When the first byte is TLS's, a TlsSession
// stands between the two from then on; what begins it is in connection_tls.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "protocol/redis/instance/session.h"
#include "server/net/asio.h"
#include "server/redis/stream_socket.h"
#include "server/redis/unsent.h"
#include "server/tls/session.h"

namespace bodega::server {

class RedisListener;

class RedisConnection : public redis::Peer {
 public:
  // REQUIRES: the socket is connected and belongs to the loop's context.
  RedisConnection(RedisListener& listener, StreamSocket socket);

  std::string address() const override { return address_; }
  std::string local_address() const override { return local_address_; }
  int descriptor() const override { return descriptor_; }

  redis::Session& session() { return session_; }

  // Begins to read.
  void start();
  // Waits for more to arrive, unless that is happening already.
  void read();
  // Runs what has arrived, up to the tick's share; the listener calls it again when there is more.
  void process();
  // Writes what the session has put out, and closes when it is to end. REQUIRES: the tick that put
  // it out is committed.
  void flush();
  void close();

  // Closed, and no operation refers to it any more: it may be destroyed.
  bool finished() const { return closed_ && operations_ == 0; }
  bool closed() const { return closed_; }

  bool queued_again = false;  // the listener will call process() in its next tick

 private:
  // Runs `work`; when there is no memory for it, this connection ends, and no other notices.
  template <class Work>
  void guarded(Work work) {
    try {
      work();
    } catch (const std::bad_alloc&) {
      end_for_want_of_memory();
    }
  }
  void end_for_want_of_memory();

  void run();
  void read_now();
  void arrived(std::string_view bytes);
  void refuse_plain();
  void take(std::size_t bytes);
  void watch();
  void write();
  void write_unsent();
  void await_room();
  std::size_t send(std::string_view bytes, boost::system::error_code& error);
  void note_unsent();
  bool may_read_more() const;
  std::size_t write_some(std::string_view bytes, boost::system::error_code& error);

  void begin_tls(std::string_view first);
  void shake_hands();
  void limit_handshake();
  std::size_t read_tls(std::span<char> room, boost::system::error_code& error);
  std::size_t write_tls(std::string_view bytes, boost::system::error_code& error);
  void end_tls();

  RedisListener& listener_;
  StreamSocket socket_;
  std::string address_;
  std::string local_address_;
  int descriptor_;
  redis::Session session_;
  Unsent unsent_;                           // what the kernel did not take
  std::unique_ptr<TlsSession> tls_;         // null: plain
  std::unique_ptr<Timer> handshake_limit_;  // while TLS begins
  int operations_ = 0;
  bool fresh_ = true;  // nothing has arrived yet
  bool closed_ = false;
  bool reading_ = false;
  bool watching_ = false;  // or shaking hands
  bool writing_ = false;
};

}  // namespace bodega::server
