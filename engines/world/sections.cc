#include "engines/world/sections.h"

#include <algorithm>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"

namespace bodega::world {
namespace {

using kv::Family;

constexpr char kName = 0x00;
constexpr char kNext = 0x01;
constexpr char kContents = 0x02;
constexpr char kDropped = 0x03;

std::string key_of(char tag, char kind) { return {tag, kind}; }

std::string numbered(char tag, char kind, std::uint32_t number) {
  std::string key = key_of(tag, kind);
  base::put_u32(key, number);
  return key;
}

std::uint32_t read_number(std::string_view bytes) {
  base::ByteReader reader(bytes);
  const std::uint32_t number = reader.u32();
  if (!reader.ok() || number == 0) {
    throw base::StorageFault("the record of a world's section is damaged");
  }
  return number;
}

std::string number_bytes(std::uint32_t number) {
  std::string bytes;
  base::put_u32(bytes, number);
  return bytes;
}

}  // namespace

Sections::Sections(kv::Store& names, SectionKind kind)
    : names_store_(names), tag_(static_cast<char>(kind)) {
  if (const auto next = names.get(Family::kMeta, key_of(tag_, kNext))) next_ = read_number(*next);
  if (next_ == 1) return;  // there never was any
  const std::string named = key_of(tag_, kName);
  const auto cursor = names.cursor(Family::kMeta, named, base::prefix_end(named));
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    names_.emplace(cursor->key().substr(named.size()), read_number(cursor->value()));
  }
  const std::string dropped = key_of(tag_, kDropped);
  const auto gone = names.cursor(Family::kMeta, dropped, base::prefix_end(dropped));
  for (gone->seek_first(); gone->valid(); gone->next()) {
    dropped_.push_back({read_number(gone->key().substr(dropped.size())), {}});
  }
}

std::vector<Sections::Named> Sections::list() const {
  const base::Lock lock(mutex_);
  std::vector<Named> listed;
  for (const auto& [name, number] : names_) listed.push_back({name, number});
  return listed;
}

std::optional<std::uint32_t> Sections::find(std::string_view name) const {
  const base::Lock lock(mutex_);
  const auto found = names_.find(name);
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

std::uint32_t Sections::add(std::string_view name) {
  const base::Lock lock(mutex_);
  BODEGA_CHECK(!names_.contains(name));
  kv::Batch batch;
  batch.put(Family::kMeta, key_of(tag_, kNext), number_bytes(next_ + 1));
  batch.put(Family::kMeta, key_of(tag_, kName).append(name), number_bytes(next_));
  names_store_.commit(batch);
  names_.emplace(name, next_);
  return next_++;
}

bool Sections::drop(std::string_view name, std::weak_ptr<const void> user) {
  const base::Lock lock(mutex_);
  const auto found = names_.find(name);
  if (found == names_.end()) return false;
  kv::Batch batch;
  batch.remove(Family::kMeta, key_of(tag_, kName).append(name));
  batch.put(Family::kMeta, numbered(tag_, kDropped, found->second), {});
  batch.mark_frees_room();
  names_store_.commit(batch);
  dropped_.push_back({found->second, std::move(user)});
  names_.erase(found);
  return true;
}

std::optional<std::uint32_t> Sections::take_unused() {
  const base::Lock lock(mutex_);
  const auto unused = std::find_if(dropped_.begin(), dropped_.end(),
                                   [](const Dropped& one) { return one.user.expired(); });
  if (unused == dropped_.end()) return std::nullopt;
  const std::uint32_t number = unused->number;
  dropped_.erase(unused);
  return number;
}

void Sections::remove_dropped(const std::function<void(std::uint32_t number)>& remove_keys) {
  while (const auto number = take_unused()) {
    try {
      remove_keys(*number);
      kv::Batch batch;
      batch.remove(Family::kMeta, numbered(tag_, kDropped, *number));
      batch.mark_frees_room();
      names_store_.commit(batch);
    } catch (...) {
      const base::Lock lock(mutex_);
      dropped_.push_back({*number, {}});
      throw;
    }
  }
}

std::string Sections::prefix(std::uint32_t number) const {
  return numbered(tag_, kContents, number);
}

void remove_section(kv::Store& whole, kv::Database database, const std::string& prefix) {
  kv::Batch batch;
  for (const kv::FamilyRow& row : kv::kFamilies) {
    if (row.database != database) continue;
    batch.remove_range(row.family, prefix, base::prefix_end(prefix));
  }
  batch.mark_frees_room();
  whole.commit(batch);
}

}  // namespace bodega::world
