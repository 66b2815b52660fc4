#include "protocol/redis/command_table.h"

#include <bit>

#include "engines/base/check.h"
#include "protocol/redis/families.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using Family = std::span<const Command> (*)();

constexpr Family kFamilies[] = {
    string_commands,
    lcs_commands,
    bitmap_commands,
    hash_commands,
    hash_expiry_commands,
    list_commands,
    set_commands,
    sorted_set_commands,
    sorted_set_range_commands,
    sorted_set_algebra_commands,
    hyperloglog_commands,
    geo_commands,
    geo_search_commands,
    stream_commands,
    stream_reading_commands,
    stream_group_commands,
    stream_pending_commands,
    stream_info_commands,
    key_commands,
    expiry_commands,
    dump_commands,
    migrate_commands,
    scan_commands,
    sort_commands,
    connection_commands,
    client_commands,
    transaction_commands,
    pubsub_commands,
    server_commands,
    replication_commands,
    cluster_commands,
    config_commands,
    command_commands,
    acl_commands,
    debug_commands,
    slowlog_commands,
    latency_commands,
    eval_commands,
    function_commands,
};

std::size_t hash_name(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (const char c : name) {
    hash = (hash ^ (static_cast<unsigned char>(c) | 0x20u)) * 16777619u;
  }
  return hash ^ (hash >> 15);
}

// The arguments that one range of keys names; false when they do not fit.
bool collect(const KeySpec& spec, Args args, std::vector<KeyReference>& out) {
  if (spec.first <= 0) return true;
  const int count = static_cast<int>(args.size());
  int first = spec.first;
  int last = spec.last < 0 ? count + spec.last : spec.last;
  if (spec.numkeys_at > 0) {
    if (spec.numkeys_at >= count) return false;
    const auto given = base::canonical_integer(args[static_cast<std::size_t>(spec.numkeys_at)]);
    first = spec.numkeys_at + 1;
    if (!given || *given < 0 || *given > count - first) return false;
    last = first + static_cast<int>(*given) - 1;
  }
  if (last >= count) return false;
  for (int i = first; i <= last; i += spec.step > 0 ? spec.step : 1) {
    out.push_back({args[static_cast<std::size_t>(i)], spec.use});
  }
  return true;
}

Categories category_of(Group group) {
  switch (group) {
    case Group::kString: return kCatString;
    case Group::kHash: return kCatHash;
    case Group::kList: return kCatList;
    case Group::kSet: return kCatSet;
    case Group::kSortedSet: return kCatSortedSet;
    case Group::kStream: return kCatStream;
    case Group::kBitmap: return kCatBitmap;
    case Group::kHyperloglog: return kCatHyperloglog;
    case Group::kGeo: return kCatGeo;
    case Group::kGeneric: return kCatKeyspace;
    case Group::kTransactions: return kCatTransaction;
    case Group::kScripting: return kCatScripting;
    case Group::kConnection: return kCatConnection;
    case Group::kPubsub:
    case Group::kServer:
    case Group::kCluster: return {};
  }
  return {};
}

}  // namespace

void CommandStatistics::record(std::int64_t elapsed_us) {
  ++calls;
  const auto elapsed = static_cast<std::uint64_t>(elapsed_us < 0 ? 0 : elapsed_us);
  duration_us += elapsed;
  const auto bucket = static_cast<int>(std::bit_width(elapsed));
  ++latency[static_cast<std::size_t>(bucket < kBuckets ? bucket : kBuckets - 1)];
}

