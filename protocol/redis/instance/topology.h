// Topology: the table of a cluster whose nodes all stand in this process: nodes with their roles,
// the owner of each slot, and slots on their way from one node to another. Resharding and failover
// are edits of it. It knows no session and no address.
//
// There is no bus: what one node is told, the others know at once. A node that was reset, or that
// the others forgot, stands alone: it sees itself, and they do not see it, until CLUSTER MEET.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engines/keyspace/structures/slots.h"

namespace bodega::redis {

using keyspace::kSlots;

// How a cluster begins: so many masters, each with so many replicas.
struct ClusterShape {
  unsigned shards = 0;  // 0: no cluster
  unsigned replicas = 0;

  unsigned nodes() const { return shards * (replicas + 1); }
};

class Topology {
 public:
  static constexpr int kNone = -1;

  struct Node {
    std::string id;     // 40 hexadecimal digits
    std::string shard;  // of a master; a replica shows its master's
    int master = kNone;
    bool alone = false;
    std::uint64_t epoch = 0;
  };

  // A slot that is being moved, as the two nodes were told of it (CLUSTER SETSLOT).
  struct Move {
    int to = kNone;        // the owner is migrating it to …
    int importer = kNone;  // this node is importing it …
    int from = kNone;      // … from this one
    // Keys that MIGRATE took to the importer. A key that is not there counts for neither side.
    std::set<std::string, std::less<>> handed_over;
  };

  struct Range {
    unsigned first;
    unsigned last;
  };

  // The masters come first; slots are spread over them evenly.
  explicit Topology(ClusterShape shape);
  // What text() said; nothing when it is of another shape or cannot be read.
  static std::optional<Topology> read(std::string_view text, ClusterShape shape);
  std::string text() const;

  int size() const { return static_cast<int>(nodes_.size()); }
  const Node& node(int index) const { return nodes_[static_cast<std::size_t>(index)]; }
  int find(std::string_view id) const;  // kNone: there is none
  // Itself, or what it is a replica of.
  int master_of(int index) const { return is_master(index) ? index : node(index).master; }
  bool is_master(int index) const { return node(index).master == kNone; }
  // Whether `viewer` knows of `other`.
  bool sees(int viewer, int other) const;
  std::vector<int> seen_by(int viewer) const;
  std::vector<int> replicas_of(int master) const;
  std::uint64_t epoch_of(int index) const { return node(master_of(index)).epoch; }
  std::uint64_t current_epoch() const { return current_epoch_; }

  int owner(unsigned slot) const { return owners_[slot]; }
  // The owner as `viewer` knows it.
  int owner_seen_by(int viewer, unsigned slot) const;
  std::size_t slots_seen_by(int viewer) const;
  std::size_t slot_count(int index) const;
  std::vector<Range> ranges_of(int index) const;
  const Move* move_of(unsigned slot) const;
  const std::map<unsigned, Move>& moves() const { return moves_; }

  // ---- Edits ----

  void assign(unsigned slot, int to) { owners_[slot] = static_cast<std::int16_t>(to); }
  Move& begin_move(unsigned slot) { return moves_[slot]; }
  // What `index` was told of the move is forgotten.
  void end_move(unsigned slot, int index);
  void hand_over(unsigned slot, std::string_view key);
  // Gives the slot to `to`. An owner that is left without slots becomes a replica of it, as the
  // parameter cluster-allow-replica-migration wants it.
  enum class Emptied : std::uint8_t { kStaysMaster, kBecomesReplica };
  void settle_move(unsigned slot, int to, Emptied emptied);
  void replicate(int index, int master);
  // The replica takes the place of its master, which becomes one of its replicas.
  void fail_over(int replica);
  // The new epoch of the node; the old one when that is the highest there is already.
  bool bump_epoch(int index);
  void set_epoch(int index, std::uint64_t epoch);
  void meet(int one, int other);
  void forget(int index);
  enum class Reset : std::uint8_t { kSoft, kHard };
  void reset(int index, Reset kind);

 private:
  Topology() = default;
  Node& at(int index) { return nodes_[static_cast<std::size_t>(index)]; }

  ClusterShape shape_;
  std::vector<Node> nodes_;
  std::array<std::int16_t, kSlots> owners_{};
  std::map<unsigned, Move> moves_;
  std::uint64_t current_epoch_ = 0;
};

}  // namespace bodega::redis
