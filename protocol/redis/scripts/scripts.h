// Scripts: what one instance knows of scripts: the interpreters, made when they are first needed,
// and the cache of EVAL's scripts, by SHA-1. Scripts that were only ever sent whole are forgotten
// from a number of them on, the oldest first; those that a client has loaded or called by their
// SHA-1 stay until SCRIPT FLUSH, as in Redis 7.4.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "protocol/redis/instance/script_host.h"
#include "protocol/redis/scripts/run.h"
#include "protocol/redis/scripts/sandbox.h"
#include "protocol/redis/scripts/script_flags.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

class Functions;

class Scripts : public ScriptHost {
 public:
  // Of scripts that were only sent whole.
  static constexpr std::size_t kMostTransientScripts = 500;

  explicit Scripts(Instance& instance);
  ~Scripts() override;

  // Those of the instance, made when there are none yet.
  static Scripts& of(Instance& instance);

  ScriptFigures figures() const override;

  struct Script {
    std::string sha;
    std::string text;
    ScriptFlags flags;
    int function;
    bool transient;
    std::list<const Script*>::iterator age = {};  // its place among the transient ones
  };

  // Null: not known. `sha` in any case.
  Script* find(std::string_view sha);
  // The script of this text, compiled when it is not known. Throws Error when it does not compile.
  enum class Keep : std::uint8_t { kForNow, kForGood };
  Script& load(std::string_view text, Keep keep);
  // It was called by its SHA-1.
  void keep(Script& script);
  void flush();

  // Runs it for `call`, whose keys begin at argument `first` and are so many. Writes the reply.
  enum class Access : std::uint8_t { kWrite, kReadOnly };
  void run(Call& call, const Script& script, std::size_t key_count, Access access);

  // The libraries of functions, loaded when they are first asked for.
  Functions& functions();
  void libraries_changed() override;

  // What is running; null: nothing is.
  Run* running() const { return running_; }
  // SCRIPT KILL and FUNCTION KILL. Throws Error when there is nothing of this kind to be ended.
  void kill(Run::Kind kind);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  friend class Running;

  Sandbox& sandbox();
  void forget(const Script& script);

  Instance& instance_;
  std::unique_ptr<Sandbox> sandbox_;
  std::unordered_map<std::string_view, std::unique_ptr<Script>, Hash, std::equal_to<>> scripts_;
  Run* running_ = nullptr;
  std::unique_ptr<Functions> functions_;
  std::list<const Script*> transient_;  // the oldest first
  std::size_t cached_bytes_ = 0;
  std::size_t evicted_ = 0;
};

// MONITOR shows a script before what it calls.
void show_to_monitors(Call& call);

// The number of keys that EVAL and FCALL are given as argument 2. Throws Error.
std::size_t to_key_count(const Call& call, std::string_view not_a_number);

// Refuses a script or function that declares what it does when it may not do it now. Throws Error.
void check_declared(const Call& call, ScriptFlags flags, Scripts::Access access);

// The state in which a script or function with these flags starts.
ScriptState state_for(const Call& call, ScriptFlags flags, Scripts::Access access);

// Runs a function of the sandbox for the call and writes its reply or its error.
void run_in(Sandbox& sandbox, Run& run, int function);

}  // namespace bodega::redis