CommandTable::CommandTable() {
  for (const Family family : kFamilies) {
    for (const Command& row : family()) slots_.push_back({.row = &row});
  }
  command_count_ = slots_.size();
  BODEGA_CHECK(command_count_ * 2 <= kBuckets);
  for (std::size_t i = 0; i < command_count_; ++i) {
    const Command& row = *slots_[i].row;
    BODEGA_CHECK(find_top(row.name) == nullptr);
    std::size_t bucket = hash_name(row.name) % kBuckets;
    while (buckets_[bucket] != 0) bucket = (bucket + 1) % kBuckets;
    buckets_[bucket] = static_cast<std::uint16_t>(i + 1);
    slots_[i].first_child = static_cast<int>(slots_.size());
    for (const Command& child : row.subcommands) {
      BODEGA_CHECK(child.name.starts_with(row.name) && child.run != nullptr);
      slots_.push_back({.row = &child, .container = &row});
    }
    BODEGA_CHECK(slots_[i].row->run != nullptr || !slots_[i].row->subcommands.empty());
  }
}

CommandTable::Slot* CommandTable::find_top(std::string_view name) {
  std::size_t bucket = hash_name(name) % kBuckets;
  while (buckets_[bucket] != 0) {
    Slot& slot = slots_[buckets_[bucket] - 1u];
    if (is_word(name, slot.row->name)) return &slot;
    bucket = (bucket + 1) % kBuckets;
  }
  return nullptr;
}

CommandTable::Slot* CommandTable::find(Args args) {
  Slot* slot = find_top(args[0]);
  if (slot == nullptr || slot->row->subcommands.empty() || args.size() < 2) return slot;
  for (std::size_t i = 0; i < slot->row->subcommands.size(); ++i) {
    Slot& child = slots_[static_cast<std::size_t>(slot->first_child) + i];
    if (is_word(args[1], child.row->own_name())) return &child;
  }
  return slot;
}

CommandTable::Slot* CommandTable::find_name(std::string_view name) {
  const std::size_t bar = name.find('|');
  if (bar == std::string_view::npos) return find_top(name);
  Slot* slot = find_top(name.substr(0, bar));
  if (slot == nullptr) return nullptr;
  for (std::size_t i = 0; i < slot->row->subcommands.size(); ++i) {
    Slot& child = slots_[static_cast<std::size_t>(slot->first_child) + i];
    if (is_word(name.substr(bar + 1), child.row->own_name())) return &child;
  }
  return nullptr;
}

CommandTable::Slot& CommandTable::slot_of(const Command& row) {
  Slot* slot = find_name(row.name);
  BODEGA_CHECK(slot != nullptr);
  return *slot;
}

void CommandTable::reset_statistics() {
  for (Slot& slot : slots_) slot.statistics = {};
}

bool arity_fits(const Command& command, std::size_t count) {
  const auto given = static_cast<int>(count);
  return command.arity >= 0 ? given == command.arity : given >= -command.arity;
}

Categories categories_of(const Command& command) {
  Categories out = command.categories;
  // SORT and WAIT are generic by their documentation alone; a container is nothing but slow.
  constexpr Categories kElsewhere = kCatList | kCatConnection;
  const bool elsewhere = command.group == Group::kGeneric && out.has_any(kElsewhere);
  if (command.run != nullptr && !elsewhere) out |= category_of(command.group);
  if (command.flags.has(kWrite)) out |= kCatWrite;
  // Scripts and pub/sub are not reads, whatever their flags say.
  if (command.flags.has(kReadonly) && !out.has(kCatScripting)) out |= kCatRead;
  if (command.flags.has(kAdmin)) out |= kCatAdmin | kCatDangerous;
  if (command.flags.has(kPubsub)) out |= kCatPubsub;
  if (command.flags.has(kBlocking)) out |= kCatBlocking;
  out |= command.flags.has(kFast) ? kCatFast : kCatSlow;
  return out;
}

std::vector<KeyReference> keys_of(const Command& command, Args args) {
  std::vector<KeyReference> out;
  if (command.find_keys != nullptr) {
    command.find_keys(args, out);
    return out;
  }
  if (!collect(command.keys, args, out) || !collect(command.more_keys, args, out)) out.clear();
  return out;
}

}  // namespace bodega::redis
