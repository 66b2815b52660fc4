#include "engines/keyspace/change_log.h"

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/keyspace/format.h"
#include "engines/keyspace/hash.h"
#include "engines/keyspace/list.h"
#include "engines/keyspace/set.h"
#include "engines/keyspace/sorted_set.h"

namespace bodega::keyspace {
namespace {

using kv::Family;

// The records and ranges for orphans of one batch are bounded; the others wait for the next.
constexpr std::size_t kMaxOrphanRanges = 1000;
// Collections of up to so many elements are removed without a range.
constexpr std::size_t kFewElements = 8;

// Calls `visit(object id, suffix, value)` with each element of a collection, as it is stored.
template <class Visit>
void for_each_element(const Entry& entry, Visit visit) {
  switch (entry.type()) {
    case Type::kString:
    case Type::kStream:
      break;
    case Type::kList: {
      const List& list = entry.list();
      list.for_each_stored([&](std::uint64_t position, std::string_view value) {
        visit(list.object_id(), format::position_suffix(position), value);
      });
      break;
    }
    case Type::kSet: {
      const Set& set = entry.set();
      set.for_each([&](std::string_view member) {
        visit(set.object_id(), member, std::string_view());
        return true;
      });
      break;
    }
    case Type::kSortedSet: {
      const SortedSet& set = entry.sorted_set();
      set.for_range(0, set.size(), Order::kForward, [&](std::string_view member, double score) {
        visit(set.object_id(), member, format::encode_score(score));
        return true;
      });
      break;
    }
    case Type::kHash: {
      const Hash& hash = entry.hash();
      std::string stored;
      hash.for_each([&](std::string_view field, std::string_view value) {
        stored.clear();
        format::append_field_value(stored, value);
        visit(hash.object_id(), field, stored);
      });
      break;
    }
  }
}

}  // namespace

std::string_view ChangeLog::element_key(std::uint64_t object_id, std::string_view suffix) {
  key_.clear();
  base::put_u64(key_, object_id);
  key_.append(suffix);
  return key_;
}

void ChangeLog::put_element(std::uint64_t object_id, std::string_view suffix,
                            std::string_view value) {
  elements_.put(Family::kElements, element_key(object_id, suffix), value);
}

void ChangeLog::put_field(std::uint64_t object_id, std::string_view field,
                          std::string_view value) {
  value_.clear();
  format::append_field_value(value_, value);
  elements_.put(Family::kElements, element_key(object_id, field), value_);
}

void ChangeLog::remove_element(std::uint64_t object_id, std::string_view suffix) {
  elements_.remove(Family::kElements, element_key(object_id, suffix));
}

void ChangeLog::remove_elements(std::uint64_t object_id, std::string_view from,
                                std::string_view to) {
  elements_.remove_range(Family::kElements, format::element_key(object_id, from),
                         format::element_key(object_id, to));
}

void ChangeLog::drop_collection(const Entry& entry) {
  if (entry.length() > kFewElements) return drop_object(entry.object_id());
  for_each_element(entry, [this](std::uint64_t id, std::string_view suffix, std::string_view) {
    remove_element(id, suffix);
  });
}

void ChangeLog::remove_key(std::uint32_t storage_id, std::string_view key) {
  removed_keys_.push_back(format::key_record_key(storage_id, key));
}

bool ChangeLog::empty() const {
  return elements_.empty() && removed_keys_.empty() && dropped_.empty() && orphans_.empty() &&
         !map_changed_;
}

void ChangeLog::take(kv::Batch& batch, const std::string& map) {
  if (batch.empty()) {
    std::swap(batch, elements_);
  } else {
    for (std::size_t i = 0; i < elements_.size(); ++i) {
      const kv::Batch::Entry entry = elements_.entry(i);
      switch (entry.kind) {
        case kv::Batch::Kind::kPut:
          batch.put(entry.family, entry.key, entry.value);
          break;
        case kv::Batch::Kind::kRemove:
          batch.remove(entry.family, entry.key);
          break;
        case kv::Batch::Kind::kRemoveRange:
          batch.remove_range(entry.family, entry.key, entry.value);
          break;
      }
    }
  }
  elements_.clear();
  // Removed first and put later: a key that went and came again in the same tick is there.
  for (const std::string& key : removed_keys_) batch.remove(Family::kKeys, key);
  removed_keys_.clear();
  for (const std::uint32_t storage_id : dropped_) {
    const std::string prefix = format::key_prefix(storage_id);
    batch.remove_range(Family::kKeys, prefix, base::prefix_end(prefix));
  }
  dropped_.clear();
  if (map_changed_) batch.put(Family::kKeys, format::database_map_key(), map);
  map_changed_ = false;
}

void ChangeLog::take_orphans(kv::Batch& batch) {
  if (orphans_.empty()) return;
  std::sort(orphans_.begin(), orphans_.end());
  std::size_t ranges = 0;
  std::size_t at = 0;
  while (at < orphans_.size() && ranges < kMaxOrphanRanges) {
    const std::uint64_t first = orphans_[at];
    std::uint64_t behind = first + 1;
    for (++at; at < orphans_.size() && orphans_[at] == behind; ++at) ++behind;
    batch.remove_range(Family::kElements, format::element_key(first, {}),
                       format::element_key(behind, {}));
    ++ranges;
  }
  orphans_.erase(orphans_.begin(), orphans_.begin() + static_cast<std::ptrdiff_t>(at));
}

void put_key_record(kv::Batch& batch, std::uint32_t storage_id, Entry& entry,
                    std::int64_t expiry_ms) {
  format::KeyRecord record;
  record.type = entry.type();
  record.expiry_ms = expiry_ms;
  TextBuffer buffer;
  StringPieces* pieces = nullptr;
  switch (entry.type()) {
    case Type::kString:
      if (entry.storage_ == Entry::Storage::kHeap) pieces = entry.heap_->pieces;
      if (pieces == nullptr) {
        record.text = entry.text(buffer);
      } else {
        record.in_pieces = true;
        record.object_id = pieces->object_id;
        record.length = entry.heap_->length;
      }
      break;
    case Type::kList:
      record.object_id = entry.list().object_id();
      break;
    case Type::kSet:
      record.object_id = entry.set().object_id();
      break;
    case Type::kSortedSet:
      record.object_id = entry.sorted_set().object_id();
      break;
    case Type::kHash:
      record.object_id = entry.hash().object_id();
      break;
    case Type::kStream:
      break;
  }
  batch.put(Family::kKeys, format::key_record_key(storage_id, entry.key()), format::encode(record));
  if (pieces == nullptr) return;

  const std::string_view text = entry.text(buffer);
  const std::uint64_t count = (text.size() + format::kPieceLength - 1) / format::kPieceLength;
  std::sort(pieces->dirty.begin(), pieces->dirty.end(),
            [](const auto& a, const auto& b) { return a.from < b.from; });
  std::uint64_t next = 0;
  for (const StringPieces::Range& range : pieces->dirty) {
    for (next = std::max(next, range.from); next < std::min(range.to, count); ++next) {
      batch.put(Family::kElements,
                format::element_key(pieces->object_id, format::piece_suffix(next)),
                text.substr(next * format::kPieceLength, format::kPieceLength));
    }
  }
  if (pieces->pieces_on_disk > count) {
    batch.remove_range(Family::kElements,
                       format::element_key(pieces->object_id, format::piece_suffix(count)),
                       format::element_key(pieces->object_id + 1, {}));
  }
  pieces->pieces_on_disk = count;
  pieces->dirty.clear();
}

void put_all_elements(kv::Batch& batch, const Entry& entry) {
  for_each_element(entry, [&](std::uint64_t id, std::string_view suffix, std::string_view value) {
    batch.put(Family::kElements, format::element_key(id, suffix), value);
  });
}

}  // namespace bodega::keyspace
