#include "protocol/redis/instance/session.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engines/base/large_memory.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kInitialInputBytes = 16 * 1024;
// An input buffer that grew beyond this is given back once it is empty.
constexpr std::size_t kKeptInputBytes = 1024 * 1024;
// What one session puts out in a tick before the others get their turn, but for its last reply.
constexpr std::size_t kOutputPerTickBytes = 1024 * 1024;

}  // namespace

Session::Session(Instance& instance, Peer& peer) : instance_(instance), peer_(peer) {
  instance_.register_session(*this);
}

Session::~Session() { instance_.unregister_session(*this); }

std::span<char> Session::room(std::size_t at_least) {
  at_least = std::max(at_least, parser_.wanted_bytes() > input_bytes()
                                    ? parser_.wanted_bytes() - input_bytes()
                                    : std::size_t{0});
  if (input_capacity_ - input_end_ < at_least) {
    const std::size_t used = input_bytes();
    if (input_begin_ > 0 && input_capacity_ - used >= at_least) {
      std::memmove(input_.get(), input_.get() + input_begin_, used);
    } else {
      const std::size_t wanted = std::max({kInitialInputBytes, used + at_least, used * 2});
      auto larger = std::make_unique_for_overwrite<char[]>(wanted);
      base::will_be_filled(larger.get(), used + at_least);
      if (used > 0) std::memcpy(larger.get(), input_.get() + input_begin_, used);
      input_ = std::move(larger);
      input_capacity_ = wanted;
    }
    input_begin_ = 0;
    input_end_ = used;
  }
  return {input_.get() + input_end_, input_capacity_ - input_end_};
}

void Session::feed(std::string_view input) {
  const std::span<char> space = room(input.size());
  input.copy(space.data(), input.size());
  received(input.size());
}

void Session::compact() {
  if (input_begin_ != input_end_) return;
  input_begin_ = input_end_ = 0;
  if (input_capacity_ > kKeptInputBytes) {
    input_.reset();
    input_capacity_ = 0;
  }
}

Session::Progress Session::process(int max_commands) {
  int left = max_commands;
  while (true) {
    if (dropped_) return Progress::kDropped;
    if (closing_) return Progress::kClosing;
    const LiveParameters& live = instance_.parameters().live();
    if (waiting.call != nullptr || waiting.for_pause || waiting.for_staging || delivery.held) {
      if (input_bytes() <= live.client_query_buffer_limit) return Progress::kParked;
      ++instance_.statistics().client_query_limit_disconnections;
      drop();
      return Progress::kDropped;
    }
    if (output_is_full()) {
      waiting.for_output = true;
      return Progress::kParked;
    }
    if (left == 0) return Progress::kMore;
    const std::string_view input(input_.get() + input_begin_, input_bytes());
    switch (parser_.parse(input, {live.proto_max_bulk_len, authenticated})) {
      case RespParser::State::kNeedMore:
        compact();
        if (input_bytes() > live.client_query_buffer_limit) {
          ++instance_.statistics().client_query_limit_disconnections;
          drop();
          return Progress::kDropped;
        }
        return Progress::kIdle;
      case RespParser::State::kEmpty: input_begin_ += parser_.consumed(); break;
      case RespParser::State::kError: {
        Reply(output_, protocol).error(parser_.error());
        instance_.count_error(parser_.error());
        close_after_output();
        return Progress::kClosing;
      }
      case RespParser::State::kCommand: {
        const std::size_t consumed = parser_.consumed();
        switch (instance_.execute(*this, parser_.args(), consumed)) {
          case Instance::Executed::kYes: break;
          case Instance::Executed::kNextTick: return Progress::kMore;
          case Instance::Executed::kParked: return Progress::kParked;
        }
        input_begin_ += consumed;
        const bool enough = instance_.tick_is_full() || output_.size() >= kOutputPerTickBytes;
        left = enough ? 0 : left - 1;
        break;
      }
    }
  }
}

void Session::note_traffic() { last_active_ms = instance_.keyspace().now_ms(); }

void Session::resume_if_drained() {
  if (!waiting.for_output || delivery.unsent_bytes > kFullOutputBytes / 2) return;
  waiting.for_output = false;
  instance_.resume(*this);
}

void Session::close_after_output() {
  closing_ = true;
  instance_.touch(*this);
}

void Session::drop() {
  dropped_ = true;
  instance_.touch(*this);
}

void Session::push(std::string_view encoded) {
  if (closing()) return;
  if (execution != nullptr) {
    execution->pushes.append(encoded);
    return;
  }
  output_.append(encoded);
  instance_.touch(*this);
  instance_.enforce_output_limit(*this);
}

}  // namespace bodega::redis
