// The allocator of the process: what it holds, and giving back to the system what it does not need.
// Release programs have jemalloc, which gives memory back by itself after some seconds; others
// (debug builds, sanitizers) have the C library's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::base {

// "jemalloc-5.3.0", or "libc".
std::string_view allocator_name();

// In bytes, of the whole process.
struct AllocatorFigures {
  std::uint64_t allocated = 0;  // what the program has asked for, rounded to the allocator's sizes
  std::uint64_t active = 0;     // pages that hold some of it
  std::uint64_t resident = 0;   // pages that the allocator has not given back
};

// Absent when the allocator does not tell.
std::optional<AllocatorFigures> allocator_figures();

// Gives all pages that hold nothing back to the system, at once. It takes milliseconds.
void release_unused_memory();

// What the machine has.
std::uint64_t system_memory_bytes();

// The allocator's own report, for people.
std::string allocator_report();

// What an allocation of so many bytes takes: allocators have four sizes between a power of two and
// the next.
constexpr std::size_t allocated_bytes(std::size_t wanted) {
  constexpr std::size_t kPageBytes = 4096;
  if (wanted <= 8) return 8;
  if (wanted <= 128) return (wanted + 15) / 16 * 16;
  std::size_t power = 128;
  while (power * 2 < wanted) power *= 2;
  const std::size_t step = power / 4;
  const std::size_t size = (wanted + step - 1) / step * step;
  // Of the last pages of a large one nothing is touched.
  return wanted > 16 * kPageBytes ? (wanted + kPageBytes - 1) / kPageBytes * kPageBytes : size;
}

}  // namespace bodega::base
