#include "server/redis/loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <new>
#include <utility>

#include "engines/base/log.h"
#include "engines/keyspace/engine.h"

namespace bodega::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kCronInterval{100};
constexpr int kCronsPerReport = 5;
// Handlers that a tick runs before it commits and answers; what is ready beyond waits for the next.
constexpr int kHandlersPerTick = 1000;

redis::InstanceOptions with_address(redis::InstanceOptions options, const Address& address) {
  options.port = address.port;
  options.bind = address.host;
  return options;
}

}  // namespace

RedisLoop::RedisLoop(const Address& address, keyspace::Engine& engine, const base::Clock& clock,
                     Metrics::Shard& metrics, redis::InstanceOptions options)
    : engine_(engine),
      clock_(clock),
      metrics_(metrics),
      acceptor_(listen_on(context_, address, "--redis")),
      address_(address_of(acceptor_)),
      instance_(engine, clock, with_address(std::move(options), address_)),
      timer_(context_.get_executor()) {}

RedisLoop::~RedisLoop() {
  stop();
  join();
}

void RedisLoop::start() {
  thread_ = std::thread([this] { run(); });
}

void RedisLoop::stop() {
  if (stopping_.exchange(true)) return;
  asio::post(context_, [] {});
}

void RedisLoop::join() {
  if (thread_.joinable()) thread_.join();
}

void RedisLoop::post(std::function<void()> task) { asio::post(context_, std::move(task)); }

void RedisLoop::run() {
  accept();
  cron_due_ = SteadyClock::now() + kCronInterval;
  arm_timer();
  while (!stopping_) {
    run_handlers();
    finish_tick();
  }
  while (instance_.is_staging()) instance_.stage_some();
  finish_tick();
  boost::system::error_code error;
  acceptor_.close(error);
  timer_.cancel();
  // What was acknowledged or queued for sending goes out; then everyone is told by the close.
  std::vector<RedisConnection*> open;
  for (const auto& [connection, owner] : connections_) open.push_back(connection);
  for (RedisConnection* connection : open) connection->close();
  context_.restart();
  context_.poll();
  bury();
}

// Connections guard what they do for themselves. What is left are the loop's own small needs.
void RedisLoop::run_handlers() {
  try {
    if (!again_.empty()) {
      run_queued();  // their replies must not wait for something else to happen
    } else if (!instance_.has_work()) {
      context_.run_one();
    }
    for (int i = 0; i < kHandlersPerTick && !instance_.tick_is_full(); ++i) {
      if (context_.poll_one() == 0) break;
    }
    run_resumed();
  } catch (const std::bad_alloc&) {
    log::error("redis: out of memory");
  }
}

void RedisLoop::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, Socket socket) {
    accepting_ = false;
    if (error == asio::error::operation_aborted) return;
    if (error) {
      // Out of descriptors, say: tried at once again the loop would spin, so the timer tries again.
      log::warn("redis: cannot accept a connection: " + error.message());
      return;
    }
    adopt(std::move(socket));
    accept();
  });
  accepting_ = true;
}

void RedisLoop::adopt(Socket socket) {
  if (connections_.size() >= instance_.parameters().live().maxclients) {
    constexpr std::string_view kText = "-ERR max number of clients reached\r\n";
    boost::system::error_code error;
    socket.non_blocking(true, error);
    socket.write_some(asio::buffer(kText.data(), kText.size()), error);
    ++instance_.statistics().connections_rejected;
    return;
  }
  auto owner = std::make_unique<RedisConnection>(*this, std::move(socket));
  RedisConnection& connection = *owner;
  connections_.emplace(&connection, std::move(owner));
  metrics_.connection_opened();
  connection.start();
}

void RedisLoop::run_again(RedisConnection& connection) {
  if (std::exchange(connection.queued_again, true)) return;
  again_.push_back(&connection);
}

void RedisLoop::closed(RedisConnection& connection) {
  dead_.push_back(&connection);
  metrics_.connection_closed();
}

// Those that had more commands than the last tick's share. They come first, because a large request
// waits for a tick in which nothing was changed before it.
void RedisLoop::run_queued() {
  for (RedisConnection* connection : std::exchange(again_, {})) {
    if (instance_.tick_is_full()) {
      again_.push_back(connection);
      continue;
    }
    connection->queued_again = false;
    connection->process();
  }
}

// Those whose wait has ended.
void RedisLoop::run_resumed() {
  instance_.settle();
  for (auto resumed = instance_.take_resumed(); !resumed.empty();
       resumed = instance_.take_resumed()) {
    for (redis::Session* session : resumed) {
      static_cast<RedisConnection&>(session->peer()).process();
    }
  }
}

void RedisLoop::finish_tick() {
  try {
    instance_.finish_tick();
    write_replies();
    read_again();
    instance_.stage_some();
    bury();
    arm_timer();
  } catch (const std::bad_alloc&) {
    log::error("redis: out of memory at the end of a tick");
  }
}

void RedisLoop::write_replies() {
  for (redis::Session* session : instance_.take_touched()) {
    static_cast<RedisConnection&>(session->peer()).flush();
  }
}

// After the replies of the whole tick, because a fast client's next command is there by then: a
// read that finds nothing costs a system call for each command.
void RedisLoop::read_again() {
  for (RedisConnection* connection : idle_) connection->read();
  idle_.clear();
}

void RedisLoop::bury() {
  if (dead_.empty()) return;
  std::erase_if(dead_, [this](RedisConnection* connection) {
    if (!connection->finished()) return false;
    std::erase(again_, connection);
    connections_.erase(connection);
    return true;
  });
}

// One timer for the regular work and for the deadlines of parked commands, whichever is first.
void RedisLoop::arm_timer() {
  auto due = cron_due_;
  if (const auto deadline = instance_.next_deadline_ms()) {
    const std::int64_t wait_ms = std::max<std::int64_t>(*deadline - clock_.now_ms(), 0);
    due = std::min(due, SteadyClock::now() + std::chrono::milliseconds(wait_ms));
  }
  if (armed_for_ <= due && armed_for_ > SteadyClock::time_point{}) return;
  armed_for_ = {};
  timer_.expires_at(due);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_timer();
  });
  armed_for_ = due;
}

void RedisLoop::on_timer() {
  armed_for_ = {};
  instance_.run_deadlines();
  const auto now = SteadyClock::now();
  if (now < cron_due_) return;
  cron_due_ = now + kCronInterval;
  if (!accepting_) accept();
  instance_.run_cron();
  if (++cron_count_ % kCronsPerReport == 0) report_metrics();
}

// The counters of commands are the server's; the difference since the last time is handed on.
void RedisLoop::report_metrics() {
  const auto& slots = instance_.commands().slots();
  reported_.resize(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const redis::CommandStatistics& now = slots[i].statistics;
    Reported& before = reported_[i];
    if (now.calls < before.calls) before = {};  // CONFIG RESETSTAT
    if (now.calls > before.calls) {
      metrics_.record_many("redis", slots[i].row->name, now.calls - before.calls,
                           now.failed - before.failed, now.duration_us - before.duration_us);
    }
    before = {now.calls, now.failed, now.duration_us};
  }
  const redis::Statistics& statistics = instance_.statistics();
  if (statistics.bytes_in < reported_in_) reported_in_ = reported_out_ = 0;
  metrics_.add_received(statistics.bytes_in - reported_in_);
  metrics_.add_sent(statistics.bytes_out - std::min(reported_out_, statistics.bytes_out));
  reported_in_ = statistics.bytes_in;
  reported_out_ = statistics.bytes_out;
}

}  // namespace bodega::server
