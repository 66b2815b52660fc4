#include "engines/keyspace/structures/hash.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "engines/keyspace/structures/hashing.h"
#include "engines/keyspace/structures/packed.h"

namespace bodega::keyspace {
namespace {

std::size_t bytes_of(const FieldNode& node) {
  return sizeof(FieldNode) + node.field_length + node.value_capacity;
}

FieldNode* make_node(std::string_view field, std::uint32_t hash, std::string_view value) {
  void* memory = std::malloc(sizeof(FieldNode) + field.size() + value.size());
  if (memory == nullptr) throw std::bad_alloc();
  auto* node = new (memory)
      FieldNode{nullptr, hash, static_cast<std::uint32_t>(field.size()),
                static_cast<std::uint32_t>(value.size()), static_cast<std::uint32_t>(value.size())};
  if (!field.empty()) std::memcpy(node->bytes(), field.data(), field.size());
  if (!value.empty()) std::memcpy(node->bytes() + field.size(), value.data(), value.size());
  return node;
}

// Where a field stands in the flat run.
struct Spot {
  const char* start;        // of the pair
  const char* value_start;  // of the value's packed string
  const char* end;          // behind the pair
  std::string_view value;
};

std::optional<Spot> find_flat(const std::string& flat, std::string_view field) {
  const char* at = flat.data();
  const char* const end = at + flat.size();
  while (at < end) {
    const char* const start = at;
    const std::string_view name = take_packed(at);
    const char* const value_start = at;
    const std::string_view value = take_packed(at);
    if (name == field) return Spot{start, value_start, at, value};
  }
  return std::nullopt;
}

}  // namespace

Hash::~Hash() {
  if (table_) table_->for_each([](FieldNode& node) { std::free(&node); });
}

std::optional<std::string_view> Hash::get(std::string_view field) const {
  if (table_) {
    const FieldNode* node = table_->find(field, hash_of(field));
    if (node == nullptr) return std::nullopt;
    return node->value();
  }
  const auto spot = find_flat(flat_, field);
  if (!spot) return std::nullopt;
  return spot->value;
}

void Hash::for_each(Visit visit) const {
  if (table_) {
    table_->for_each([&](FieldNode& node) { visit(node.key(), node.value()); });
    return;
  }
  const char* at = flat_.data();
  const char* const end = at + flat_.size();
  while (at < end) {
    const std::string_view field = take_packed(at);
    const std::string_view value = take_packed(at);
    visit(field, value);
  }
}

std::uint64_t Hash::scan(std::uint64_t cursor, std::size_t count, Visit visit) const {
  if (table_) {
    return table_->scan(cursor, count, [&](FieldNode& node) { visit(node.key(), node.value()); });
  }
  for_each(visit);
  return 0;
}

std::pair<std::string_view, std::string_view> Hash::random() const {
  if (table_) {
    const FieldNode* node = table_->random();
    return {node->key(), node->value()};
  }
  const char* at = flat_.data();
  for (std::uint64_t skip = base::random_below(flat_count_); skip > 0; --skip) {
    take_packed(at);
    take_packed(at);
  }
  const std::string_view field = take_packed(at);
  return {field, take_packed(at)};
}

bool Hash::set(std::string_view field, std::string_view value, const Limits& limits) {
  if (!table_ && (field.size() > limits.hash_max_listpack_value ||
                  value.size() > limits.hash_max_listpack_value)) {
    convert();
  }
  if (!table_) {
    if (const auto spot = find_flat(flat_, field)) {
      if (spot->value.size() == value.size()) {
        std::memcpy(flat_.data() + (spot->value.data() - flat_.data()), value.data(), value.size());
      } else {
        std::string packed;
        append_packed(packed, value);
        flat_.replace(static_cast<std::size_t>(spot->value_start - flat_.data()),
                      static_cast<std::size_t>(spot->end - spot->value_start), packed);
      }
      return false;
    }
    if (flat_count_ < limits.hash_max_listpack_entries) {
      append_packed(flat_, field);
      append_packed(flat_, value);
      ++flat_count_;
      return true;
    }
    convert();
  }
  const std::uint32_t hash = hash_of(field);
  if (FieldNode** link = table_->find_link(field, hash)) {
    FieldNode* node = *link;
    if (value.size() <= node->value_capacity && value.size() * 2 + 32 >= node->value_capacity) {
      if (!value.empty()) {
        std::memcpy(node->bytes() + node->field_length, value.data(), value.size());
      }
      node->value_length = static_cast<std::uint32_t>(value.size());
      return false;
    }
    FieldNode* grown = make_node(field, hash, value);
    grown->next = node->next;
    *link = grown;
    node_bytes_ += bytes_of(*grown) - bytes_of(*node);
    std::free(node);
    return false;
  }
  FieldNode* node = make_node(field, hash, value);
  node_bytes_ += bytes_of(*node);
  table_->insert(node);
  return true;
}

bool Hash::remove(std::string_view field) {
  if (table_) {
    FieldNode* node = table_->remove(field, hash_of(field));
    if (node == nullptr) return false;
    node_bytes_ -= bytes_of(*node);
    std::free(node);
    return true;
  }
  const auto spot = find_flat(flat_, field);
  if (!spot) return false;
  flat_.erase(static_cast<std::size_t>(spot->start - flat_.data()),
              static_cast<std::size_t>(spot->end - spot->start));
  --flat_count_;
  return true;
}

void Hash::convert() {
  auto table = std::make_unique<HashTable<FieldNode>>();
  table->reserve(flat_count_ + 1);
  for_each([&](std::string_view field, std::string_view value) {
    FieldNode* node = make_node(field, hash_of(field), value);
    node_bytes_ += bytes_of(*node);
    table->insert(node);
  });
  table_ = std::move(table);
  flat_ = {};
  flat_count_ = 0;
}

bool Hash::free_some(std::size_t budget) {
  if (!table_) return false;
  return table_->drain(budget, [this](FieldNode* node) {
    node_bytes_ -= bytes_of(*node);
    std::free(node);
  });
}

std::size_t Hash::memory() const {
  return sizeof *this + flat_.capacity() + node_bytes_ +
         (table_ ? sizeof *table_ + table_->bucket_bytes() : 0);
}

}  // namespace bodega::keyspace
