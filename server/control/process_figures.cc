#include "server/control/process_figures.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "engines/base/figure.h"

namespace bodega::server {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double count_entries(const char* directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory), closedir);
  if (!dir) return 0;
  double entries = 0;
  while (readdir(dir.get()) != nullptr) ++entries;
  return entries - 2;  // "." and ".."
}

struct Memory {
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_bytes = 0;
};

// statm: total and resident size in pages.
Memory read_memory() {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "r"),
                                                   std::fclose);
  unsigned long total = 0;
  unsigned long resident = 0;
  if (!file || std::fscanf(file.get(), "%lu %lu", &total, &resident) != 2) return {};
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return {total * page, resident * page};
}

}  // namespace

std::uint64_t resident_bytes() { return read_memory().resident_bytes; }

std::vector<base::Figure> process_figures() {
  std::vector<base::Figure> figures;
  const Memory memory = read_memory();
  figures.push_back({"virtual_memory_bytes", static_cast<double>(memory.virtual_bytes)});
  figures.push_back({"resident_memory_bytes", static_cast<double>(memory.resident_bytes)});
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    figures.push_back({"cpu_seconds_total", seconds(usage.ru_utime) + seconds(usage.ru_stime)});
  }
  figures.push_back({"open_fds", count_entries("/proc/self/fd")});
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    figures.push_back({"max_fds", static_cast<double>(limit.rlim_cur)});
  }
  figures.push_back({"threads", count_entries("/proc/self/task")});
  return figures;
}

}  // namespace bodega::server
