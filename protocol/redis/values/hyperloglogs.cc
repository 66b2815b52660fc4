// HyperLogLogs: counting different elements in strings of at most 12 KiB.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "engines/base/random.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/values/hyperloglog.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::TextBuffer;
using keyspace::Type;

constexpr std::size_t kCountAt = 8;

std::size_t most_sparse_bytes(const Call& call) {
  return call.instance.parameters().live().hll_sparse_max_bytes;
}

// The sketch that the entry holds. Throws when it is something else.
std::string_view sketch_of(const Entry& entry, TextBuffer& buffer) {
  if (!entry.is(Type::kString)) throw Error(errors::kWrongType);
  const std::string_view bytes = entry.text(buffer);
  if (!is_sketch(bytes)) {
    throw Error("WRONGTYPE Key is not a valid HyperLogLog string value.");
  }
  return bytes;
}

// A copy to work on; an empty sketch for null.
std::string copy_of(const Entry* entry) {
  if (entry == nullptr) return empty_sketch();
  TextBuffer buffer;
  return std::string(sketch_of(*entry, buffer));
}

void write_bytes(Call& call, std::string_view key, std::string_view bytes, std::size_t from,
                 std::size_t to) {
  const auto room = call.keyspace.edit_string(call.db, key, from, to - from);
  bytes.copy(room.data(), room.size(), from);
}

// Puts `after` in the place of `before`, writing only what differs: one element changes one
// register out of thousands.
void store(Call& call, std::string_view key, std::string_view before, std::string_view after) {
  if (after.size() < before.size()) return call.keyspace.set_text(call.db, key, after);
  if (before.size() < kSketchHeaderBytes) return write_bytes(call, key, after, 0, after.size());
  const auto header = static_cast<std::ptrdiff_t>(kSketchHeaderBytes);
  const auto first = std::mismatch(before.begin() + header, before.end(), after.begin() + header);
  const auto from = static_cast<std::size_t>(first.second - after.begin());
  std::size_t to = after.size();
  if (after.size() == before.size()) {
    const auto last = std::mismatch(before.rbegin(), before.rend(), after.rbegin());
    to -= static_cast<std::size_t>(last.second - after.rbegin());
  }
  write_bytes(call, key, after, 0, kSketchHeaderBytes);
  if (from < to) write_bytes(call, key, after, from, to);
}

void pfadd(Call& call) {
  const std::string_view key = call.arg(1);
  const Entry* entry = find_write(call, key);
  std::string sketch = copy_of(entry);
  const std::string before = entry == nullptr ? std::string() : sketch;
  bool changed = entry == nullptr;
  if (changed) drop_cached_count(sketch);
  for (const std::string_view element : call.args.subspan(2)) {
    changed |= raise_register(sketch, sketch_hit(element), most_sparse_bytes(call));
  }
  if (changed) {
    store(call, key, before, sketch);
    call.notify(kNotifyString, "pfadd", key);
  }
  call.reply.integer(changed ? 1 : 0);
}

// Raises `registers` to those of the sketches under `keys`. Whether one of them is dense.
bool merge_keys(Call& call, Args keys, SketchRegisters& registers) {
  bool dense = false;
  for (const std::string_view key : keys) {
    const Entry* entry = find_read(call, key);
    if (entry == nullptr) continue;
    TextBuffer buffer;
    const std::string_view bytes = sketch_of(*entry, buffer);
    dense |= !is_sparse_sketch(bytes);
    merge_sketch(registers, bytes);
  }
  return dense;
}

void pfcount(Call& call) {
  SketchRegisters registers{};
  if (call.size() > 2) {
    merge_keys(call, call.args.subspan(1), registers);
    return call.reply.integer(static_cast<std::int64_t>(estimate_count(registers)));
  }
  const std::string_view key = call.arg(1);
  const Entry* entry = find_read(call, key);
  if (entry == nullptr) return call.reply.integer(0);
  TextBuffer buffer;
  const std::string_view bytes = sketch_of(*entry, buffer);
  auto count = cached_count(bytes);
  if (!count) {
    merge_sketch(registers, bytes);
    count = estimate_count(registers);
    // A read that writes: it does without while the store takes no writes.
    if (call.instance.fault().empty()) {
      const auto room = call.keyspace.edit_string(call.db, key, kCountAt, sizeof *count);
      encoded_count(*count).copy(room.data(), room.size());
    }
  }
  call.reply.integer(static_cast<std::int64_t>(*count));
}

void pfmerge(Call& call) {
  const std::string_view key = call.arg(1);
  SketchRegisters registers{};
  const bool dense = merge_keys(call, call.args.subspan(1), registers);
  const Entry* entry = find_write(call, key);
  std::string sketch = copy_of(entry);
  const std::string before = entry == nullptr ? std::string() : sketch;
  if (dense) make_dense(sketch);
  for (std::size_t i = 0; i < registers.size(); ++i) {
    if (registers[i] == 0) continue;
    raise_register(sketch, {static_cast<std::uint32_t>(i), registers[i]}, most_sparse_bytes(call));
  }
  drop_cached_count(sketch);
  store(call, key, before, sketch);
  call.notify(kNotifyString, "pfadd", key);
  call.reply.ok();
}

