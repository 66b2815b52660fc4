#include "engines/keyspace/structures/field_expiry.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "engines/keyspace/structures/hashing.h"

namespace bodega::keyspace {
namespace {

std::size_t bytes_of(const ExpiringField& field) {
  return sizeof(ExpiringField) + field.name_length;
}

ExpiringField* make_field(std::string_view name, std::uint32_t hash) {
  void* memory = std::malloc(sizeof(ExpiringField) + name.size());
  if (memory == nullptr) throw std::bad_alloc();
  auto* field = new (memory)
      ExpiringField{nullptr, hash, kNoExpirySlot, static_cast<std::uint32_t>(name.size())};
  if (!name.empty()) std::memcpy(static_cast<void*>(field + 1), name.data(), name.size());
  return field;
}

}  // namespace

FieldExpiry::~FieldExpiry() {
  fields_.for_each([](ExpiringField& field) { std::free(&field); });
}

std::size_t FieldExpiry::memory() const {
  return sizeof *this + fields_.bucket_bytes() + heap_.memory() + field_bytes_;
}

std::int64_t FieldExpiry::when_ms(std::string_view field) const {
  const ExpiringField* found = fields_.find(field, hash_of(field));
  return found == nullptr ? kNoExpiry : heap_.when_ms(*found);
}

void FieldExpiry::set(std::string_view field, std::int64_t when_ms) {
  const std::uint32_t hash = hash_of(field);
  ExpiringField* found = fields_.find(field, hash);
  if (found == nullptr) {
    found = make_field(field, hash);
    field_bytes_ += bytes_of(*found);
    fields_.insert(found);
  }
  heap_.set(*found, when_ms);
}

void FieldExpiry::clear(std::string_view field) {
  ExpiringField* found = fields_.remove(field, hash_of(field));
  if (found == nullptr) return;
  heap_.clear(*found);
  field_bytes_ -= bytes_of(*found);
  std::free(found);
}

bool FieldExpiry::hides(std::string_view field) const {
  if (!hides_any()) return false;
  const std::int64_t when = when_ms(field);
  return when != kNoExpiry && when < hidden_before_ms_;
}

std::size_t FieldExpiry::hidden_count() const {
  std::size_t count = 0;
  if (!hides_any()) return count;
  for (std::size_t i = 0; i < heap_.size(); ++i) {
    if (heap_.when_ms_at(i) < hidden_before_ms_) ++count;
  }
  return count;
}

bool FieldExpiry::free_some(std::size_t budget) {
  heap_ = {};
  return fields_.drain(budget, [this](ExpiringField* field) {
    field_bytes_ -= bytes_of(*field);
    std::free(field);
  });
}

}  // namespace bodega::keyspace
