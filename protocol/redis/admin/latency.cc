// LATENCY.
#include <algorithm>
#include <string>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

void latency_latest(Call& call) {
  const auto& events = call.instance.latency().events();
  call.reply.array(events.size());
  for (const auto& [name, event] : events) {
    call.reply.array(4);
    call.reply.bulk(name);
    call.reply.integer(event.samples.back().time_s);
    call.reply.integer(event.samples.back().latency_ms);
    call.reply.integer(event.highest_ms);
  }
}

void latency_history(Call& call) {
  const auto& events = call.instance.latency().events();
  const auto place = events.find(call.arg(2));
  if (place == events.end()) return call.reply.array(0);
  call.reply.array(place->second.samples.size());
  for (const auto& sample : place->second.samples) {
    call.reply.array(2);
    call.reply.integer(sample.time_s);
    call.reply.integer(sample.latency_ms);
  }
}

void latency_reset(Call& call) {
  LatencyMonitor& monitor = call.instance.latency();
  if (call.size() == 2) {
    return call.reply.integer(static_cast<std::int64_t>(monitor.reset()));
  }
  std::int64_t count = 0;
  for (const auto event : call.args.subspan(2)) count += monitor.reset(event) ? 1 : 0;
  call.reply.integer(count);
}

void reply_histogram(Call& call, const CommandTable::Slot& slot) {
  const CommandStatistics& statistics = slot.statistics;
  call.reply.bulk(slot.row->name);
  call.reply.map(2);
  call.reply.bulk("calls");
  call.reply.integer(static_cast<std::int64_t>(statistics.calls));
  call.reply.bulk("histogram_usec");
  const auto header = call.reply.defer(Reply::Shape::kMap);
  std::size_t count = 0;
  std::int64_t total = 0;
  for (std::size_t bucket = 0; bucket < statistics.latency.size(); ++bucket) {
    if (statistics.latency[bucket] == 0) continue;
    total += statistics.latency[bucket];
    call.reply.integer(std::int64_t{1} << bucket);
    call.reply.integer(total);
    ++count;
  }
  call.reply.close(header, count);
}

void latency_histogram(Call& call) {
  CommandTable& table = call.instance.commands();
  std::vector<const CommandTable::Slot*> shown;
  const auto show = [&](const CommandTable::Slot& slot) {
    if (slot.statistics.calls == 0) return;
    if (std::find(shown.begin(), shown.end(), &slot) == shown.end()) shown.push_back(&slot);
  };
  if (call.size() == 2) {
    for (const auto& slot : table.slots()) show(slot);
  }
  for (const auto name : call.args.subspan(2)) {
    const CommandTable::Slot* slot = table.find_name(name);
    if (slot == nullptr) continue;
    show(*slot);
    for (std::size_t i = 0; i < slot->row->subcommands.size(); ++i) {
      show(table.slots()[static_cast<std::size_t>(slot->first_child) + i]);
    }
  }
  call.reply.map(shown.size());
  for (const auto* slot : shown) reply_histogram(call, *slot);
}

void latency_graph(Call& call) {
  const auto& events = call.instance.latency().events();
  const auto place = events.find(call.arg(2));
  if (place == events.end()) {
    throw Error("ERR No samples available for event '" + std::string(call.arg(2)) + "'");
  }
  const LatencyMonitor::Event& event = place->second;
  std::int64_t low = event.samples.front().latency_ms;
  for (const auto& sample : event.samples) low = std::min(low, sample.latency_ms);
  std::string text = std::string(call.arg(2)) + " - high " + std::to_string(event.highest_ms) +
                     " ms, low " + std::to_string(low) + " ms (all time high " +
                     std::to_string(event.highest_ms) + " ms)\n";
  text.append(80, '-').append("\n");
  for (const auto& sample : event.samples) {
    const std::int64_t bar = event.highest_ms == 0 ? 0 : sample.latency_ms * 60 / event.highest_ms;
    text += std::to_string(sample.latency_ms) + " ms " +
            std::string(static_cast<std::size_t>(bar), '#') + "\n";
  }
  call.reply.verbatim(text);
}

void latency_doctor(Call& call) {
  if (call.instance.parameters().live().latency_monitor_threshold_ms == 0 &&
      call.instance.latency().events().empty()) {
    return call.reply.verbatim(
        "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. "
        "You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable "
        "it. If we weren't in a deep space mission I'd suggest to take a look at "
        "https://redis.io/topics/latency-monitor.\n");
  }
  std::string text =
      "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about "
      "it, do you Dave?\n\n";
  int number = 0;
  for (const auto& [name, event] : call.instance.latency().events()) {
    std::int64_t sum = 0;
    for (const auto& sample : event.samples) sum += sample.latency_ms;
    text += std::to_string(++number) + ". " + name + ": " + std::to_string(event.samples.size()) +
            " latency spikes (average " +
            std::to_string(sum / static_cast<std::int64_t>(event.samples.size())) +
            "ms). Worst all time event " + std::to_string(event.highest_ms) + "ms.\n";
  }
  if (number == 0) {
    text =
        "Dave, no latency spike was observed during the lifetime of this Redis instance, not in "
        "the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and "
        "think things over.\n";
  }
  call.reply.verbatim(text);
}

void latency_help(Call& call) {
  reply_help(
      call, {"DOCTOR", "    A report in words.", "GRAPH <event>", "    The samples as bars.",
             "HISTOGRAM [<command> ...]", "    How long calls of commands took.", "HISTORY <event>",
             "    The samples of an event.", "LATEST", "    The newest sample of each event.",
             "RESET [<event> ...]", "    Forget events."});
}

constexpr CommandFlags kMeasure = kAdmin | kNoscript | kLoading | kStale;

// clang-format off
constexpr Command kLatencyCommands[] = {
    {.name = "latency|doctor", .arity = 2, .flags = kMeasure, .since = "2.8.13",
     .summary = "Reports on latency in words.", .run = latency_doctor},
    {.name = "latency|graph", .arity = 3, .flags = kMeasure, .since = "2.8.13",
     .summary = "Draws an event's latency.", .run = latency_graph},
    {.name = "latency|help", .arity = 2, .flags = kLoading | kStale, .since = "2.8.13",
     .summary = "Lists the sub-commands.", .run = latency_help},
    {.name = "latency|histogram", .arity = -2, .flags = kMeasure, .since = "7.0.0",
     .summary = "Returns how long calls took.", .run = latency_histogram},
    {.name = "latency|history", .arity = 3, .flags = kMeasure, .since = "2.8.13",
     .summary = "Returns an event's samples.", .run = latency_history},
    {.name = "latency|latest", .arity = 2, .flags = kMeasure, .since = "2.8.13",
     .summary = "Returns the newest samples.", .run = latency_latest},
    {.name = "latency|reset", .arity = -2, .flags = kMeasure, .since = "2.8.13",
     .summary = "Forgets events.", .run = latency_reset},
};

constexpr Command kCommands[] = {
    {.name = "latency", .arity = -2, .since = "2.8.13", .summary = "How long things take.",
     .subcommands = kLatencyCommands},
};
// clang-format on

}  // namespace

std::span<const Command> latency_commands() { return kCommands; }

}  // namespace bodega::redis
