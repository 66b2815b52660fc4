#include "engines/keyspace/storage/journal.h"

#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/format.h"

namespace bodega::keyspace {
namespace {

using kv::Family;
using Kind = kv::Batch::Kind;

// On disk, so explicit.
constexpr std::uint8_t kPut = 1;
constexpr std::uint8_t kRemove = 2;
constexpr std::uint8_t kRemoveRange = 3;
constexpr std::uint8_t kInKeys = 1;
constexpr std::uint8_t kInElements = 2;
constexpr std::size_t kChangeHeadBytes = 10;  // kind, family and the two lengths

[[noreturn]] void damaged() { throw base::StorageFault("keyspace: damaged journal"); }

std::uint8_t code_of(Kind kind) {
  switch (kind) {
    case Kind::kPut: return kPut;
    case Kind::kRemove: return kRemove;
    case Kind::kRemoveRange: return kRemoveRange;
  }
  damaged();
}

void encode_change(std::string& out, const kv::Batch::Entry& change) {
  base::put_u8(out, code_of(change.kind));
  base::put_u8(out, change.family == Family::kKeys ? kInKeys : kInElements);
  base::put_u32(out, static_cast<std::uint32_t>(change.key.size()));
  base::put_u32(out, static_cast<std::uint32_t>(change.value.size()));
  out.append(change.key).append(change.value);
}

kv::Batch decode_changes(std::string_view part) {
  kv::Batch batch;
  while (!part.empty()) {
    if (part.size() < kChangeHeadBytes) damaged();
    base::ByteReader in(part);
    const std::uint8_t kind = in.u8();
    const Family family = in.u8() == kInKeys ? Family::kKeys : Family::kElements;
    const std::size_t key_length = in.u32();
    const std::size_t value_length = in.u32();
    const std::string_view rest = part.substr(kChangeHeadBytes);
    if (rest.size() < key_length + value_length) damaged();
    const std::string_view key = rest.substr(0, key_length);
    const std::string_view value = rest.substr(key_length, value_length);
    if (kind == kPut) {
      batch.put(family, key, value);
    } else if (kind == kRemove) {
      batch.remove(family, key);
    } else if (kind == kRemoveRange) {
      batch.remove_range(family, key, value);
    } else {
      damaged();
    }
    part.remove_prefix(kChangeHeadBytes + key_length + value_length);
  }
  return batch;
}

// A part of a batch may use what room the whole may.
void mark_like(kv::Batch& part, const kv::Batch& whole) {
  if (whole.frees_room()) part.mark_frees_room();
  if (whole.cleans_up()) part.mark_cleans_up();
}

void add_removal(kv::Batch& batch) {
  batch.remove(Family::kKeys, format::journal_marker_key());
  batch.remove_range(Family::kKeys, format::journal_part_key(0), format::journal_end_key());
}

}  // namespace

void Journal::commit(kv::Batch& batch) {
  if (footprint(batch) <= kMaxBatchBytes) {
    if (!batch.empty()) store_.commit(batch);
    return;
  }
  std::uint32_t parts = 0;
  std::string part;
  const auto write_part = [&] {
    kv::Batch one;
    mark_like(one, batch);
    one.put(Family::kKeys, format::journal_part_key(parts++), part);
    store_.commit(one);
    part.clear();
  };
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const kv::Batch::Entry change = batch.entry(i);
    const std::size_t size = kChangeHeadBytes + change.key.size() + change.value.size();
    if (!part.empty() && part.size() + size > kMaxBatchBytes) write_part();
    encode_change(part, change);
  }
  write_part();
  kv::Batch marker;
  mark_like(marker, batch);
  std::string count;
  base::put_u32(count, parts);
  marker.put(Family::kKeys, format::journal_marker_key(), count);
  store_.commit(marker);
  pending_ = std::exchange(batch, kv::Batch());
  try {
    finish();
  } catch (const std::exception&) {
    // It is committed all the same; the next pending() tries again.
  }
}

void Journal::finish() {
  if (!pending()) return;
  carry_out(pending_);
  kv::Batch removal;
  add_removal(removal);
  mark_like(removal, pending_);
  store_.commit(removal);
  pending_ = kv::Batch();
}

// What is carried out again from the start ends the same: later changes win over earlier ones.
void Journal::carry_out(const kv::Batch& batch) {
  kv::Batch part;
  const auto commit_part = [&] {
    if (part.empty()) return;
    mark_like(part, batch);
    store_.commit(part);
    part.clear();
  };
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const kv::Batch::Entry change = batch.entry(i);
    if (footprint(part) + change.key.size() + change.value.size() > kMaxBatchBytes) commit_part();
    part.add(change);
  }
  commit_part();
}

void Journal::clear() {
  kv::Batch removal;
  add_removal(removal);
  store_.commit(removal);
}

void Journal::recover() {
  const auto marker = store_.get(Family::kKeys, format::journal_marker_key());
  if (!marker || marker->size() != 4) damaged();
  const std::uint32_t parts = base::read_u32(*marker);
  for (std::uint32_t i = 0; i < parts; ++i) {
    const auto part = store_.get(Family::kKeys, format::journal_part_key(i));
    if (!part) damaged();
    kv::Batch batch = decode_changes(*part);
    batch.mark_frees_room();  // a start on a full disk cannot do without
    store_.commit(batch);
  }
  kv::Batch removal;
  add_removal(removal);
  removal.mark_frees_room();
  store_.commit(removal);
}

}  // namespace bodega::keyspace
