#include "server/http/loop.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <new>
#include <utility>

#include "engines/base/log.h"
#include "server/http/connection.h"

namespace bodega::server {
namespace {

// Fine enough for the shortest limit, and never so fine that an idle process is seen to work.
std::chrono::milliseconds tick_interval(const HttpLimits& limits) {
  const auto shortest = std::min({limits.idle, limits.handshake, limits.head, limits.stall,
                                  limits.linger, limits.stop, limits.sink});
  return std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
}

}  // namespace

HttpLoop::HttpLoop(HttpShared& shared, Metrics::Shard& metrics)
    : shared_(shared),
      metrics_(metrics),
      date_(shared.clock),
      tick_interval_(tick_interval(shared.options.limits)),
      work_(context_.get_executor()),
      ticker_(context_.get_executor()) {}

void HttpLoop::adopt(Socket socket, Admission admission) {
  asio::post(context_, [this, socket = std::move(socket), admission]() mutable {
    std::unique_ptr<HttpConnection> connection;
    try {
      connection = std::make_unique<HttpConnection>(*this, Stream(std::move(socket)));
    } catch (const std::bad_alloc&) {
      shared_.open_connections.fetch_sub(1, std::memory_order_relaxed);
      throw;
    }
    if (stopping_) return;
    asio::co_spawn(executor(),
                   admission == Admission::kServe ? HttpConnection::serve(std::move(connection))
                                                  : HttpConnection::refuse(std::move(connection)),
                   asio::detached);
  });
}

// What a connection throws ends that connection, as its coroutine. Here is caught what the loop
// itself has no memory for: a connection that cannot be made is closed.
void HttpLoop::run() {
  while (true) {
    try {
      context_.run();
      return;
    } catch (const std::bad_alloc&) {
      log::error("out of memory: an HTTP connection is not served");
      if (!ticking_ && !connections_.empty()) arm_ticker();
    }
  }
}

void HttpLoop::stop() {
  asio::post(context_, [this] {
    stopping_ = true;
    stop_deadline_ = touch() + limits().stop;
    for (HttpConnection* connection : connections_) connection->stop_when_idle();
    finish_if_done();
  });
}

void HttpLoop::add(HttpConnection& connection) {
  connection.set_place(connections_.size());
  connections_.push_back(&connection);
  if (!ticking_) {
    touch();
    arm_ticker();
  }
}

void HttpLoop::remove(HttpConnection& connection) {
  HttpConnection* last = connections_.back();
  connections_[connection.place()] = last;
  last->set_place(connection.place());
  connections_.pop_back();
  finish_if_done();
}

void HttpLoop::finish_if_done() {
  if (torn_down_ || !stopping_ || !connections_.empty()) return;
  work_.reset();
  ticker_.cancel();
}

// The ticker rests while there is no connection, so that an idle process sleeps.
void HttpLoop::arm_ticker() {
  ticking_ = true;
  ticker_.expires_after(tick_interval_);
  ticker_.async_wait([this](const boost::system::error_code& error) {
    ticking_ = false;
    if (error) return;
    tick();
    if (!connections_.empty()) arm_ticker();
  });
}

void HttpLoop::tick() {
  touch();
  const bool all = stopping_ && now_ > stop_deadline_;
  for (HttpConnection* connection : connections_) {
    if (all) {
      connection->abort();
    } else if (connection->deadline() + tick_interval_ < now_) {
      connection->expire();
    }
  }
}

}  // namespace bodega::server
