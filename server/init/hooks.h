// Init folders: scripts and seed files that are carried out as the process starts and stops. A
// folder has up to four folders in it, LocalStack's: boot.d and start.d (before anything answers),
// ready.d (when everything does, before "Ready." is said) and shutdown.d (before the listeners
// close). Their files are taken in the order of their names, those in folders below come after.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/mutex.h"

namespace bodega::server {

class InitHooks {
 public:
  enum class Stage : std::uint8_t { kBoot, kStart, kReady, kShutdown };
  static constexpr std::size_t kStages = 4;

  enum class State : std::uint8_t { kUnknown, kRunning, kSuccessful, kError };

  struct Script {
    Stage stage;
    std::filesystem::path path;
    State state = State::kUnknown;
  };

  // Looks into the folders; those that are not there have none. `apply_seed` throws
  // std::runtime_error when the seed file is refused.
  using ApplySeed = std::function<void(const std::filesystem::path&)>;
  InitHooks(const std::vector<std::filesystem::path>& folders, ApplySeed apply_seed);

  // Carries out a stage, one file after the other, and returns when that is done. What fails is
  // logged, and the others go on. Once `must_end` says so, the one at work is ended, and no other
  // begins. The variables are added to the scripts' environment where they are not there.
  using Variables = std::vector<std::pair<std::string, std::string>>;
  void run(Stage stage, const Variables& variables, const std::function<bool()>& must_end);

  // What follows is thread-safe.

  bool is_completed(Stage stage) const;
  std::vector<Script> scripts() const;

  static std::string_view name_of(Stage stage);  // "BOOT", …
  static std::string_view name_of(State state);  // "UNKNOWN", …

 private:
  void run_one(std::size_t number, const Variables& variables,
               const std::function<bool()>& must_end);
  void set_state(std::size_t number, State state);

  const ApplySeed apply_seed_;
  mutable base::Mutex mutex_;
  std::vector<Script> scripts_ GUARDED_BY(mutex_);  // their number and paths never change
  std::array<bool, kStages> completed_ GUARDED_BY(mutex_){};
};

}  // namespace bodega::server
