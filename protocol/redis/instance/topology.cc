#include "protocol/redis/instance/topology.h"

#include <algorithm>
#include <sstream>

#include "engines/base/random.h"

namespace bodega::redis {
namespace {

constexpr std::string_view kHeading = "cluster 1";

std::string new_id() { return base::random_string(40, "0123456789abcdef"); }

}  // namespace

Topology::Topology(ClusterShape shape) : shape_(shape) {
  const auto shards = static_cast<int>(shape.shards);
  nodes_.resize(shape.nodes());
  for (int i = 0; i < size(); ++i) {
    Node& node = at(i);
    node.id = new_id();
    node.shard = new_id();
    if (i < shards) {
      node.epoch = static_cast<std::uint64_t>(i) + 1;
    } else {
      node.master = (i - shards) % shards;
    }
  }
  current_epoch_ = shape.shards;
  // As redis-cli --cluster create spreads them.
  for (unsigned shard = 0; shard < shape.shards; ++shard) {
    const unsigned first = (2 * shard * kSlots + shape.shards) / (2 * shape.shards);
    const unsigned behind = (2 * (shard + 1) * kSlots + shape.shards) / (2 * shape.shards);
    for (unsigned slot = first; slot < behind; ++slot) assign(slot, static_cast<int>(shard));
  }
}

// ---- Text: a line for the cluster, one for each node, one for each run of slots ----

std::string Topology::text() const {
  std::ostringstream out;
  out << kHeading << ' ' << shape_.shards << ' ' << shape_.replicas << ' ' << current_epoch_
      << '\n';
  for (const Node& node : nodes_) {
    out << "node " << node.id << ' ' << node.shard << ' ' << node.master << ' ' << node.alone << ' '
        << node.epoch << '\n';
  }
  for (int i = 0; i < size(); ++i) {
    for (const Range& range : ranges_of(i)) {
      out << "slots " << i << ' ' << range.first << ' ' << range.last << '\n';
    }
  }
  for (const auto& [slot, move] : moves_) {
    out << "move " << slot << ' ' << move.to << ' ' << move.importer << ' ' << move.from << '\n';
  }
  return out.str();
}

std::optional<Topology> Topology::read(std::string_view text, ClusterShape shape) {
  std::istringstream in{std::string(text)};
  Topology out;
  out.shape_ = shape;
  out.owners_.fill(kNone);
  std::string word;
  std::string version;
  ClusterShape written;
  in >> word >> version >> written.shards >> written.replicas >> out.current_epoch_;
  if (!in || word + ' ' + version != kHeading || written.shards != shape.shards ||
      written.replicas != shape.replicas) {
    return std::nullopt;
  }
  const auto count = static_cast<int>(shape.nodes());
  const auto is_node = [count](int index) { return index >= kNone && index < count; };
  while (in >> word) {
    if (word == "node") {
      Node node;
      in >> node.id >> node.shard >> node.master >> node.alone >> node.epoch;
      if (!in || !is_node(node.master)) return std::nullopt;
      out.nodes_.push_back(node);
    } else if (word == "slots") {
      int owner = kNone;
      Range range{};
      in >> owner >> range.first >> range.last;
      if (!in || !is_node(owner) || range.last >= kSlots) return std::nullopt;
      for (unsigned slot = range.first; slot <= range.last; ++slot) out.assign(slot, owner);
    } else if (word == "move") {
      unsigned slot = 0;
      Move move;
      in >> slot >> move.to >> move.importer >> move.from;
      if (!in || slot >= kSlots || !is_node(move.to) || !is_node(move.importer) ||
          !is_node(move.from)) {
        return std::nullopt;
      }
      out.moves_[slot] = move;
    } else {
      return std::nullopt;
    }
  }
  if (out.size() != count) return std::nullopt;
  return out;
}

// ---- Looking ----

int Topology::find(std::string_view id) const {
  for (int i = 0; i < size(); ++i) {
    if (node(i).id == id) return i;
  }
  return kNone;
}

bool Topology::sees(int viewer, int other) const {
  return viewer == other || (!node(viewer).alone && !node(other).alone);
}

std::vector<int> Topology::seen_by(int viewer) const {
  std::vector<int> out;
  for (int i = 0; i < size(); ++i) {
    if (sees(viewer, i)) out.push_back(i);
  }
  return out;
}

std::vector<int> Topology::replicas_of(int master) const {
  std::vector<int> out;
  for (int i = 0; i < size(); ++i) {
    if (node(i).master == master) out.push_back(i);
  }
  return out;
}

int Topology::owner_seen_by(int viewer, unsigned slot) const {
  const int owner = owners_[slot];
  return owner != kNone && sees(viewer, owner) ? owner : kNone;
}

std::size_t Topology::slots_seen_by(int viewer) const {
  std::size_t seen = 0;
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    seen += owner_seen_by(viewer, slot) != kNone ? 1 : 0;
  }
  return seen;
}

