#include "server/redis/loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <new>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/keyspace/engine.h"

namespace bodega::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kCronInterval{100};
constexpr int kCronsPerReport = 5;
// Handlers that a tick runs before it commits and answers; what is ready beyond waits for the next.
constexpr int kHandlersPerTick = 1000;
// The same between two looks at a script that takes long.
constexpr int kHandlersPerPump = 100;

}  // namespace

RedisLoop::RedisLoop() : timer_(context_.get_executor()) {}

RedisLoop::~RedisLoop() {
  stop();
  join();
}

std::vector<Address> RedisLoop::add(RedisEndpoint endpoint, Metrics::Shard& metrics) {
  auto made = std::make_unique<RedisListener>(*this, context_, std::move(endpoint), metrics);
  std::vector<Address> addresses = made->addresses();
  // A task can be copied, which what it brings cannot.
  auto held = std::make_shared<std::unique_ptr<RedisListener>>(std::move(made));
  post([this, held = std::move(held)] { adopt(std::move(*held)); });
  return addresses;
}

void RedisLoop::adopt(std::unique_ptr<RedisListener> made) {
  for (const auto& listener : listeners_) {
    BODEGA_CHECK(&listener->keyspace() != &made->keyspace());
  }
  RedisListener& listener = *made;
  listeners_.reserve(listeners_.size() + 1);
  active_.reserve(listeners_.size() + 1);  // so that activate() needs no memory
  listener.start();
  listeners_.push_back(std::move(made));
  activate(listener);
}

void RedisLoop::end(std::shared_ptr<keyspace::Engine> keyspace) {
  post([this, keyspace = std::move(keyspace)] {
    RedisListener* const listener = listener_of(*keyspace);
    if (listener == nullptr) return;
    listener->end();
    activate(*listener);
  });
}

void RedisLoop::clear(RedisServer::Keyspaces keyspaces,
                      std::function<void(RedisServer::Cleared)> done) {
  post([this, keyspaces = std::move(keyspaces), done = std::move(done)] {
    RedisServer::Cleared cleared;
    for (const auto& keyspace : keyspaces) {
      try {
        cleared.keys += clear_one(keyspace);
      } catch (const redis::Error& error) {
        cleared.fault = error.what();
      } catch (const base::StorageFault& fault) {
        cleared.fault = fault.what();
      }
    }
    done(cleared);
  });
}

void RedisLoop::with_instance(const keyspace::Engine& keyspace,
                              std::function<void(redis::Instance*)> work) {
  post([this, &keyspace, work = std::move(work)] {
    RedisListener* const listener = listener_of(keyspace);
    if (listener != nullptr) activate(*listener);
    work(listener == nullptr ? nullptr : &listener->instance());
  });
}

// Returns nullptr when no endpoint has it.
RedisListener* RedisLoop::listener_of(const keyspace::Engine& keyspace) const {
  const auto found =
      std::find_if(listeners_.begin(), listeners_.end(), [&keyspace](const auto& listener) {
        return !listener->closed() && &listener->keyspace() == &keyspace;
      });
  return found == listeners_.end() ? nullptr : found->get();
}

// Commits by itself, as FLUSHALL of a client does that has a tick of its own.
std::uint64_t RedisLoop::clear_one(const std::shared_ptr<keyspace::Engine>& keyspace) {
  if (RedisListener* const listener = listener_of(*keyspace)) {
    activate(*listener);
    return listener->instance().clear();
  }
  const std::uint64_t keys = keyspace->clear();
  tidy_unserved(keyspace);
  return keys;
}

// Frees what was removed, a share at a time; an endpoint's instance does it in its regular work.
void RedisLoop::tidy_unserved(std::shared_ptr<keyspace::Engine> keyspace) {
  constexpr std::size_t kShare = 10'000;
  const bool more = keyspace->tidy_some(kShare) || keyspace->has_backlog();
  keyspace->commit_tick();
  if (!more) return;
  post([this, keyspace = std::move(keyspace)] { tidy_unserved(keyspace); });
}

void RedisLoop::start() {
  thread_ = std::thread([this] { run(); });
}

void RedisLoop::stop() {
  if (stopping_.exchange(true)) return;
  try {
    asio::post(context_, [] {});
  } catch (const std::exception&) {
    // No memory for the task: the loop finds out when its timer fires.
  }
}

void RedisLoop::join() {
  if (thread_.joinable()) thread_.join();
}

