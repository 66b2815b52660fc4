#include "protocol/redis/instance/slow_commands.h"

#include <algorithm>

namespace bodega::redis {
namespace {

std::string shortened(std::string_view text) {
  if (text.size() <= SlowCommands::kMaxArgumentBytes) return std::string(text);
  return std::string(text.substr(0, SlowCommands::kMaxArgumentBytes)) + "... (" +
         std::to_string(text.size() - SlowCommands::kMaxArgumentBytes) + " more bytes)";
}

}  // namespace

void SlowCommands::add(Args args, std::int64_t time_s, std::int64_t duration_us,
                       std::string address, std::string client_name, std::size_t max_length) {
  SlowCommand record{
      next_id_++, time_s, duration_us, {}, std::move(address), std::move(client_name)};
  const bool too_many = args.size() > kMaxArguments;
  const std::size_t kept = too_many ? kMaxArguments - 1 : args.size();
  for (const auto arg : args.first(kept)) record.args.push_back(shortened(arg));
  if (too_many) {
    record.args.push_back("... (" + std::to_string(args.size() - kept) + " more arguments)");
  }
  records_.push_front(std::move(record));
  trim(max_length);
}

void SlowCommands::trim(std::size_t max_length) {
  while (records_.size() > max_length) records_.pop_back();
}

void LatencyMonitor::add(std::string_view event, std::int64_t time_s, std::int64_t latency_ms) {
  auto place = events_.find(event);
  if (place == events_.end()) place = events_.emplace(std::string(event), Event{}).first;
  Event& known = place->second;
  known.highest_ms = std::max(known.highest_ms, latency_ms);
  if (!known.samples.empty() && known.samples.back().time_s == time_s) {
    auto& last = known.samples.back().latency_ms;
    last = std::max(last, latency_ms);
    return;
  }
  known.samples.push_back({time_s, latency_ms});
  if (known.samples.size() > kSamples) known.samples.pop_front();
}

bool LatencyMonitor::reset(std::string_view event) {
  const auto place = events_.find(event);
  if (place == events_.end()) return false;
  events_.erase(place);
  return true;
}

}  // namespace bodega::redis
