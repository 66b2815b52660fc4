#include "protocol/redis/values/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "protocol/redis/wire/errors.h"

namespace bodega::redis {
namespace {

constexpr int kIndexBits = 14;  // of an element's hash; the others are counted
constexpr int kCountedBits = 64 - kIndexBits;
constexpr std::uint64_t kHashSeed = 0xadc83b19;

constexpr std::string_view kMagic = "HYLL";
constexpr std::size_t kEncodingAt = 4;
constexpr std::size_t kCountAt = 8;
constexpr std::size_t kStaleAt = 15;  // the byte with the bit that says so
constexpr unsigned char kStaleBit = 0x80;
constexpr char kDense = 0;
constexpr char kSparse = 1;

constexpr unsigned char kValueBit = 0x80;
constexpr unsigned char kLongZerosBit = 0x40;
constexpr std::uint32_t kMaxShortZeros = 64;
constexpr std::uint32_t kMaxValueRun = 4;
constexpr unsigned kMaxRunValue = 32;

constexpr unsigned kRegisterBits = 6;
constexpr unsigned kRegisterMask = (1u << kRegisterBits) - 1;
constexpr std::size_t kHistogramSize = kRegisterMask + 1;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u;
}

// MurmurHash64A.
std::uint64_t hash_of_element(std::string_view element) {
  constexpr std::uint64_t kFactor = 0xc6a4a7935bd1e995;
  constexpr int kShift = 47;
  std::uint64_t hash = kHashSeed ^ (element.size() * kFactor);
  while (element.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, element.data(), sizeof word);
    word *= kFactor;
    word ^= word >> kShift;
    word *= kFactor;
    hash = (hash ^ word) * kFactor;
    element.remove_prefix(8);
  }
  if (!element.empty()) {
    std::uint64_t rest = 0;
    std::memcpy(&rest, element.data(), element.size());
    hash = (hash ^ rest) * kFactor;
  }
  hash ^= hash >> kShift;
  hash *= kFactor;
  return hash ^ (hash >> kShift);
}

// ---- Dense ----

unsigned dense_register(std::string_view bytes, std::size_t index) {
  const std::size_t bit = index * kRegisterBits;
  const std::size_t at = kSketchHeaderBytes + bit / 8;
  const unsigned both = byte_at(bytes, at) | byte_at(bytes, at + 1) << 8;
  return (both >> (bit % 8)) & kRegisterMask;
}

void set_dense_register(std::string& bytes, std::size_t index, unsigned value) {
  const std::size_t bit = index * kRegisterBits;
  const std::size_t at = kSketchHeaderBytes + bit / 8;
  unsigned both = byte_at(bytes, at) | byte_at(bytes, at + 1) << 8;
  both = (both & ~(kRegisterMask << (bit % 8))) | value << (bit % 8);
  bytes[at] = static_cast<char>(both);
  if (at + 1 < bytes.size()) bytes[at + 1] = static_cast<char>(both >> 8);
}

bool raise_dense(std::string& bytes, SketchHit hit) {
  if (dense_register(bytes, hit.index) >= hit.value) return false;
  set_dense_register(bytes, hit.index, hit.value);
  drop_cached_count(bytes);
  return true;
}

// ---- Sparse ----

char value_run(unsigned value, std::uint32_t length) {
  return static_cast<char>(kValueBit | (value - 1) << 2 | (length - 1));
}

void append_run(std::string& out, unsigned value, std::uint32_t length) {
  if (length == 0) return;
  if (value > 0) {
    out.push_back(value_run(value, length));
  } else if (length <= kMaxShortZeros) {
    out.push_back(static_cast<char>(length - 1));
  } else {
    out.push_back(static_cast<char>(kLongZerosBit | (length - 1) >> 8));
    out.push_back(static_cast<char>(length - 1));
  }
}

// Calls `visit(first, run)` for the runs in order, which cover the registers exactly.
template <class Visit>
void for_each_run(std::string_view bytes, Visit visit) {
  std::uint32_t first = 0;
  for (std::size_t at = kSketchHeaderBytes; at < bytes.size();) {
    const SketchRun run = read_run(bytes, at);
    if (run.length > kSketchRegisters - first) throw Error(kCorruptSketch);
    visit(first, run);
    first += run.length;
    at += run.bytes;
  }
  if (first != kSketchRegisters) throw Error(kCorruptSketch);
}

// Joins neighbouring runs of one value among the few runs from `at` on, as Redis does after a
// change: how many it looks at decides the bytes.
void join_runs(std::string& bytes, std::size_t at) {
  constexpr int kLookedAt = 5;
  for (int left = kLookedAt; left > 0 && at < bytes.size(); --left) {
    const SketchRun run = read_run(bytes, at);
    if (run.value > 0 && at + 1 < bytes.size()) {
      const SketchRun next = read_run(bytes, at + 1);
      if (next.value == run.value && run.length + next.length <= kMaxValueRun) {
        bytes[at + 1] = value_run(run.value, run.length + next.length);
        bytes.erase(at, 1);
        continue;
      }
    }
    at += run.bytes;
  }
}

bool raise_sparse(std::string& bytes, SketchHit hit, std::size_t most_sparse_bytes) {
  const auto promote = [&] {
    make_dense(bytes);
    return raise_dense(bytes, hit);
  };
  if (hit.value > kMaxRunValue) return promote();
  std::size_t at = kSketchHeaderBytes;
  std::size_t before = at;  // the run before that at `at`
  std::uint32_t first = 0;
  SketchRun run{};
  for (;; before = at, at += run.bytes, first += run.length) {
    if (at >= bytes.size()) throw Error(kCorruptSketch);
    run = read_run(bytes, at);
    if (hit.index < first + run.length) break;
  }
  if (run.value >= hit.value) return false;

  std::string split;
  append_run(split, run.value, hit.index - first);
  append_run(split, hit.value, 1);
  append_run(split, run.value, first + run.length - 1 - hit.index);
  if (split.size() > run.bytes && bytes.size() + split.size() - run.bytes > most_sparse_bytes) {
    return promote();
  }
  bytes.replace(at, run.bytes, split);
  join_runs(bytes, before);
  drop_cached_count(bytes);
  return true;
}

