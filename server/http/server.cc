#include "server/http/server.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "engines/base/log.h"
#include "server/http/loop.h"
#include "server/net/listen.h"

namespace bodega::server {
namespace {

// Refusals that may linger at a time beyond the connection limit; more are closed without a word.
constexpr std::uint64_t kRefusals = 64;

// How long to wait when the process has no file descriptor (or whatever else) left for a
// connection.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpOptions& options, http::Service& service, const base::Clock& clock,
       Metrics& metrics)
      : shared_{options, service, clock} {
    for (unsigned i = 0; i < std::max(1U, options.loops); ++i) {
      loops_.push_back(std::make_unique<HttpLoop>(shared_, metrics.make_shard("http")));
    }
    for (const Address& address : options.addresses) {
      acceptors_.push_back(listen_on(loops_[0]->context(), address, "--http"));
      addresses_.push_back(address_of(acceptors_.back()));
    }
  }

  ~Impl() {
    stop();
    join();
  }

  const std::vector<Address>& addresses() const { return addresses_; }

  void start() {
    for (Acceptor& acceptor : acceptors_) {
      asio::co_spawn(loops_[0]->executor(), accept(acceptor), asio::detached);
    }
    for (auto& loop : loops_) {
      threads_.emplace_back([&loop = *loop] { loop.run(); });
    }
  }

  // The acceptors live on the first loop's thread, which therefore deals out no connection any more
  // when the other loops hear of the stop.
  void stop() {
    if (stopping_.exchange(true)) return;
    asio::post(loops_[0]->executor(), [this] {
      boost::system::error_code ignored;
      for (Acceptor& acceptor : acceptors_) acceptor.close(ignored);
      for (auto& loop : loops_) loop->stop();
    });
  }

  std::uint64_t open_connections() const { return shared_.open_connections.load(); }

  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  Task<void> accept(Acceptor& acceptor) {
    Timer pause(loops_[0]->executor());
    while (true) {
      try {
        HttpLoop& loop = *loops_[next_];
        next_ = (next_ + 1) % loops_.size();
        const LoopExecutor target = loop.executor();
        auto [error, socket] = co_await acceptor.async_accept(target, kAwait);
        if (stopping_.load()) co_return;
        if (error == asio::error::connection_aborted) continue;  // it went away while it waited
        if (!error) {
          deal(loop, std::move(socket));
          continue;
        }
        log::warn("an HTTP connection cannot be accepted: " + error.message());
      } catch (const std::bad_alloc&) {
        log::warn("an HTTP connection cannot be accepted: out of memory");
      }
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kAwait);
    }
  }

  void deal(HttpLoop& loop, Socket socket) {
    const std::uint64_t open = shared_.open_connections.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t limit = shared_.options.limits.connections;
    if (open >= limit + kRefusals) {
      shared_.open_connections.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
    try {
      loop.adopt(std::move(socket),
                 open < limit ? HttpLoop::Admission::kServe : HttpLoop::Admission::kRefuse);
    } catch (const std::bad_alloc&) {
      shared_.open_connections.fetch_sub(1, std::memory_order_relaxed);
      throw;
    }
  }

  HttpShared shared_;
  std::vector<std::unique_ptr<HttpLoop>> loops_;
  std::vector<Acceptor> acceptors_;
  std::vector<Address> addresses_;
  std::size_t next_ = 0;  // the loop that the next connection goes to
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
};

HttpServer::HttpServer(const HttpOptions& options, http::Service& service, const base::Clock& clock,
                       Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, service, clock, metrics)) {}
HttpServer::~HttpServer() = default;

const std::vector<Address>& HttpServer::addresses() const { return impl_->addresses(); }
void HttpServer::start() { impl_->start(); }
void HttpServer::stop() { impl_->stop(); }
std::uint64_t HttpServer::open_connections() const { return impl_->open_connections(); }
void HttpServer::join() { impl_->join(); }

}  // namespace bodega::server
