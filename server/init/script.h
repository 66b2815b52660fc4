// Runs one init script as a child process, to its end.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bodega::server {

struct ScriptOptions {
  // Added to this process's environment, where it does not have them.
  std::vector<std::pair<std::string, std::string>> environment;
  // Asked again and again: true ends the script early, and all that it has started.
  std::function<bool()> must_end;
};

// Runs the file: one that ends in ".py" by python3, any other by the interpreter that it names.
// What it writes goes to standard output. The child has none of this process's files or sockets,
// and signals mean to it what they mean to any process. Returns why it failed, in a line for a
// person; nothing when its status was 0.
std::optional<std::string> run_script(const std::filesystem::path& script,
                                      const ScriptOptions& options);

}  // namespace bodega::server
