#include "engines/base/process/allocator.h"

#include <unistd.h>

// jemalloc's, where it is linked; and the C library's where its own allocator is: a static program
// with jemalloc cannot hold both.
extern "C" {
int malloc_trim(std::size_t kept_bytes) noexcept __attribute__((weak));
int mallctl(const char* name, void* old_value, std::size_t* old_size, void* new_value,
            std::size_t new_size) __attribute__((weak));
void malloc_stats_print(void (*write)(void*, const char*), void* argument, const char* options)
    __attribute__((weak));

// jemalloc reads this before main(): threads of its own give back what has not been needed for
// three seconds.
const char* malloc_conf = "background_thread:true,dirty_decay_ms:3000,muzzy_decay_ms:0";
}

namespace bodega::base {
namespace {

bool has_jemalloc() { return mallctl != nullptr; }

template <class T>
T read(const char* name) {
  T value{};
  std::size_t size = sizeof value;
  mallctl(name, &value, &size, nullptr, 0);
  return value;
}

}  // namespace

std::string_view allocator_name() {
  static const std::string name = [] {
    if (!has_jemalloc()) return std::string("libc");
    const std::string_view version = read<const char*>("version");
    return "jemalloc-" + std::string(version.substr(0, version.find('-')));
  }();
  return name;
}

std::optional<AllocatorFigures> allocator_figures() {
  if (!has_jemalloc()) return std::nullopt;
  // The figures are those of the last epoch.
  std::uint64_t epoch = 1;
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  return AllocatorFigures{read<std::size_t>("stats.allocated"), read<std::size_t>("stats.active"),
                          read<std::size_t>("stats.resident")};
}

void release_unused_memory() {
  if (!has_jemalloc()) {
    if (malloc_trim != nullptr) malloc_trim(0);
    return;
  }
  mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  // 4096 stands for all arenas (MALLCTL_ARENAS_ALL).
  mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

std::uint64_t system_memory_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return 0;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

std::string allocator_report() {
  if (!has_jemalloc()) return "Stats not supported for the current allocator";
  std::string text;
  malloc_stats_print(
      [](void* out, const char* part) { static_cast<std::string*>(out)->append(part); }, &text,
      nullptr);
  return text;
}

}  // namespace bodega::base
