// CommandTable: all rows of all families, found by name in one flat hash, with what was counted of
// each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// Counters of one command, as INFO commandstats and latencystats show them.
struct CommandStatistics {
  static constexpr int kBuckets = 32;  // latency: bucket n counts calls below 2^n µs

  std::uint64_t calls = 0;
  std::uint64_t duration_us = 0;
  std::uint64_t rejected = 0;  // refused before they ran: arity, NOAUTH …
  std::uint64_t failed = 0;    // ran and answered an error
  std::array<std::uint32_t, kBuckets> latency{};

  void record(std::int64_t elapsed_us);
};

class CommandTable {
 public:
  // Joins the families and checks the rows; a malformed row is a bug and aborts.
  CommandTable();

  struct Slot {
    const Command* row = nullptr;
    const Command* container = nullptr;  // of a sub-command
    CommandStatistics statistics = {};
    int first_child = 0;  // index of the first sub-command's slot
  };

  // The slot of the request's command: a sub-command's where there is one. Null when there is no
  // such command; a container's own slot when the sub-command is unknown or missing.
  Slot* find(Args args);
  // By name in any case: "get", "client|kill". Null when unknown.
  Slot* find_name(std::string_view name);

  Slot& slot_of(const Command& row);
  // Where the slot stands in slots(), for as long as the table lives.
  std::size_t index_of(const Slot& slot) const {
    return static_cast<std::size_t>(&slot - slots_.data());
  }
  std::size_t size() const { return slots_.size(); }
  // Top-level commands first, in family order; then all sub-commands.
  std::vector<Slot>& slots() { return slots_; }
  std::size_t command_count() const { return command_count_; }
  void reset_statistics();

 private:
  static constexpr std::size_t kBuckets = 1024;  // power of two, at least twice the commands

  Slot* find_top(std::string_view name);

  std::vector<Slot> slots_;
  std::size_t command_count_ = 0;
  std::array<std::uint16_t, kBuckets> buckets_{};  // index + 1 into slots_; 0: empty
};

// Whether the command takes so many arguments, its name included.
bool arity_fits(const Command& command, std::size_t count);

// All ACL categories of a command: those of its row and those that follow from flags and group.
Categories categories_of(const Command& command);

// Every key the request names, by the row's specification. Empty when there are none or the
// arguments do not fit.
std::vector<KeyReference> keys_of(const Command& command, Args args);

}  // namespace bodega::redis
