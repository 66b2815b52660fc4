// Aside: the folder into which --repair puts the files that it is about to change or drop from, as
// they were, with a list of what was dropped. While such a folder is in a world, nothing that only
// its files might name is removed.
#pragma once

#include <filesystem>
#include <string_view>

namespace bodega::kv {

class Aside {
 public:
  // `folder` is made when the first file comes.
  explicit Aside(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }

  // Keeps a copy of `file` as FOLDER/<name of its folder>/<its name>. Throws StorageFault.
  void keep(const std::filesystem::path& file);
  // The same for every file directly in `directory`; those that never change are linked.
  void keep_all(const std::filesystem::path& directory);

  // Adds a line to FOLDER/dropped.txt, and says it in the log.
  void note(std::string_view line);

 private:
  std::filesystem::path folder_;
};

}  // namespace bodega::kv
