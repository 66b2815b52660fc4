#include "engines/keyspace/structures/set.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>

#include "engines/base/process/allocator.h"
#include "engines/keyspace/structures/hashing.h"
#include "engines/keyspace/structures/integer_text.h"
#include "engines/keyspace/structures/packed.h"

namespace bodega::keyspace {
namespace {

std::size_t bytes_of(const MemberNode& node) {
  return base::allocated_bytes(sizeof(MemberNode) + node.length);
}

MemberNode* make_node(std::string_view member, std::uint32_t hash) {
  void* memory = std::malloc(sizeof(MemberNode) + member.size());
  if (memory == nullptr) throw std::bad_alloc();
  auto* node = new (memory) MemberNode{nullptr, hash, static_cast<std::uint32_t>(member.size())};
  if (!member.empty()) std::memcpy(node->bytes(), member.data(), member.size());
  return node;
}

// The offset of the member in the flat run.
std::optional<std::size_t> find_flat(const std::string& flat, std::string_view member) {
  const char* at = flat.data();
  const char* const end = at + flat.size();
  while (at < end) {
    const char* const start = at;
    if (take_packed(at) == member) return static_cast<std::size_t>(start - flat.data());
  }
  return std::nullopt;
}

}  // namespace

Set::~Set() {
  if (table_) table_->for_each([](MemberNode& node) { std::free(&node); });
}

std::size_t Set::size() const {
  if (table_) return table_->size();
  return encoding_ == Encoding::kIntset ? integers_.size() : flat_count_;
}

bool Set::contains(std::string_view member) const {
  if (table_) return table_->find(member, hash_of(member)) != nullptr;
  if (encoding_ == Encoding::kIntset) {
    const auto integer = base::canonical_integer(member);
    return integer && std::binary_search(integers_.begin(), integers_.end(), *integer);
  }
  return find_flat(flat_, member).has_value();
}

void Set::for_each(Visit visit) const {
  if (table_) {
    table_->for_each([&](MemberNode& node) -> bool { return visit(node.key()); });
  } else if (encoding_ == Encoding::kIntset) {
    TextBuffer buffer;
    for (const std::int64_t integer : integers_) {
      if (!visit(format_integer(integer, buffer))) return;
    }
  } else {
    const char* at = flat_.data();
    const char* const end = at + flat_.size();
    while (at < end) {
      if (!visit(take_packed(at))) return;
    }
  }
}

std::uint64_t Set::scan(std::uint64_t cursor, std::size_t count,
                        base::FunctionRef<void(std::string_view member)> visit) const {
  if (table_) return table_->scan(cursor, count, [&](MemberNode& node) { visit(node.key()); });
  for_each([&](std::string_view member) {
    visit(member);
    return true;
  });
  return 0;
}

std::string Set::random() const {
  if (table_) return std::string(table_->random()->key());
  if (encoding_ == Encoding::kIntset) {
    TextBuffer buffer;
    return std::string(format_integer(integers_[base::random_below(integers_.size())], buffer));
  }
  const char* at = flat_.data();
  for (std::uint64_t skip = base::random_below(flat_count_); skip > 0; --skip) take_packed(at);
  return std::string(take_packed(at));
}

bool Set::add(std::string_view member, const Limits& limits) {
  if (encoding_ == Encoding::kIntset) {
    if (const auto integer = base::canonical_integer(member)) {
      const auto at = std::lower_bound(integers_.begin(), integers_.end(), *integer);
      if (at != integers_.end() && *at == *integer) return false;
      integers_.insert(at, *integer);
      if (integers_.size() > limits.set_max_intset_entries) convert_to_table();
      return true;
    }
    if (integers_.size() < limits.set_max_listpack_entries &&
        member.size() <= limits.set_max_listpack_value) {
      convert_to_flat();
    } else {
      convert_to_table();
    }
  }
  if (encoding_ == Encoding::kListpack) {
    if (find_flat(flat_, member)) return false;
    if (flat_count_ < limits.set_max_listpack_entries &&
        member.size() <= limits.set_max_listpack_value) {
      append_packed(flat_, member);
      ++flat_count_;
      return true;
    }
    convert_to_table();
  }
  const std::uint32_t hash = hash_of(member);
  if (table_->find(member, hash) != nullptr) return false;
  MemberNode* node = make_node(member, hash);
  node_bytes_ += bytes_of(*node);
  table_->insert(node);
  return true;
}

bool Set::remove(std::string_view member) {
  if (table_) {
    MemberNode* node = table_->remove(member, hash_of(member));
    if (node == nullptr) return false;
    node_bytes_ -= bytes_of(*node);
    std::free(node);
    return true;
  }
  if (encoding_ == Encoding::kIntset) {
    const auto integer = base::canonical_integer(member);
    if (!integer) return false;
    const auto at = std::lower_bound(integers_.begin(), integers_.end(), *integer);
    if (at == integers_.end() || *at != *integer) return false;
    integers_.erase(at);
    return true;
  }
  const auto offset = find_flat(flat_, member);
  if (!offset) return false;
  flat_.erase(*offset, packed_size(member));
  --flat_count_;
  return true;
}

void Set::convert_to_flat() {
  TextBuffer buffer;
  for (const std::int64_t integer : integers_) {
    append_packed(flat_, format_integer(integer, buffer));
  }
  flat_count_ = static_cast<std::uint32_t>(integers_.size());
  integers_ = {};
  encoding_ = Encoding::kListpack;
}

void Set::convert_to_table() {
  auto table = std::make_unique<HashTable<MemberNode>>();
  table->reserve(size() + 1);
  for_each([&](std::string_view member) {
    MemberNode* node = make_node(member, hash_of(member));
    node_bytes_ += bytes_of(*node);
    table->insert(node);
    return true;
  });
  table_ = std::move(table);
  integers_ = {};
  flat_ = {};
  flat_count_ = 0;
  encoding_ = Encoding::kHashtable;
}

bool Set::free_some(std::size_t budget) {
  if (!table_) return false;
  return table_->drain(budget, [this](MemberNode* node) {
    node_bytes_ -= bytes_of(*node);
    std::free(node);
  });
}

std::size_t Set::memory() const {
  return sizeof *this + flat_.capacity() + integers_.capacity() * sizeof(std::int64_t) +
         node_bytes_ + (table_ ? sizeof *table_ + table_->bucket_bytes() : 0);
}

}  // namespace bodega::keyspace
