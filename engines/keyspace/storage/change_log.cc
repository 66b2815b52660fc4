#include "engines/keyspace/storage/change_log.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/storage/stream_records.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "engines/keyspace/structures/stream.h"

namespace bodega::keyspace {
namespace {

using kv::Family;

// The records and ranges for orphans of one batch are bounded; the others wait for the next.
constexpr std::size_t kMaxOrphanRanges = 1000;
// Collections of up to so many elements are removed without a range.
constexpr std::size_t kFewElements = 8;
// Pieces of a string that are put between two looks at how large the batch has become.
constexpr std::uint64_t kPiecesPerLook = 64;
// An entry of a batch takes this much beside its bytes, here and in the store.
constexpr std::size_t kEntryOverheadBytes = 24;

bool is_all_zero(std::string_view bytes) {
  return bytes.front() == '\0' &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

// A piece of zero bytes is not stored, and is removed where something else was.
void put_piece(kv::Batch& batch, const StringPieces& pieces, std::string_view text,
               std::uint64_t number) {
  const std::string_view piece = text.substr(number * kPieceLength, kPieceLength);
  const bool is_zero = is_all_zero(piece);
  if (is_zero && number >= pieces.pieces_on_disk) return;
  const std::string key = format::element_key(pieces.object_id, format::piece_suffix(number));
  if (is_zero) {
    batch.remove(Family::kElements, key);
  } else {
    batch.put(Family::kElements, key, piece);
  }
}

// Calls `visit(object id, suffix, value)` with each element of a collection, as it is stored.
template <class Visit>
void for_each_element(const Entry& entry, Visit visit) {
  switch (entry.type()) {
    case Type::kString: break;
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
      hash.for_each_stored([&](std::string_view field, std::string_view value, std::int64_t when) {
        stored.clear();
        format::append_field_value(stored, {value, when});
        visit(hash.object_id(), field, stored);
      });
      break;
    }
    case Type::kStream:
      format::for_each_record(entry.stream(), [&](std::string_view suffix, std::string_view value) {
        visit(entry.stream().object_id(), suffix, value);
      });
      break;
  }
}

}  // namespace

std::size_t footprint(const kv::Batch& batch) {
  return batch.size_bytes() + batch.size() * kEntryOverheadBytes;
}

void ChangeLog::reserve_object_ids(std::uint64_t next) {
  if (next > next_object_id_) next_object_id_ = first_fresh_id_ = next;
}

std::size_t ChangeLog::size_bytes() const { return footprint(elements_); }

std::string_view ChangeLog::element_key(std::uint64_t object_id, std::string_view suffix) {
  key_.clear();
  base::put_u64(key_, object_id);
  key_.append(suffix);
  return key_;
}

void ChangeLog::put_element(std::uint64_t object_id, std::string_view suffix,
                            std::string_view value) {
  elements_.put(Family::kElements, element_key(object_id, suffix), value);
  grown();
}

void ChangeLog::put_field(std::uint64_t object_id, std::string_view field, std::string_view value,
                          std::int64_t expiry_ms) {
  value_.clear();
  format::append_field_value(value_, {value, expiry_ms});
  elements_.put(Family::kElements, element_key(object_id, field), value_);
  grown();
}

void ChangeLog::remove_element(std::uint64_t object_id, std::string_view suffix) {
  elements_.remove(Family::kElements, element_key(object_id, suffix));
  grown();
}

void ChangeLog::remove_elements(std::uint64_t object_id, std::string_view from,
                                std::string_view to) {
  elements_.remove_range(Family::kElements, format::element_key(object_id, from),
                         format::element_key(object_id, to));
}

void ChangeLog::drop_object(std::uint64_t object_id) {
  if (dropping_ == Dropping::kForGood) {
    dead_.push_back({object_id, object_id + 1});
  } else {
    orphans_.push_back(object_id);
  }
}

void ChangeLog::drop_collection(const Entry& entry) {
  const std::size_t count = entry.record_count();
  if (count > kFewElements || (dropping_ == Dropping::kForGood && count > 0)) {
    return drop_object(entry.object_id());
  }
  for_each_element(entry, [this](std::uint64_t id, std::string_view suffix, std::string_view) {
    remove_element(id, suffix);
  });
}

// A fault does not end the command, which is in the middle of a change: it is kept for the commit.
void ChangeLog::go_ahead() {
  kv::Batch ahead;
  kv::Batch kept;
  for (std::size_t i = 0; i < elements_.size(); ++i) {
    const kv::Batch::Entry entry = elements_.entry(i);
    (is_fresh(base::read_u64(entry.key)) ? ahead : kept).add(entry);
  }
  if (!ahead.empty() && fault_ == nullptr) {
    try {
      store_.commit(ahead);
    } catch (...) {
      fault_ = std::current_exception();
    }
  }
  elements_ = std::move(kept);
  // Looked at again only when it has grown by as much as it would take to look.
  go_ahead_at_ = size_bytes() + std::max(size_bytes(), kMaxBatchBytes);
}

void ChangeLog::remove_key(std::uint32_t storage_id, std::string_view key) {
  removed_keys_.push_back(format::key_record_key(storage_id, key));
}

bool ChangeLog::empty() const {
  return elements_.empty() && removed_keys_.empty() && dropped_.empty() && orphans_.empty() &&
         libraries_.empty() && !map_changed_ && fault_ == nullptr;
}

void ChangeLog::take(kv::Batch& batch, const std::string& map) {
  if (batch.empty()) {
    std::swap(batch, elements_);
  } else {
    for (std::size_t i = 0; i < elements_.size(); ++i) batch.add(elements_.entry(i));
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
  left_.clear();
  if (orphans_.empty() && dead_.empty()) return;
  std::vector<Range> all = dead_;
  for (const std::uint64_t id : orphans_) all.push_back({id, id + 1});
  std::sort(all.begin(), all.end(), [](const Range& a, const Range& b) { return a.from < b.from; });
  std::size_t ranges = 0;
  std::size_t at = 0;
  while (at < all.size() && ranges < kMaxOrphanRanges) {
    Range range = all[at];
    for (++at; at < all.size() && all[at].from <= range.to; ++at) {
      range.to = std::max(range.to, all[at].to);
    }
    batch.remove_range(Family::kElements, format::element_key(range.from, {}),
                       format::element_key(range.to, {}));
    ++ranges;
  }
  left_.assign(all.begin() + static_cast<std::ptrdiff_t>(at), all.end());
}

void ChangeLog::committed() {
  orphans_.clear();
  dead_.swap(left_);
  left_.clear();
  first_fresh_id_ = next_object_id_;
  go_ahead_at_ = kMaxBatchBytes;
}

void ChangeLog::lost() {
  elements_ = kv::Batch();
  removed_keys_.clear();
  dropped_.clear();
  libraries_.clear();
  orphans_.clear();
  left_.clear();
  map_changed_ = false;
  fault_ = nullptr;
  if (first_fresh_id_ < next_object_id_) dead_.push_back({first_fresh_id_, next_object_id_});
  first_fresh_id_ = next_object_id_;
  go_ahead_at_ = kMaxBatchBytes;
}

ChangeLog::SetApart ChangeLog::set_apart() {
  SetApart tick{std::exchange(orphans_, {}), first_fresh_id_, next_object_id_};
  first_fresh_id_ = next_object_id_;
  go_ahead_at_ = kMaxBatchBytes;
  return tick;
}

void ChangeLog::committed(const SetApart& tick) {
  for (const std::uint64_t id : tick.orphans) dead_.push_back({id, id + 1});
}

void ChangeLog::lost(const SetApart& tick) {
  if (tick.first_fresh_id < tick.behind_fresh_ids) {
    dead_.push_back({tick.first_fresh_id, tick.behind_fresh_ids});
  }
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
    case Type::kList: record.object_id = entry.list().object_id(); break;
    case Type::kSet: record.object_id = entry.set().object_id(); break;
    case Type::kSortedSet: record.object_id = entry.sorted_set().object_id(); break;
    case Type::kHash: record.object_id = entry.hash().object_id(); break;
    case Type::kStream: record.object_id = entry.stream().object_id(); break;
  }
  batch.put(Family::kKeys, format::key_record_key(storage_id, entry.key()), format::encode(record));
  if (pieces != nullptr && !pieces->go_ahead) put_pieces(batch, entry, [](kv::Batch&) {});
}

void put_pieces(kv::Batch& batch, Entry& entry, Handover handover) {
  PiecesWalk walk;
  while (put_some_pieces(batch, entry, walk, kPiecesPerLook) == kPiecesPerLook) {
    if (footprint(batch) >= kMaxBatchBytes) handover(batch);
  }
}

std::uint64_t put_some_pieces(kv::Batch& batch, Entry& entry, PiecesWalk& walk,
                              std::uint64_t most) {
  HeapString& heap = *entry.heap_;
  StringPieces& pieces = *heap.pieces;
  const std::string_view text(heap.bytes(), heap.length);
  const std::uint64_t count = (text.size() + kPieceLength - 1) / kPieceLength;
  const bool begins = walk.range == 0 && walk.next == 0;
  if (begins) {
    std::sort(pieces.dirty.begin(), pieces.dirty.end(),
              [](const auto& a, const auto& b) { return a.from < b.from; });
  }
  std::uint64_t looked = 0;
  for (; walk.range < pieces.dirty.size(); ++walk.range) {
    const StringPieces::Range& range = pieces.dirty[walk.range];
    walk.next = std::max(walk.next, range.from);
    for (; walk.next < std::min(range.to, count); ++walk.next, ++looked) {
      if (looked == most) return most;
      put_piece(batch, pieces, text, walk.next);
    }
  }
  if (pieces.pieces_on_disk > count) {
    batch.remove_range(Family::kElements,
                       format::element_key(pieces.object_id, format::piece_suffix(count)),
                       format::element_key(pieces.object_id + 1, {}));
  }
  pieces.pieces_on_disk = count;
  pieces.dirty.clear();
  pieces.go_ahead = false;
  return looked;
}

void put_all_elements(kv::Batch& batch, const Entry& entry, Handover handover) {
  for_each_element(entry, [&](std::uint64_t id, std::string_view suffix, std::string_view value) {
    batch.put(Family::kElements, format::element_key(id, suffix), value);
    if (footprint(batch) >= kMaxBatchBytes) handover(batch);
  });
}

}  // namespace bodega::keyspace
