// Init folders: the order, what scripts are given, and what becomes of those that fail.
#include "server/init/hooks.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "server/init/script.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using namespace bodega::server;
namespace fs = std::filesystem;

namespace {

using Stage = InitHooks::Stage;
using State = InitHooks::State;

class Fixture {
 public:
  enum class Mode { kExecutable, kPlain };
  fs::path write(const std::string& name, const std::string& text, Mode mode = Mode::kExecutable) {
    const fs::path path = folder / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    if (mode == Mode::kExecutable) fs::permissions(path, fs::perms::owner_all);
    return path;
  }
  // A script that adds `what`, in which the shell replaces variables, to the file "said".
  void say(const std::string& name, const std::string& what) {
    write(name, "#!/bin/sh\necho \"" + what + "\" >> " + (folder / "said").string() + "\n");
  }
  std::string said() const {
    std::ifstream file(folder / "said");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  InitHooks hooks(std::vector<fs::path> more = {}) {
    std::vector<fs::path> folders{folder / "init"};
    folders.insert(folders.end(), more.begin(), more.end());
    return InitHooks(folders, [this](const fs::path& path) {
      if (path.filename() == "bad.yaml") throw std::runtime_error("bad.yaml:1: no");
      std::ofstream(folder / "said", std::ios::app) << "seed " << path.filename().string() << "\n";
    });
  }
  static bool go_on() { return false; }

  tests::ScratchFolder folder;
};

State state_of(const InitHooks& hooks, const std::string& name) {
  for (const InitHooks::Script& script : hooks.scripts()) {
    if (script.path.filename() == name) return script.state;
  }
  throw std::runtime_error("no script " + name);
}

}  // namespace

TEST_CASE("Init: files of a stage run in the order of their names, those of folders below last") {
  Fixture f;
  f.say("init/ready.d/2.sh", "two");
  f.say("init/ready.d/1.sh", "one");
  f.say("init/ready.d/0/x.sh", "below");
  f.write("init/ready.d/3.yaml", "", Fixture::Mode::kPlain);
  f.write("init/ready.d/notes.txt", "", Fixture::Mode::kPlain);
  f.say("init/ready.d/.hidden.sh", "hidden");
  f.say("init/shutdown.d/1.sh", "bye");
  f.say("other/ready.d/0.sh", "other");
  InitHooks hooks = f.hooks({f.folder / "other", f.folder / "none"});
  CHECK(hooks.scripts().size() == 6);
  hooks.run(Stage::kReady, {}, Fixture::go_on);
  CHECK(f.said() == "one\ntwo\nseed 3.yaml\nbelow\nother\n");
  CHECK(hooks.is_completed(Stage::kReady));
  CHECK_FALSE(hooks.is_completed(Stage::kShutdown));
  CHECK(hooks.scripts().back().state == State::kUnknown);
}

TEST_CASE("Init: what fails is in error, and the others run") {
  Fixture f;
  f.write("init/start.d/1.sh", "#!/bin/sh\necho no luck\nexit 3\n");
  f.write("init/start.d/2.sh", "#!/bin/sh\n", Fixture::Mode::kPlain);
  f.write("init/start.d/3.sh", "#!/no/such/shell\n");
  f.write("init/start.d/4.sh", "#!/bin/sh\nkill -9 $$\n");
  f.write("init/start.d/bad.yaml", "", Fixture::Mode::kPlain);
  f.say("init/start.d/z.sh", "last");
  InitHooks hooks = f.hooks();
  hooks.run(Stage::kStart, {}, Fixture::go_on);
  for (const char* name : {"1.sh", "2.sh", "3.sh", "4.sh", "bad.yaml"}) {
    CHECK(state_of(hooks, name) == State::kError);
  }
  CHECK(state_of(hooks, "z.sh") == State::kSuccessful);
  CHECK(f.said() == "last\n");
}

TEST_CASE("Init: why a script failed is told in a line") {
  Fixture f;
  const ScriptOptions options{{}, Fixture::go_on};
  CHECK(run_script(f.write("a.sh", "#!/bin/sh\necho first\necho 'no luck' >&2\nexit 3\n"),
                   options) == "it ended with status 3; its last line: no luck");
  CHECK(run_script(f.write("b.sh", "#!/bin/sh\nkill -9 $$\n"), options) == "signal 9 ended it");
  const fs::path plain = f.write("c.sh", "", Fixture::Mode::kPlain);
  CHECK(run_script(plain, options) ==
        "it is not executable; chmod +x " + plain.string() + " makes it so");
  CHECK(run_script(f.write("d.sh", "#!/no/such/shell\n"), options) ==
        "its interpreter is not there");
  CHECK_FALSE(run_script(f.write("e.sh", "exit 0\n"), options));  // a shell's, by custom
  CHECK_FALSE(run_script(f.write("f.py", "import sys\n", Fixture::Mode::kPlain), options));
}

TEST_CASE("Init: a script gets variables, but not over its own; no signal blocked; no file open") {
  Fixture f;
  ::setenv("BODEGA_TEST_KEPT", "kept", 1);
  const int open = ::fcntl(STDIN_FILENO, F_DUPFD, 500);  // without FD_CLOEXEC
  sigset_t set;
  sigset_t before;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  f.say("init/boot.d/1.sh",
        "$BODEGA_TEST_KEPT $BODEGA_TEST_NEW $(ls /proc/$$/fd | tr '\\n' ' ')"
        "$(grep SigBlk /proc/$$/status | tr -d '\\t')");
  f.hooks().run(Stage::kBoot, {{"BODEGA_TEST_KEPT", "lost"}, {"BODEGA_TEST_NEW", "new"}},
                Fixture::go_on);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(open);
  const std::string said = f.said();
  CHECK(said.starts_with("kept new 0 1 "));
  CHECK(said.find(" " + std::to_string(open) + " ") == std::string::npos);
  CHECK(said.ends_with("SigBlk:0000000000000000\n"));
}

TEST_CASE("Init: a stop ends the script at work with what it has started, and no other begins") {
  Fixture f;
  f.write("init/ready.d/1.sh",
          "#!/bin/sh\nsleep 60 &\necho $! > " + (f.folder / "child").string() + "\nsleep 60\n");
  f.say("init/ready.d/2.sh", "second");
  InitHooks hooks = f.hooks();
  const auto begun = std::chrono::steady_clock::now();
  hooks.run(Stage::kReady, {}, [&f] { return fs::exists(f.folder / "child"); });
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
  CHECK(state_of(hooks, "1.sh") == State::kError);
  CHECK(state_of(hooks, "2.sh") == State::kUnknown);
  CHECK(f.said().empty());
}
