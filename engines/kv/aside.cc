#include "engines/kv/aside.h"

#include <fstream>
#include <string>
#include <system_error>

#include "engines/base/fault.h"
#include "engines/base/log.h"

namespace bodega::kv {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::error_code& error) {
  throw base::StorageFault("cannot keep a copy as " + path.string() + ": " + error.message());
}

}  // namespace

void Aside::keep(const fs::path& file) {
  const fs::path to = folder_ / file.parent_path().filename() / file.filename();
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  if (error) fail(to, error);
  if (file.extension() == ".sst") {
    fs::create_hard_link(file, to, error);
    if (!error) return;
    error.clear();
  }
  fs::copy_file(file, to, fs::copy_options::skip_existing, error);
  if (error) fail(to, error);
}

void Aside::keep_all(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_regular_file()) keep(entry->path());
  }
  if (error) fail(directory, error);
}

void Aside::note(std::string_view line) {
  log::warn("repair: " + std::string(line));
  std::error_code error;
  fs::create_directories(folder_, error);
  std::ofstream file(folder_ / "dropped.txt", std::ios::app);
  file << line << '\n';
  file.flush();
  if (error || !file)
    throw base::StorageFault("cannot write " + (folder_ / "dropped.txt").string());
}

}  // namespace bodega::kv
