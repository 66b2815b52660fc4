#include "engines/keyspace/structures/skip_list.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#include "engines/base/random.h"

namespace bodega::keyspace {
namespace {

bool precedes(const SkipNode& node, double score, std::string_view member) {
  return node.score < score || (node.score == score && node.key() < member);
}

}  // namespace

SkipNode* make_skip_node(std::string_view member, std::uint32_t hash, double score) {
  const auto height = std::min<std::size_t>(
      1 + static_cast<std::size_t>(std::countr_zero(base::random_u64())) / 2, SkipList::kMaxHeight);
  void* memory = std::malloc(sizeof(SkipNode) + height * sizeof(SkipNode::Level) + member.size());
  if (memory == nullptr) throw std::bad_alloc();
  auto* node = new (memory)
      SkipNode{nullptr, hash, static_cast<std::uint32_t>(member.size()), score, nullptr, height};
  for (std::size_t i = 0; i < height; ++i) new (node->levels() + i) SkipNode::Level{nullptr, 0};
  if (!member.empty()) {
    std::memcpy(reinterpret_cast<char*>(node->levels() + height), member.data(), member.size());
  }
  return node;
}

SkipList::SkipList() = default;

void SkipList::insert(SkipNode* node) {
  std::array<SkipNode::Level*, kMaxHeight> before;  // the links that will lead to the node
  std::array<std::size_t, kMaxHeight> rank;         // bottom steps up to there
  SkipNode* previous = nullptr;
  SkipNode::Level* levels = head_.data();
  std::size_t steps = 0;
  const std::string_view member = node->key();
  for (std::size_t level = height_; level-- > 0;) {
    while (levels[level].forward != nullptr &&
           precedes(*levels[level].forward, node->score, member)) {
      steps += levels[level].span;
      previous = levels[level].forward;
      levels = previous->levels();
    }
    before[level] = &levels[level];
    rank[level] = steps;
  }
  for (; height_ < node->level_count; ++height_) {
    head_[height_] = {nullptr, size_};
    before[height_] = &head_[height_];
    rank[height_] = 0;
  }
  for (std::size_t level = 0; level < node->level_count; ++level) {
    node->levels()[level] = {before[level]->forward, before[level]->span - (steps - rank[level])};
    *before[level] = {node, steps - rank[level] + 1};
  }
  for (std::size_t level = node->level_count; level < height_; ++level) ++before[level]->span;
  node->backward = previous;
  if (node->after() != nullptr) {
    node->after()->backward = node;
  } else {
    tail_ = node;
  }
  ++size_;
}

void SkipList::remove(SkipNode* node) {
  SkipNode::Level* levels = head_.data();
  const std::string_view member = node->key();
  for (std::size_t level = height_; level-- > 0;) {
    while (levels[level].forward != nullptr &&
           precedes(*levels[level].forward, node->score, member)) {
      levels = levels[level].forward->levels();
    }
    SkipNode::Level& before = levels[level];
    if (before.forward == node) {
      before = {node->levels()[level].forward, before.span + node->levels()[level].span - 1};
    } else {
      --before.span;
    }
  }
  if (node->after() != nullptr) {
    node->after()->backward = node->backward;
  } else {
    tail_ = node->backward;
  }
  while (height_ > 1 && head_[height_ - 1].forward == nullptr) --height_;
  --size_;
}

void SkipList::set_score(SkipNode* node, double score) {
  const SkipNode* before = node->backward;
  const SkipNode* after = node->after();
  // Often the node stays between its neighbours.
  if ((before == nullptr || before->score < score) && (after == nullptr || score < after->score)) {
    node->score = score;
    return;
  }
  remove(node);
  node->score = score;
  insert(node);
}

std::size_t SkipList::rank(const SkipNode* node) const {
  const double score = node->score;
  const std::string_view member = node->key();
  return count_while([&](const SkipNode& other) { return precedes(other, score, member); });
}

SkipNode* SkipList::at(std::size_t rank) const {
  if (rank + 1 == size_) return tail_;
  std::size_t left = rank + 1;
  const SkipNode::Level* levels = head_.data();
  SkipNode* node = nullptr;
  for (std::size_t level = height_; level-- > 0;) {
    while (levels[level].forward != nullptr && levels[level].span <= left) {
      left -= levels[level].span;
      node = levels[level].forward;
      levels = node->levels();
    }
    if (left == 0) break;
  }
  return node;
}

}  // namespace bodega::keyspace
