#include "engines/keyspace/structures/sorted_set.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "engines/keyspace/structures/hashing.h"
#include "engines/keyspace/structures/packed.h"
#include "engines/keyspace/structures/skip_list.h"

namespace bodega::keyspace {
namespace {

// One element of the flat run.
struct FlatElement {
  std::size_t start;
  std::size_t end;
  double score;
  std::string_view member;
};

FlatElement take_flat(const std::string& flat, std::size_t start) {
  const char* at = flat.data() + start;
  double score;
  std::memcpy(&score, at, sizeof score);
  at += sizeof score;
  const std::string_view member = take_packed(at);
  return {start, static_cast<std::size_t>(at - flat.data()), score, member};
}

// Calls `visit(element)` in order until it answers false.
template <class Visit>
void walk_flat(const std::string& flat, Visit&& visit) {
  for (std::size_t at = 0; at < flat.size();) {
    const FlatElement element = take_flat(flat, at);
    if (!visit(element)) return;
    at = element.end;
  }
}

std::optional<FlatElement> find_flat(const std::string& flat, std::string_view member) {
  std::optional<FlatElement> found;
  walk_flat(flat, [&](const FlatElement& element) {
    if (element.member != member) return true;
    found = element;
    return false;
  });
  return found;
}

void insert_flat(std::string& flat, std::string_view member, double score) {
  score += 0.0;  // Redis's listpacks have no negative zero either
  std::size_t at = flat.size();
  walk_flat(flat, [&](const FlatElement& element) {
    if (element.score < score || (element.score == score && element.member < member)) return true;
    at = element.start;
    return false;
  });
  std::string packed(reinterpret_cast<const char*>(&score), sizeof score);
  append_packed(packed, member);
  flat.insert(at, packed);
}

}  // namespace

SortedSet::SortedSet(std::uint64_t object_id) : object_id_(object_id) {}

SortedSet::~SortedSet() {
  if (table_) table_->for_each([](SkipNode& node) { std::free(&node); });
}

std::size_t SortedSet::size() const { return table_ ? table_->size() : flat_count_; }

Encoding SortedSet::encoding() const { return table_ ? Encoding::kSkiplist : Encoding::kListpack; }

std::optional<double> SortedSet::score(std::string_view member) const {
  if (table_) {
    const SkipNode* node = table_->find(member, hash_of(member));
    if (node == nullptr) return std::nullopt;
    return node->score;
  }
  const auto element = find_flat(flat_, member);
  if (!element) return std::nullopt;
  return element->score;
}

std::optional<std::size_t> SortedSet::rank(std::string_view member) const {
  if (table_) {
    const SkipNode* node = table_->find(member, hash_of(member));
    if (node == nullptr) return std::nullopt;
    return ordered_->rank(node);
  }
  std::size_t rank = 0;
  bool found = false;
  walk_flat(flat_, [&](const FlatElement& element) {
    found = element.member == member;
    if (!found) ++rank;
    return !found;
  });
  if (!found) return std::nullopt;
  return rank;
}

std::size_t SortedSet::count_before(double score, Bound bound) const {
  const auto precedes = [&](double other) {
    return bound == Bound::kBefore ? other < score : other <= score;
  };
  if (table_) {
    return ordered_->count_while([&](const SkipNode& node) { return precedes(node.score); });
  }
  std::size_t count = 0;
  walk_flat(flat_, [&](const FlatElement& element) {
    if (!precedes(element.score)) return false;
    ++count;
    return true;
  });
  return count;
}

std::size_t SortedSet::count_before(std::string_view member, Bound bound) const {
  const auto precedes = [&](std::string_view other) {
    return bound == Bound::kBefore ? other < member : other <= member;
  };
  if (table_) {
    return ordered_->count_while([&](const SkipNode& node) { return precedes(node.key()); });
  }
  std::size_t count = 0;
  walk_flat(flat_, [&](const FlatElement& element) {
    if (!precedes(element.member)) return false;
    ++count;
    return true;
  });
  return count;
}

void SortedSet::for_range(std::size_t first, std::size_t count, Order order, Visit visit) const {
  if (count == 0) return;
  if (table_) {
    const SkipNode* node = ordered_->at(first);
    for (; count > 0; --count) {
      if (!visit(node->key(), node->score)) return;
      node = order == Order::kForward ? node->after() : node->backward;
    }
    return;
  }
  if (order == Order::kForward) {
    std::size_t rank = 0;
    walk_flat(flat_, [&](const FlatElement& element) {
      if (rank++ < first) return true;
      return visit(element.member, element.score) && --count > 0;
    });
    return;
  }
  std::vector<std::size_t> starts;
  starts.reserve(first + 1);
  walk_flat(flat_, [&](const FlatElement& element) {
    starts.push_back(element.start);
    return starts.size() <= first;
  });
  for (; count > 0; --count) {
    const FlatElement element = take_flat(flat_, starts.back());
    starts.pop_back();
    if (!visit(element.member, element.score)) return;
  }
}

std::uint64_t SortedSet::scan(std::uint64_t cursor, std::size_t count,
                              base::FunctionRef<void(std::string_view, double)> visit) const {
  if (table_) {
    return table_->scan(cursor, count, [&](SkipNode& node) { visit(node.key(), node.score); });
  }
  walk_flat(flat_, [&](const FlatElement& element) {
    visit(element.member, element.score);
    return true;
  });
  return 0;
}

SortedSet::Added SortedSet::set(std::string_view member, double score, const Limits& limits) {
  if (!table_) {
    if (const auto element = find_flat(flat_, member)) {
      if (element->score == score) return Added::kSame;
      flat_.erase(element->start, element->end - element->start);
      insert_flat(flat_, member, score);
      return Added::kMoved;
    }
    if (flat_count_ < limits.zset_max_listpack_entries &&
        member.size() <= limits.zset_max_listpack_value) {
      insert_flat(flat_, member, score);
      ++flat_count_;
      return Added::kNew;
    }
    convert();
  }
  const std::uint32_t hash = hash_of(member);
  if (SkipNode* node = table_->find(member, hash)) {
    if (node->score == score) return Added::kSame;
    ordered_->set_score(node, score);
    return Added::kMoved;
  }
  SkipNode* node = make_skip_node(member, hash, score);
  node_bytes_ += node->bytes();
  ordered_->insert(node);
  table_->insert(node);
  return Added::kNew;
}

bool SortedSet::remove(std::string_view member) {
  if (table_) {
    SkipNode* node = table_->remove(member, hash_of(member));
    if (node == nullptr) return false;
    ordered_->remove(node);
    node_bytes_ -= node->bytes();
    std::free(node);
    return true;
  }
  const auto element = find_flat(flat_, member);
  if (!element) return false;
  flat_.erase(element->start, element->end - element->start);
  --flat_count_;
  return true;
}

void SortedSet::erase_ranks(std::size_t first, std::size_t count) {
  if (count == 0) return;
  if (table_) {
    SkipNode* node = ordered_->at(first);
    for (; count > 0; --count) {
      SkipNode* after = node->after();
      ordered_->remove(node);
      table_->remove(node->key(), node->hash32);
      node_bytes_ -= node->bytes();
      std::free(node);
      node = after;
    }
    return;
  }
  std::size_t rank = 0;
  std::size_t from = 0;
  std::size_t to = 0;
  walk_flat(flat_, [&](const FlatElement& element) {
    if (rank == first) from = element.start;
    to = element.end;
    return ++rank < first + count;
  });
  flat_.erase(from, to - from);
  flat_count_ -= static_cast<std::uint32_t>(count);
}

void SortedSet::convert() {
  auto table = std::make_unique<HashTable<SkipNode>>();
  auto ordered = std::make_unique<SkipList>();
  table->reserve(flat_count_ + 1);
  walk_flat(flat_, [&](const FlatElement& element) {
    SkipNode* node = make_skip_node(element.member, hash_of(element.member), element.score);
    node_bytes_ += node->bytes();
    table->insert(node);
    ordered->insert(node);
    return true;
  });
  table_ = std::move(table);
  ordered_ = std::move(ordered);
  flat_ = {};
  flat_count_ = 0;
}

bool SortedSet::free_some(std::size_t budget) {
  if (!table_) return false;
  ordered_ = std::make_unique<SkipList>();
  return table_->drain(budget, [this](SkipNode* node) {
    node_bytes_ -= node->bytes();
    std::free(node);
  });
}

void SortedSet::step_rehash(std::size_t buckets) {
  if (table_) table_->step(buckets);
}

std::size_t SortedSet::memory() const {
  return sizeof *this + flat_.capacity() + node_bytes_ +
         (table_ ? sizeof *table_ + sizeof *ordered_ + table_->bucket_bytes() : 0);
}

}  // namespace bodega::keyspace