std::size_t Topology::slot_count(int index) const {
  return static_cast<std::size_t>(std::count(owners_.begin(), owners_.end(), index));
}

std::vector<Topology::Range> Topology::ranges_of(int index) const {
  std::vector<Range> out;
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    if (owners_[slot] != index) continue;
    if (!out.empty() && out.back().last + 1 == slot) {
      out.back().last = slot;
    } else {
      out.push_back({slot, slot});
    }
  }
  return out;
}

const Topology::Move* Topology::move_of(unsigned slot) const {
  const auto found = moves_.find(slot);
  return found == moves_.end() ? nullptr : &found->second;
}

// ---- Edits ----

void Topology::end_move(unsigned slot, int index) {
  const auto found = moves_.find(slot);
  if (found == moves_.end()) return;
  Move& move = found->second;
  if (owner(slot) == index) move.to = kNone;
  if (move.importer == index) move.importer = move.from = kNone;
  if (move.to == kNone && move.importer == kNone) moves_.erase(found);
}

void Topology::hand_over(unsigned slot, std::string_view key) {
  moves_[slot].handed_over.emplace(key);
}

void Topology::settle_move(unsigned slot, int to, Emptied emptied) {
  const int before = owner(slot);
  const Move* const move = move_of(slot);
  if (move != nullptr && move->importer == to) bump_epoch(to);
  assign(slot, to);
  moves_.erase(slot);
  if (before == kNone || before == to || slot_count(before) > 0) return;
  if (emptied == Emptied::kBecomesReplica) replicate(before, to);
}

void Topology::replicate(int index, int master) {
  for (const int replica : replicas_of(index)) at(replica).master = master;
  at(index).master = master;
}

void Topology::fail_over(int replica) {
  const int master = node(replica).master;
  at(replica).master = kNone;
  at(replica).shard = node(master).shard;
  at(replica).epoch = ++current_epoch_;
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    if (owner(slot) == master) assign(slot, replica);
  }
  // Slots on their way to or from the old master stay where they are, as the new one knows of none.
  std::erase_if(moves_, [&](const auto& entry) {
    const Move& move = entry.second;
    return owner(entry.first) == replica || move.importer == master || move.to == master;
  });
  replicate(master, replica);
}

bool Topology::bump_epoch(int index) {
  Node& node = at(index);
  if (node.epoch != 0 && node.epoch == current_epoch_) return false;
  node.epoch = ++current_epoch_;
  return true;
}

void Topology::set_epoch(int index, std::uint64_t epoch) {
  at(index).epoch = epoch;
  current_epoch_ = std::max(current_epoch_, epoch);
}

void Topology::meet(int one, int other) { at(one).alone = at(other).alone = false; }

void Topology::forget(int index) {
  for (const int replica : replicas_of(index)) at(replica).master = kNone;
  at(index).master = kNone;
  at(index).alone = true;
}

void Topology::reset(int index, Reset kind) {
  forget(index);
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    if (owner(slot) == index) assign(slot, kNone);
  }
  std::erase_if(moves_, [index](const auto& entry) {
    return entry.second.importer == index || entry.second.to == index;
  });
  if (kind == Reset::kSoft) return;
  at(index).id = new_id();
  at(index).shard = new_id();
  at(index).epoch = 0;
}

}  // namespace bodega::redis