// What comes while a script takes long must not look at a keyspace that it is changing.
void RedisLoop::post(std::function<void()> task) {
  asio::post(context_, [this, task = std::move(task)]() mutable {
    if (pumps_ == 0) return task();
    postponed_.push_back(std::move(task));
  });
}

void RedisLoop::run_postponed() {
  for (const auto& task : std::exchange(postponed_, {})) task();
}

void RedisLoop::run() {
  cron_due_ = SteadyClock::now() + kCronInterval;
  arm_timer();
  while (!stopping_) {
    run_handlers();
    finish_tick();
    run_postponed();
  }
  for (const auto& listener : listeners_) listener->close();
  timer_.cancel();
  context_.restart();
  context_.poll();
  for (const auto& listener : listeners_) listener->bury();
}

// Connections guard what they do for themselves. What is left are the loop's own small needs.
void RedisLoop::run_handlers() {
  try {
    if (!run_queued() && active_.empty()) context_.run_one();
    for (int i = 0; i < kHandlersPerTick && !tick_is_full(); ++i) {
      if (context_.poll_one() == 0) break;
    }
    for (RedisListener* listener : active_) listener->run_resumed();
  } catch (const std::bad_alloc&) {
    log::error("redis: out of memory");
  }
}

// Whose replies must not wait for something else to happen. Active are those that have work left.
bool RedisLoop::run_queued() {
  bool ran = false;
  for (RedisListener* listener : active_) ran = listener->run_queued() || ran;
  return ran;
}

bool RedisLoop::tick_is_full() const {
  return std::any_of(active_.begin(), active_.end(),
                     [](const RedisListener* listener) { return listener->tick_is_full(); });
}

void RedisLoop::finish_tick() {
  try {
    for (RedisListener* listener : active_) listener->finish_tick();
    close_ended();
    arm_timer();
    end_tick();
    destroy_finished();
  } catch (const std::bad_alloc&) {
    log::error("redis: out of memory at the end of a tick");
  }
}

// Nothing that this tick has changed is committed, nor is a connection of `busy` destroyed: it is
// in the middle of a command.
bool RedisLoop::pump(RedisListener& busy) {
  ++pumps_;
  busy.busy = true;
  try {
    for (int i = 0; i < kHandlersPerPump && context_.poll_one() > 0; ++i) {
    }
    // Scripts of several may be on the stack.
    for (RedisListener* listener : active_) {
      if (listener->busy) {
        listener->answer_meanwhile();
      } else {
        listener->run_queued();
        listener->run_resumed();
        listener->finish_tick();
      }
    }
    arm_timer();
  } catch (const std::bad_alloc&) {
    log::error("redis: out of memory");
  }
  // What the handler that runs the script begins counts as work only when it returns, so that the
  // context may take itself to be without any.
  if (context_.stopped()) context_.restart();
  busy.busy = false;
  --pumps_;
  return !stopping_ && !busy.ending();
}

void RedisLoop::close_ended() {
  for (RedisListener* listener : active_) {
    if (!listener->ending() || listener->closed()) continue;
    listener->close();
    ++ended_;
    log::info("redis: the endpoint at " + listener->address().text() + " has ended");
  }
}

// Active in the next tick are those that have work left.
void RedisLoop::end_tick() {
  std::erase_if(active_, [](RedisListener* listener) {
    listener->active = listener->has_work() && !listener->ending();
    return !listener->active;
  });
}

void RedisLoop::destroy_finished() {
  if (ended_ == 0) return;
  ended_ -= std::erase_if(listeners_, [](const auto& listener) {
    if (listener->closed()) listener->bury();
    return listener->finished();
  });
}

// One timer for the regular work and for the deadlines of parked commands, whichever is first. The
// deadlines of those that are not active have not changed since it was set.
void RedisLoop::arm_timer() {
  auto due = cron_due_;
  for (const RedisListener* listener : active_) {
    if (const auto wait_ms = listener->next_deadline_ms()) {
      due = std::min(due, SteadyClock::now() + std::chrono::milliseconds(*wait_ms));
    }
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
  const auto now = SteadyClock::now();
  const bool cron = now >= cron_due_;
  if (cron) {
    cron_due_ = now + kCronInterval;
    ++cron_count_;
  }
  for (const auto& listener : listeners_) {
    if (listener->ending() || listener->busy) continue;
    activate(*listener);
    listener->run_deadlines();
    if (cron) listener->run_cron();
    if (cron && cron_count_ % kCronsPerReport == 0) listener->report_metrics();
  }
}

}  // namespace bodega::server
