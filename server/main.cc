// bodega: reads the settings, starts, waits for a signal, stops.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <variant>

#include "engines/base/log.h"
#include "server/assembly.h"
#include "server/commands.h"
#include "server/config.h"

namespace {

using bodega::server::Assembly;
using bodega::server::Config;
using bodega::server::Farewell;

// Connections and RocksDB's files need more than the usual 1024.
constexpr rlim_t kWantedFiles = 65'536;

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kWantedFiles) return;
  limit.rlim_cur = std::min(limit.rlim_max, kWantedFiles);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// SIGTERM, SIGINT and SIGHUP (the terminal is gone), blocked in all threads and waited for in main.
// Who starts a program with SIGHUP ignored, as nohup does, wants it to outlive the terminal.
sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  struct sigaction inherited {};
  sigaction(SIGHUP, nullptr, &inherited);
  if (inherited.sa_handler != SIG_IGN) sigaddset(&set, SIGHUP);
  return set;
}

// What this process writes is its owner's alone, whatever part of it makes the file.
void make_files_private() { umask(umask(0) | (S_IRWXG | S_IRWXO)); }

int run(const Config& config) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // A file that would pass the limit of its size (ulimit -f) is a failed write like any other.
  signal(SIGXFSZ, SIG_IGN);
  make_files_private();
  raise_file_limit();
  bodega::log::set_level(config.log_level);

  Assembly assembly(config);
  std::printf("%s\n", assembly.start_line().c_str());
  assembly.start();
  std::printf("%s\n", assembly.ready_line().c_str());
  std::fflush(stdout);

  int signal_number = 0;
  sigwait(&signals, &signal_number);
  // From here on a further signal does what it does to any process.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  bodega::log::info("stopping");
  assembly.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::span<const char* const> arguments(argv + 1, argv + argc);
    const auto* command =
        arguments.empty() ? nullptr : bodega::server::find_command(arguments.front());
    if (command != nullptr) return command->run(arguments.subspan(1));
    const auto config =
        bodega::server::read_config(arguments, [](const char* name) { return std::getenv(name); });
    if (const auto* farewell = std::get_if<Farewell>(&config)) {
      const bool fine = farewell->status == 0;
      std::fprintf(fine ? stdout : stderr, "%s%s%s", fine ? "" : "bodega: ", farewell->text.c_str(),
                   farewell->text.ends_with('\n') ? "" : "\n");
      return farewell->status;
    }
    bodega::server::hide_secrets(argc, argv);
    return run(std::get<Config>(config));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bodega: %s\n", error.what());
    return 1;
  }
}