// ---- PFDEBUG, PFSELFTEST ----

std::string decoded(std::string_view sketch) {
  std::string out;
  for (std::size_t at = kSketchHeaderBytes; at < sketch.size();) {
    const SketchRun run = read_run(sketch, at);
    if (!out.empty()) out += ' ';
    if (run.value > 0) {
      out += "v:" + std::to_string(run.value) + ',' + std::to_string(run.length);
    } else {
      out += (run.bytes == 1 ? "z:" : "Z:") + std::to_string(run.length);
    }
    at += run.bytes;
  }
  return out;
}

bool store_dense(Call& call, std::string& sketch) {
  if (!is_sparse_sketch(sketch)) return false;
  const std::string before = sketch;
  make_dense(sketch);
  store(call, call.arg(2), before, sketch);
  return true;
}

void pfdebug(Call& call) {
  const std::string_view what = call.arg(1);
  const Entry* entry = find_write(call, call.arg(2));
  if (entry == nullptr) throw Error("ERR The specified key does not exist");
  std::string sketch = copy_of(entry);
  if (is_word(what, "GETREG")) {
    store_dense(call, sketch);
    SketchRegisters registers{};
    merge_sketch(registers, sketch);
    call.reply.array(registers.size());
    for (const std::uint8_t value : registers) call.reply.integer(value);
  } else if (is_word(what, "DECODE")) {
    if (!is_sparse_sketch(sketch)) throw Error("ERR HLL encoding is not sparse");
    call.reply.bulk(decoded(sketch));
  } else if (is_word(what, "ENCODING")) {
    call.reply.simple(is_sparse_sketch(sketch) ? "sparse" : "dense");
  } else if (is_word(what, "TODENSE")) {
    call.reply.integer(store_dense(call, sketch) ? 1 : 0);
  } else {
    throw Error("ERR Unknown PFDEBUG subcommand '" + std::string(what) + "'");
  }
}

// Counts distinct elements in a sparse and in a dense sketch, which must agree and be near.
void pfselftest(Call& call) {
  constexpr std::uint64_t kElements = 100'000;  // Redis goes to ten million, for several seconds
  constexpr double kStandardError = 1.04 / 128;
  const std::size_t most_sparse = most_sparse_bytes(call);
  std::string sparse = empty_sketch();
  std::string dense = sparse;
  make_dense(dense);
  const std::uint64_t seed = base::random_u64();
  for (std::uint64_t i = 1, next = 1; i <= kElements; ++i) {
    const std::string element = encoded_count(i ^ seed);
    raise_register(dense, sketch_hit(element), most_sparse);
    raise_register(sparse, sketch_hit(element), most_sparse);
    if (i != next) continue;
    next *= 10;
    SketchRegisters of_sparse{};
    SketchRegisters of_dense{};
    merge_sketch(of_sparse, sparse);
    merge_sketch(of_dense, dense);
    if (of_sparse != of_dense) throw Error("ERR TESTFAILED dense/sparse disagree");
    const auto expected = static_cast<double>(i);
    const double error = std::abs(expected - static_cast<double>(estimate_count(of_dense)));
    if (error > std::ceil(kStandardError * 6 * expected)) {
      throw Error("ERR TESTFAILED Too big error. card:" + std::to_string(i));
    }
  }
  call.reply.ok();
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "pfadd", .arity = -2, .flags = kWrite | kDenyOom | kFast,
     .group = Group::kHyperloglog, .keys = {1, 1, 1, kKeyRW | kKeyInsert, 0}, .since = "2.8.9",
     .summary = "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.",
     .run = pfadd},
    {.name = "pfcount", .arity = -2, .flags = kReadonly | kMayReplicate,
     .group = Group::kHyperloglog, .keys = {1, -1, 1, kKeyRW | kKeyAccess, 0}, .since = "2.8.9",
     .summary = "Returns the approximated cardinality of the set(s) observed by the HyperLogLog "
                "key(s).",
     .run = pfcount},
    {.name = "pfmerge", .arity = -2, .flags = kWrite | kDenyOom, .group = Group::kHyperloglog,
     .keys = {1, 1, 1, kKeyRW | kKeyAccess | kKeyInsert, 0}, .since = "2.8.9",
     .summary = "Merges one or more HyperLogLog values into a single key.", .run = pfmerge,
     .more_keys = {2, -1, 1, kKeyRO | kKeyAccess, 0}},
    {.name = "pfdebug", .arity = 3, .flags = kWrite | kDenyOom | kAdmin,
     .group = Group::kHyperloglog, .keys = {2, 2, 1, kKeyRW | kKeyAccess, 0}, .since = "2.8.9",
     .summary = "Internal commands for debugging HyperLogLog values.", .run = pfdebug},
    {.name = "pfselftest", .arity = 1, .flags = kAdmin, .group = Group::kHyperloglog,
     .since = "2.8.9", .summary = "An internal command for testing HyperLogLog values.",
     .run = pfselftest},
};
// clang-format on

}  // namespace

std::span<const Command> hyperloglog_commands() { return kCommands; }

}  // namespace bodega::redis
