// SlowCommands and LatencyMonitor: what took long. Both keep a bounded number of records.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

struct SlowCommand {
  std::int64_t id;
  std::int64_t time_s;
  std::int64_t duration_us;
  std::vector<std::string> args;  // shortened: 32 of them, 128 bytes each
  std::string address;
  std::string client_name;
};

class SlowCommands {
 public:
  static constexpr std::size_t kMaxArguments = 32;
  static constexpr std::size_t kMaxArgumentBytes = 128;

  // Newest first; the oldest beyond `max_length` go.
  void add(Args args, std::int64_t time_s, std::int64_t duration_us, std::string address,
           std::string client_name, std::size_t max_length);
  void trim(std::size_t max_length);
  const std::deque<SlowCommand>& records() const { return records_; }
  void reset() { records_.clear(); }

 private:
  std::deque<SlowCommand> records_;
  std::int64_t next_id_ = 0;
};

class LatencyMonitor {
 public:
  static constexpr std::size_t kSamples = 160;

  struct Sample {
    std::int64_t time_s;
    std::int64_t latency_ms;
  };
  struct Event {
    std::deque<Sample> samples;  // oldest first, one a second at most
    std::int64_t highest_ms = 0;
  };

  void add(std::string_view event, std::int64_t time_s, std::int64_t latency_ms);
  const std::map<std::string, Event, std::less<>>& events() const { return events_; }
  std::size_t reset() {
    const std::size_t count = events_.size();
    events_.clear();
    return count;
  }
  bool reset(std::string_view event);

 private:
  std::map<std::string, Event, std::less<>> events_;
};

}  // namespace bodega::redis
