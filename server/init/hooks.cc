#include "server/init/hooks.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "engines/base/log.h"
#include "server/init/script.h"

namespace bodega::server {
namespace {

namespace fs = std::filesystem;
using Stage = InitHooks::Stage;

constexpr std::array<std::string_view, InitHooks::kStages> kFolders{"boot.d", "start.d", "ready.d",
                                                                    "shutdown.d"};
constexpr int kMaxDepth = 16;

bool is_seed(const fs::path& path) {
  const fs::path kind = path.extension();
  return kind == ".json" || kind == ".yaml" || kind == ".yml";
}

bool is_script(const fs::path& path) {
  const fs::path kind = path.extension();
  return kind == ".sh" || kind == ".py";
}

// Of a folder the files first, then those of the folders below. What begins with a dot is nobody's.
void find_files(const fs::path& folder, std::vector<fs::path>& found, int depth) {
  std::vector<fs::path> files;
  std::vector<fs::path> folders;
  std::error_code error;
  for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    if (at->path().filename().native().starts_with('.')) continue;
    (at->is_directory() ? folders : files).push_back(at->path());
  }
  if (error) log::warn("the folder " + folder.string() + " cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  std::sort(folders.begin(), folders.end());
  found.insert(found.end(), files.begin(), files.end());
  if (depth == kMaxDepth) return;
  for (const fs::path& below : folders) find_files(below, found, depth + 1);
}

}  // namespace

InitHooks::InitHooks(const std::vector<fs::path>& folders, ApplySeed apply_seed)
    : apply_seed_(std::move(apply_seed)) {
  const base::Lock lock(mutex_);
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    std::vector<fs::path> found;
    for (const fs::path& folder : folders) {
      std::error_code absent;
      const fs::path of_stage = folder / kFolders[stage];
      if (fs::is_directory(of_stage, absent)) find_files(of_stage, found, 0);
    }
    for (fs::path& path : found) {
      if (is_seed(path) || is_script(path)) {
        scripts_.push_back({static_cast<Stage>(stage), std::move(path)});
      } else {
        log::debug("init: " + path.string() + " is neither a script (.sh, .py) nor a seed file");
      }
    }
  }
}

void InitHooks::run(Stage stage, const Variables& variables,
                    const std::function<bool()>& must_end) {
  const std::vector<Script> all = scripts();
  for (std::size_t number = 0; number < all.size(); ++number) {
    if (all[number].stage == stage && !must_end()) run_one(number, variables, must_end);
  }
  const base::Lock lock(mutex_);
  completed_[static_cast<std::size_t>(stage)] = true;
}

void InitHooks::run_one(std::size_t number, const Variables& variables,
                        const std::function<bool()>& must_end) {
  const fs::path path = scripts()[number].path;
  set_state(number, State::kRunning);
  std::optional<std::string> why;
  if (is_script(path)) {
    why = run_script(path, {variables, must_end});
  } else {
    try {
      apply_seed_(path);
    } catch (const std::runtime_error& refused) {
      why = refused.what();
    }
  }
  if (why) log::error("init: " + path.string() + " failed: " + *why);
  set_state(number, why ? State::kError : State::kSuccessful);
}

void InitHooks::set_state(std::size_t number, State state) {
  const base::Lock lock(mutex_);
  scripts_[number].state = state;
}

bool InitHooks::is_completed(Stage stage) const {
  const base::Lock lock(mutex_);
  return completed_[static_cast<std::size_t>(stage)];
}

std::vector<InitHooks::Script> InitHooks::scripts() const {
  const base::Lock lock(mutex_);
  return scripts_;
}

std::string_view InitHooks::name_of(Stage stage) {
  switch (stage) {
    case Stage::kBoot: return "BOOT";
    case Stage::kStart: return "START";
    case Stage::kReady: return "READY";
    case Stage::kShutdown: return "SHUTDOWN";
  }
  return "";
}

std::string_view InitHooks::name_of(State state) {
  switch (state) {
    case State::kUnknown: return "UNKNOWN";
    case State::kRunning: return "RUNNING";
    case State::kSuccessful: return "SUCCESSFUL";
    case State::kError: return "ERROR";
  }
  return "";
}

}  // namespace bodega::server
