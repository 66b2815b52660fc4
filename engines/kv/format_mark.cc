#include "engines/kv/format_mark.h"

#include <charconv>
#include <fstream>
#include <string>
#include <system_error>

#include "engines/base/fault.h"

namespace bodega::kv {
namespace {

constexpr const char* kMarkName = "FORMAT";
constexpr std::string_view kMarkText = "bodega ";

}  // namespace

void check_format_mark(const std::filesystem::path& directory) {
  std::ifstream mark(directory / kMarkName);
  if (!mark) return;
  std::string line;
  if (!std::getline(mark, line)) return;  // a power cut may leave it empty
  int version = 0;
  if (line.starts_with(kMarkText)) {
    std::from_chars(line.data() + kMarkText.size(), line.data() + line.size(), version);
  }
  const std::string folder = "the data folder " + directory.string();
  if (version <= 0) {
    throw base::StorageFault(folder + " is damaged: its file FORMAT does not name a format");
  }
  if (version > kFormatVersion) {
    throw base::StorageFault(folder + " was written by a newer Bodega (format " +
                             std::to_string(version) + ", this one knows " +
                             std::to_string(kFormatVersion) + ")");
  }
}

void write_format_mark(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kMarkName;
  std::error_code error;
  if (std::filesystem::file_size(path, error) > 0 && !error) return;
  error.clear();
  // By way of another name, so that a kill leaves no empty mark behind.
  const std::filesystem::path fresh = directory / (std::string(kMarkName) + ".new");
  std::ofstream mark(fresh);
  mark << kMarkText << kFormatVersion << '\n';
  mark.close();
  if (mark) std::filesystem::rename(fresh, path, error);
  if (!mark || error) {
    throw base::StorageFault("cannot write to the data folder " + directory.string());
  }
}

}  // namespace bodega::kv
