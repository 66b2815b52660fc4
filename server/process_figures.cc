#include "server/process_figures.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

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

}  // namespace

std::vector<kv::Figure> process_figures() {
  std::vector<kv::Figure> figures;
  // statm: total and resident size in pages.
  if (const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "r"),
                                                       std::fclose);
      file) {
    unsigned long total = 0;
    unsigned long resident = 0;
    if (std::fscanf(file.get(), "%lu %lu", &total, &resident) == 2) {
      const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
      figures.push_back({"virtual_memory_bytes", static_cast<double>(total) * page});
      figures.push_back({"resident_memory_bytes", static_cast<double>(resident) * page});
    }
  }
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
