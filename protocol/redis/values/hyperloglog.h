// HyperLogLog: the bytes of the sketch that PFADD keeps in a string, the same as Redis's to the
// bit, so that GET on one server and SET on another moves a sketch.
//
//   "HYLL" | encoding: 0 dense, 1 sparse | 3 bytes 0 | 8 bytes count, little endian | registers
//
// The highest bit of the count says that it is out of date. There are 16384 registers of 6 bits.
//
//   dense:  one after another, from the lowest bit of the first byte on, in 12288 bytes
//   sparse: runs of equal registers
//             00llllll            l+1 registers of 0
//             01llllll llllllll   l+1 registers of 0
//             1vvvvvll            l+1 registers of v+1
//
// The bytes are clients' to write, so every function takes any bytes that is_sketch() does, and
// throws Error(kCorruptSketch) when the runs do not cover the registers exactly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::redis {

inline constexpr std::string_view kCorruptSketch = "INVALIDOBJ Corrupted HLL object detected";

inline constexpr std::size_t kSketchRegisters = 16384;
inline constexpr std::size_t kSketchHeaderBytes = 16;
inline constexpr std::size_t kDenseSketchBytes = kSketchHeaderBytes + kSketchRegisters * 6 / 8;

using SketchRegisters = std::array<std::uint8_t, kSketchRegisters>;

// A run of registers in a sparse sketch.
struct SketchRun {
  std::uint32_t length;  // in registers
  std::uint8_t value;
  std::uint8_t bytes;  // that it takes in the sketch
};

// What an element does to a sketch: this register is at least `value` from then on.
struct SketchHit {
  std::uint32_t index;
  std::uint8_t value;
};

// Whether the header is one, and the length fits a dense sketch. REQUIRES of all others: it does.
bool is_sketch(std::string_view bytes);
bool is_sparse_sketch(std::string_view bytes);

std::string empty_sketch();

SketchHit sketch_hit(std::string_view element);

// Raises the register of the hit; false: it was that high. A sparse sketch becomes a dense one when
// it would have more than `most_sparse_bytes`, or when the value does not fit a run.
bool raise_register(std::string& bytes, SketchHit hit, std::size_t most_sparse_bytes);

void make_dense(std::string& bytes);

// Raises `registers` to those of the sketch where these are higher.
void merge_sketch(SketchRegisters& registers, std::string_view bytes);

// How many different elements were put in, about.
std::uint64_t estimate_count(const SketchRegisters& registers);

// The count in the header, unless it is out of date.
std::optional<std::uint64_t> cached_count(std::string_view bytes);
// The count as the header has it.
std::string encoded_count(std::uint64_t count);
void drop_cached_count(std::string& bytes);

// The run that begins at bytes[at]. REQUIRES: at < bytes.size(), a sparse sketch.
SketchRun read_run(std::string_view bytes, std::size_t at);

}  // namespace bodega::redis
