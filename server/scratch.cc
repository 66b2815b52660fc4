#include "server/scratch.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "engines/world/folder_lock.h"
#include "server/net/start_error.h"

namespace bodega::server {
namespace {

constexpr std::string_view kPrefix = "bodega-scratch-";

// How many entries of the temporary folder are looked at; it may be anybody's and very full.
constexpr int kMaxLooks = 2000;

// A scratch folder with a lock file that no process holds was left by a process that was killed.
// One without a lock file may belong to a process that has just made it.
void remove_abandoned(const std::filesystem::path& parent) {
  std::error_code error;
  int looks = 0;
  for (std::filesystem::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error)) {
    if (++looks > kMaxLooks) return;
    if (!entry->path().filename().string().starts_with(kPrefix)) continue;
    std::error_code ignored;
    if (!std::filesystem::exists(entry->path() / "lock", ignored)) continue;
    if (world::FolderLock::is_held(entry->path())) continue;
    std::filesystem::remove_all(entry->path(), ignored);
  }
}

}  // namespace

std::filesystem::path make_scratch_folder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) throw StartError("there is no folder for temporary files: " + error.message());
  remove_abandoned(parent);
  std::string pattern = (parent / (std::string(kPrefix) + "XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw StartError("no scratch folder can be made in " + parent.string() + ": " +
                     std::strerror(errno) + "; choose a data folder with --data");
  }
  return pattern;
}

}  // namespace bodega::server
