// One RESP connection: its socket and its session. Reads run what they bring at once; what is to be
// written waits for the end of the tick (RedisListener).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "protocol/redis/instance/session.h"
#include "server/net/asio.h"

namespace bodega::server {

class RedisListener;

class RedisConnection : public redis::Peer {
 public:
  // REQUIRES: the socket is connected and belongs to the loop's context.
  RedisConnection(RedisListener& listener, Socket socket);

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
  void guarded(Work work);
  void end_for_want_of_memory();

  void run();
  void read_now();
  void take(std::size_t bytes);
  void watch_parked();
  void write();
  bool write_unsent();

  RedisListener& listener_;
  Socket socket_;
  std::string address_;
  std::string local_address_;
  int descriptor_;
  redis::Session session_;
  std::string unsent_;  // what the kernel did not take
  std::size_t sent_ = 0;
  int operations_ = 0;
  bool closed_ = false;
  bool reading_ = false;
  bool watching_ = false;
  bool writing_ = false;
};

}  // namespace bodega::server
