// bodega: reads the settings, starts, waits for a signal, stops.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>

#include "engines/base/log.h"
#include "server/assembly.h"
#include "server/command/commands.h"
#include "server/command/config.h"
#include "server/service_manager.h"

namespace {

using bodega::server::Assembly;
using bodega::server::Config;

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

// Each line by itself: what waits for one may see no more of the log than a write at a time.
void print(const std::string& lines) {
  std::size_t begin = 0;
  while (begin < lines.size()) {
    const std::size_t end = lines.find('\n', begin) + 1;
    std::fwrite(lines.data() + begin, 1, end - begin, stdout);
    std::fflush(stdout);
    begin = end;
  }
}

int serve(const Config& config) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // A file that would pass the limit of its size (ulimit -f) is a failed write like any other.
  signal(SIGXFSZ, SIG_IGN);
  make_files_private();
  raise_file_limit();
  bodega::log::set_level(config.log_level);
  bodega::log::set_format(config.log_format);
  for (const std::string& warning : config.warnings) bodega::log::warn(warning);

  Assembly assembly(config);
  print(assembly.start_lines());
  assembly.start();
  print(assembly.ready_lines());
  bodega::server::notify_service_manager(bodega::server::kServiceReady);

  int signal_number = 0;
  sigwait(&signals, &signal_number);
  // From here on a further signal does what it does to any process.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  bodega::log::info("stopping");
  bodega::server::notify_service_manager(bodega::server::kServiceStopping);
  assembly.stop();
  return 0;
}

constexpr int kFailureStatus = 1;
constexpr int kUsageStatus = 2;

int fail(const std::exception& error, int status) {
  std::fprintf(stderr, "bodega: %s\n", error.what());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bodega::server::Arguments arguments(argv + 1, argv + argc);
    const auto chosen = bodega::server::choose_command(arguments);
    if (chosen.command != nullptr) return chosen.command->run(chosen.arguments);
    const Config config =
        bodega::server::read_config(arguments, bodega::server::process_environment());
    bodega::server::hide_secrets(argc, argv);
    return serve(config);
  } catch (const bodega::server::UsageError& error) {
    return fail(error, kUsageStatus);
  } catch (const std::exception& error) {
    return fail(error, kFailureStatus);
  }
}
