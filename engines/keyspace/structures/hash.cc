#include "engines/keyspace/structures/hash.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "engines/base/process/allocator.h"
#include "engines/keyspace/structures/hashing.h"
#include "engines/keyspace/structures/packed.h"

namespace bodega::keyspace {
namespace {

std::size_t bytes_of(const FieldNode& node) {
  return base::allocated_bytes(sizeof(FieldNode) + node.field_length + node.value_capacity);
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
  if (table_) table_->nodes.for_each([](FieldNode& node) { std::free(&node); });
}

std::optional<std::string_view> Hash::get(std::string_view field) const {
  if (hides(field)) return std::nullopt;
  if (table_) {
    const FieldNode* node = table_->nodes.find(field, hash_of(field));
    if (node == nullptr) return std::nullopt;
    return node->value();
  }
  const auto spot = find_flat(flat_, field);
  if (!spot) return std::nullopt;
  return spot->value;
}

void Hash::for_each_stored(VisitStored visit) const {
  if (table_) {
    table_->nodes.for_each(
        [&](FieldNode& node) { visit(node.key(), node.value(), expiry_ms(node.key())); });
    return;
  }
  const char* at = flat_.data();
  const char* const end = at + flat_.size();
  while (at < end) {
    const std::string_view field = take_packed(at);
    const std::string_view value = take_packed(at);
    visit(field, value, expiry_ms(field));
  }
}

void Hash::for_each(Visit visit) const {
  if (table_) {
    table_->nodes.for_each([&](FieldNode& node) {
      if (!hides(node.key())) visit(node.key(), node.value());
    });
    return;
  }
  const char* at = flat_.data();
  const char* const end = at + flat_.size();
  while (at < end) {
    const std::string_view field = take_packed(at);
    const std::string_view value = take_packed(at);
    if (!hides(field)) visit(field, value);
  }
}

std::uint64_t Hash::scan(std::uint64_t cursor, std::size_t count, Visit visit) const {
  if (table_) {
    return table_->nodes.scan(cursor, count, [&](FieldNode& node) {
      if (!hides(node.key())) visit(node.key(), node.value());
    });
  }
  for_each(visit);
  return 0;
}

std::pair<std::string_view, std::string_view> Hash::random() const {
  if (table_) {
    const FieldNode* node = table_->nodes.random();
    while (hides(node->key())) node = table_->nodes.random();
    return {node->key(), node->value()};
  }
  std::pair<std::string_view, std::string_view> out;
  std::uint64_t skip = base::random_below(size());
  for_each([&](std::string_view field, std::string_view value) {
    if (skip-- == 0) out = {field, value};
  });
  return out;
}

bool Hash::set(std::string_view field, std::string_view value, const Limits& limits,
               std::int64_t expiry_ms) {
  const bool is_new = put(field, value, limits);
  if (expiry_ != nullptr || expiry_ms != kNoExpiry) set_expiry(field, expiry_ms);
  return is_new;
}

void Hash::set_expiry(std::string_view field, std::int64_t expiry_ms) {
  if (expiry_ == nullptr) expiry_ = std::make_unique<FieldExpiry>();
  if (expiry_ms == kNoExpiry) {
    expiry_->clear(field);
  } else {
    expiry_->set(field, expiry_ms);
  }
}

bool Hash::put(std::string_view field, std::string_view value, const Limits& limits) {
  if (!table_ && (field.size() > limits.hash_max_listpack_value ||
                  value.size() > limits.hash_max_listpack_value)) {
    convert();
  }
  if (table_) return put_in_table(field, value);
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
  return put_in_table(field, value);
}

bool Hash::put_in_table(std::string_view field, std::string_view value) {
  const std::uint32_t hash = hash_of(field);
  if (FieldNode** link = table_->nodes.find_link(field, hash)) {
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
    table_->node_bytes += bytes_of(*grown) - bytes_of(*node);
    std::free(node);
    return false;
  }
  FieldNode* node = make_node(field, hash, value);
  table_->node_bytes += bytes_of(*node);
  table_->nodes.insert(node);
  return true;
}

bool Hash::remove(std::string_view field) {
  if (table_) {
    FieldNode* node = table_->nodes.remove(field, hash_of(field));
    if (node == nullptr) return false;
    table_->node_bytes -= bytes_of(*node);
    if (expiry_) expiry_->clear(field);
    std::free(node);
    return true;
  }
  const auto spot = find_flat(flat_, field);
  if (!spot) return false;
  if (expiry_) expiry_->clear(field);
  flat_.erase(static_cast<std::size_t>(spot->start - flat_.data()),
              static_cast<std::size_t>(spot->end - spot->start));
  --flat_count_;
  return true;
}

void Hash::convert() {
  auto table = std::make_unique<Table>();
  table->nodes.reserve(flat_count_ + 1);
  for_each_stored([&](std::string_view field, std::string_view value, std::int64_t) {
    FieldNode* node = make_node(field, hash_of(field), value);
    table->node_bytes += bytes_of(*node);
    table->nodes.insert(node);
  });
  table_ = std::move(table);
  flat_ = {};
  flat_count_ = 0;
}

bool Hash::free_some(std::size_t budget) {
  if (expiry_ && expiry_->free_some(budget)) return true;
  if (!table_) return false;
  return table_->nodes.drain(budget, [this](FieldNode* node) {
    table_->node_bytes -= bytes_of(*node);
    std::free(node);
  });
}

std::size_t Hash::memory() const {
  return sizeof *this + flat_.capacity() +
         (table_ ? sizeof *table_ + table_->nodes.bucket_bytes() + table_->node_bytes : 0) +
         (expiry_ ? expiry_->memory() : 0);
}

}  // namespace bodega::keyspace