// ---- Counting ----

// Sigma and tau of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches"
// (arXiv:1702.01284): the shares of registers at 0 and at the maximum.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double weight = 1;
  double sum = x;
  for (double last = -1; last != sum; weight += weight) {
    x *= x;
    last = sum;
    sum += x * weight;
  }
  return sum;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double weight = 1;
  double sum = 1 - x;
  for (double last = -1; last != sum;) {
    x = std::sqrt(x);
    last = sum;
    weight *= 0.5;
    sum -= (1 - x) * (1 - x) * weight;
  }
  return sum / 3;
}

}  // namespace

bool is_sketch(std::string_view bytes) {
  if (bytes.size() < kSketchHeaderBytes || !bytes.starts_with(kMagic)) return false;
  if (bytes[kEncodingAt] == kDense) return bytes.size() == kDenseSketchBytes;
  return bytes[kEncodingAt] == kSparse;
}

bool is_sparse_sketch(std::string_view bytes) { return bytes[kEncodingAt] == kSparse; }

std::string empty_sketch() {
  std::string out(kMagic);
  out.resize(kSketchHeaderBytes);
  out[kEncodingAt] = kSparse;
  append_run(out, 0, kSketchRegisters);
  return out;
}

SketchHit sketch_hit(std::string_view element) {
  const std::uint64_t hash = hash_of_element(element);
  // Zeros up to the first one, that included; a one behind the last bit ends them.
  const std::uint64_t counted = hash >> kIndexBits | std::uint64_t{1} << kCountedBits;
  return {static_cast<std::uint32_t>(hash & (kSketchRegisters - 1)),
          static_cast<std::uint8_t>(std::countr_zero(counted) + 1)};
}

bool raise_register(std::string& bytes, SketchHit hit, std::size_t most_sparse_bytes) {
  return is_sparse_sketch(bytes) ? raise_sparse(bytes, hit, most_sparse_bytes)
                                 : raise_dense(bytes, hit);
}

void make_dense(std::string& bytes) {
  if (!is_sparse_sketch(bytes)) return;
  std::string dense = bytes.substr(0, kSketchHeaderBytes);
  dense[kEncodingAt] = kDense;
  dense.resize(kDenseSketchBytes);
  for_each_run(bytes, [&](std::uint32_t first, SketchRun run) {
    if (run.value == 0) return;
    for (std::uint32_t i = 0; i < run.length; ++i) set_dense_register(dense, first + i, run.value);
  });
  bytes = std::move(dense);
}

void merge_sketch(SketchRegisters& registers, std::string_view bytes) {
  const auto raise = [&](std::size_t index, unsigned value) {
    registers[index] = std::max(registers[index], static_cast<std::uint8_t>(value));
  };
  if (is_sparse_sketch(bytes)) {
    for_each_run(bytes, [&](std::uint32_t first, SketchRun run) {
      if (run.value == 0) return;
      for (std::uint32_t i = 0; i < run.length; ++i) raise(first + i, run.value);
    });
    return;
  }
  // Four registers in three bytes.
  for (std::size_t index = 0, at = kSketchHeaderBytes; index < kSketchRegisters; index += 4) {
    unsigned four = byte_at(bytes, at) | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2) << 16;
    for (std::size_t i = 0; i < 4; ++i, four >>= kRegisterBits) {
      raise(index + i, four & kRegisterMask);
    }
    at += 3;
  }
}

std::uint64_t estimate_count(const SketchRegisters& registers) {
  constexpr double kAlpha = 0.721347520444481703680;  // 0.5 / ln 2
  constexpr double kAll = kSketchRegisters;
  std::array<int, kHistogramSize> histogram{};
  for (const std::uint8_t value : registers) ++histogram[value & kRegisterMask];
  double z = kAll * tau((kAll - histogram[kCountedBits + 1]) / kAll);
  for (std::size_t value = kCountedBits; value >= 1; --value) z = (z + histogram[value]) * 0.5;
  z += kAll * sigma(histogram[0] / kAll);
  return static_cast<std::uint64_t>(std::llround(kAlpha * kAll * kAll / z));
}

std::optional<std::uint64_t> cached_count(std::string_view bytes) {
  if ((byte_at(bytes, kStaleAt) & kStaleBit) != 0) return std::nullopt;
  std::uint64_t count;
  std::memcpy(&count, bytes.data() + kCountAt, sizeof count);
  return count;
}

std::string encoded_count(std::uint64_t count) {
  std::string out(sizeof count, '\0');
  std::memcpy(out.data(), &count, sizeof count);
  return out;
}

void drop_cached_count(std::string& bytes) {
  bytes[kStaleAt] = static_cast<char>(byte_at(bytes, kStaleAt) | kStaleBit);
}

SketchRun read_run(std::string_view bytes, std::size_t at) {
  const unsigned head = byte_at(bytes, at);
  if ((head & kValueBit) != 0) {
    return {(head & 0x03) + 1, static_cast<std::uint8_t>(((head >> 2) & 0x1f) + 1), 1};
  }
  if ((head & kLongZerosBit) != 0) return {((head & 0x3f) << 8 | byte_at(bytes, at + 1)) + 1, 0, 2};
  return {(head & 0x3f) + 1, 0, 1};
}

}  // namespace bodega::redis
