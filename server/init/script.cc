#include "server/init/script.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

extern char** environ;

namespace bodega::server {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kLookEveryMs = 20;
// Between being asked to end and being killed.
constexpr std::chrono::seconds kGrace{2};
constexpr std::size_t kMaxLineBytes = 200;

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
    if (is_open()) ::fcntl(read_end(), F_SETFL, O_NONBLOCK);
  }
  ~Pipe() {
    close_write_end();
    if (ends_[0] >= 0) ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool is_open() const { return ends_[0] >= 0; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_write_end() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }

 private:
  std::array<int, 2> ends_{};
};

// The variables of this process, and the others that it does not have.
class ChildEnvironment {
 public:
  explicit ChildEnvironment(const ScriptOptions& options) {
    for (char** variable = environ; *variable != nullptr; ++variable) {
      pointers_.push_back(*variable);
    }
    texts_.reserve(options.environment.size());
    for (const auto& [name, value] : options.environment) {
      if (std::getenv(name.c_str()) != nullptr) continue;
      texts_.push_back(name + "=" + value);
      pointers_.push_back(texts_.back().data());
    }
    pointers_.push_back(nullptr);
  }

  char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

// How the child begins: with no signal blocked or ignored, in a process group of its own, with
// standard output and error in the pipe and no other file open.
class Beginning {
 public:
  explicit Beginning(const Pipe& output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output.write_end(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output.write_end(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Beginning() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;

  // Returns the error, 0 for none.
  int spawn(pid_t& child, std::vector<std::string> words, char* const* environment) const {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    return ::posix_spawnp(&child, arguments[0], &actions_, &attributes_, arguments.data(),
                          environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// Hands on what the script writes, and remembers its last line.
class Output {
 public:
  // False: nothing more will come.
  bool read_all(int fd) {
    std::array<char, 4096> piece;
    for (;;) {
      const ssize_t got = ::read(fd, piece.data(), piece.size());
      if (got <= 0) return got < 0;
      const std::string_view text(piece.data(), static_cast<std::size_t>(got));
      std::fwrite(text.data(), 1, text.size(), stdout);
      std::fflush(stdout);
      for (const char c : text) add(c);
    }
  }
  const std::string& last_line() const { return line_.empty() ? last_ : line_; }

 private:
  void add(char c) {
    if (c != '\n') {
      if (line_.size() < kMaxLineBytes) line_ += c;
    } else if (!line_.empty()) {
      last_ = std::exchange(line_, {});
    }
  }

  std::string line_;
  std::string last_;
};

std::string why_not_begun(const fs::path& script, bool is_python, int error) {
  if (error == EACCES) return "it is not executable; chmod +x " + script.string() + " makes it so";
  if (error == ENOENT && is_python) return "there is no python3 here to run it";
  if (error == ENOENT) return "its interpreter is not there";
  return std::string("it cannot be run: ") + std::strerror(error);
}

std::optional<std::string> why_failed(int status, const Output& output) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  std::string why = WIFEXITED(status)
                        ? "it ended with status " + std::to_string(WEXITSTATUS(status))
                        : "signal " + std::to_string(WTERMSIG(status)) + " ended it";
  if (!output.last_line().empty()) why += "; its last line: " + output.last_line();
  return why;
}

// Ends the child and what it has started: asks first, and kills those that do not listen.
int end_all(pid_t child) {
  ::kill(-child, SIGTERM);
  int status = 0;
  for (const auto until = Clock::now() + kGrace; Clock::now() < until;) {
    if (::waitpid(child, &status, WNOHANG) == child) {
      ::kill(-child, SIGKILL);
      return status;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kLookEveryMs));
  }
  ::kill(-child, SIGKILL);
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

std::optional<std::string> run_script(const fs::path& script, const ScriptOptions& options) {
  Pipe pipe;
  if (!pipe.is_open()) return std::string("it cannot be run: ") + std::strerror(errno);
  const ChildEnvironment environment(options);
  const bool is_python = script.extension() == ".py";
  const std::string path = fs::absolute(script).string();
  pid_t child = 0;
  {
    const Beginning beginning(pipe);
    std::vector<std::string> words{path};
    if (is_python) words.insert(words.begin(), "python3");
    int error = beginning.spawn(child, words, environment.get());
    // No "#!" in its first line: a shell's, by custom.
    if (error == ENOEXEC) error = beginning.spawn(child, {"sh", path}, environment.get());
    if (error != 0) return why_not_begun(script, is_python, error);
  }
  pipe.close_write_end();
  Output output;
  int status = 0;
  bool more = true;
  for (;;) {
    pollfd readable{pipe.read_end(), POLLIN, 0};
    ::poll(&readable, more ? 1 : 0, kLookEveryMs);
    more = more && output.read_all(pipe.read_end());
    if (::waitpid(child, &status, WNOHANG) == child) break;
    if (options.must_end()) {
      end_all(child);
      return "it was ended, because the server stops";
    }
  }
  output.read_all(pipe.read_end());
  return why_failed(status, output);
}

}  // namespace bodega::server
