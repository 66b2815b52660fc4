// Parameters: the parameters of CONFIG GET and SET. All of Redis's names are known, with their
// bounds and defaults, so that clients and suites can read and write them; those that mean
// something here are mirrored as numbers in live(), where commands read them at no cost.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/flags.h"
#include "protocol/redis/wire/command.h"
#include "protocol/redis/wire/reply.h"

namespace bodega::redis {

enum class ParameterKind : std::uint8_t {
  kBool,
  kInteger,
  kMemory,
  kMemoryOrPercent,
  kOctal,
  kEnum,
  kText,
  kSpecial,
};

// What may be done with a parameter.
enum class Trait : std::uint32_t {
  kImmutable = 1u << 0,  // only at start-up
  kProtected = 1u << 1,  // refused unless enable-protected-configs
  kHidden = 1u << 2,     // not found by patterns
  kMultiple = 1u << 3,   // several words
};
using enum Trait;
using Traits = base::Flags<Trait>;
constexpr Traits operator|(Trait one, Trait other) { return Traits(one) | other; }

struct ParameterRow {
  std::string_view name;
  std::string_view alias;
  ParameterKind kind;
  std::string_view standard;  // default value, as CONFIG GET shows it
  std::int64_t low = 0;
  std::int64_t high = 0;
  Traits traits = {};
  std::string_view words = {};  // of an enum, separated by '|'
};

std::span<const ParameterRow> parameter_rows();  // parameters_table.cc

struct OutputLimit {
  std::uint64_t hard_bytes;
  std::uint64_t soft_bytes;
  std::int64_t soft_seconds;
};

// What the settings mean to the code, kept in step with their texts.
struct LiveParameters {
  std::int64_t proto_max_bulk_len = 0;
  std::uint64_t client_query_buffer_limit = 0;
  std::uint64_t maxclients = 0;
  std::int64_t timeout_s = 0;
  std::int64_t busy_reply_threshold_ms = 0;
  std::int64_t tcp_keepalive_s = 0;
  std::int64_t hz = 0;
  NotifyClasses notify;
  std::int64_t slowlog_log_slower_than_us = 0;
  std::size_t slowlog_max_len = 0;
  std::int64_t latency_monitor_threshold_ms = 0;
  bool latency_tracking = true;
  std::vector<double> percentiles;
  std::size_t acllog_max_len = 0;
  std::uint64_t maxmemory = 0;
  std::int64_t min_replicas_to_write = 0;
  bool lfu = false;
  DoubleForm double_form = DoubleForm::kShortest;  // of the version that is followed
  std::size_t tracking_table_max_keys = 0;
  std::size_t hll_sparse_max_bytes = 0;
  OutputLimit normal_output{};
  OutputLimit pubsub_output{};
  OutputLimit replica_output{};
};

class Parameters {
 public:
  Parameters();

  // Index of a parameter by name or alias in any case; -1 when unknown.
  int find(std::string_view name) const;
  const ParameterRow& row(int index) const {
    return parameter_rows()[static_cast<std::size_t>(index)];
  }
  const std::string& text(int index) const { return values_[static_cast<std::size_t>(index)]; }
  const std::string& text(std::string_view name) const { return text(find(name)); }
  std::int64_t number(std::string_view name) const;

  // Names (aliases included) and values that match any of the patterns, each name once.
  std::vector<std::pair<std::string, std::string>> matching(
      std::span<const std::string_view> patterns) const;

  // CONFIG SET of name, value, name, value …: all or none; throws Redis's errors.
  void set(std::span<const std::string_view> pairs);

  // At start-up: whatever the traits. REQUIRES: a known name and a valid value.
  void preset(std::string_view name, std::string_view value);

  const LiveParameters& live() const { return live_; }

 private:
  void refresh();

  std::vector<std::string> values_;
  LiveParameters live_;
};

// "KEA" and the like, both ways. parse: nothing when a letter is unknown.
std::optional<NotifyClasses> parse_notify_classes(std::string_view text);
std::string format_notify_classes(NotifyClasses classes);

}  // namespace bodega::redis
