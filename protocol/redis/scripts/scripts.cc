#include "protocol/redis/scripts/scripts.h"

#include <algorithm>
#include <array>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/log.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/scripts/functions.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kShaDigits = 40;

std::string_view busy_text(Run::Kind kind) {
  return kind == Run::Kind::kScript ? errors::kBusyWithScript : errors::kBusyWithFunction;
}

}  // namespace

// While a script runs. It is one command for its client: what it selects ends with it.
class Running {
 public:
  Running(Scripts& scripts, Run& run) : scripts_(scripts), run_(run), db_(run.call.session.db) {
    run.started_us = run.call.instance.clock().now_us();
    run.call.execution.script = &run.state;
    scripts.running_ = &run;
  }
  ~Running() {
    scripts_.running_ = nullptr;
    run_.call.execution.script = nullptr;
    run_.call.session.db = db_;
    if (run_.slow) run_.call.instance.set_busy({});
    if (run_.abandoned && run_.state.changed) run_.call.instance.abandon_tick();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Scripts& scripts_;
  Run& run_;
  const unsigned db_;
};

Scripts::Scripts(Instance& instance) : instance_(instance) {}

Scripts::~Scripts() = default;

Scripts& Scripts::of(Instance& instance) {
  if (instance.script_host == nullptr) instance.script_host = std::make_unique<Scripts>(instance);
  return static_cast<Scripts&>(*instance.script_host);
}

ScriptFigures Scripts::figures() const {
  ScriptFigures out;
  if (sandbox_ != nullptr) out.script_interpreter_bytes = sandbox_->used_bytes();
  out.cached_bytes = cached_bytes_;
  out.cached_scripts = scripts_.size();
  out.evicted_scripts = evicted_;
  out.libraries = instance_.keyspace().libraries().size();
  if (functions_ == nullptr) return out;
  out.function_interpreter_bytes = functions_->sandbox().used_bytes();
  out.library_bytes = functions_->code_bytes();
  out.functions = functions_->function_count();
  return out;
}

Sandbox& Scripts::sandbox() {
  if (sandbox_ == nullptr) {
    sandbox_ = std::make_unique<Sandbox>(Sandbox::Kind::kScripts, instance_.clock(),
                                         instance_.options().script_memory_bytes);
  }
  return *sandbox_;
}

Functions& Scripts::functions() {
  if (functions_ == nullptr) functions_ = std::make_unique<Functions>(instance_);
  return *functions_;
}

void Scripts::libraries_changed() { functions_.reset(); }

// ---- The cache ----

Scripts::Script* Scripts::find(std::string_view sha) {
  if (sha.size() != kShaDigits) return nullptr;
  std::array<char, kShaDigits> lower;
  std::transform(sha.begin(), sha.end(), lower.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  const auto place = scripts_.find(std::string_view(lower.data(), lower.size()));
  return place == scripts_.end() ? nullptr : place->second.get();
}

Scripts::Script& Scripts::load(std::string_view text, Keep how) {
  std::string sha = base::to_hex(base::sha1(text));
  if (Script* known = find(sha)) {
    if (how == Keep::kForGood) keep(*known);
    return *known;
  }
  const Shebang shebang = parse_shebang(text);
  // Without the line's end, so that the lines keep their numbers.
  const int function = sandbox().compile(text.substr(shebang.bytes), "@user_script");
  if (function == 0) {
    throw Error("ERR Error compiling script (new function): " + sandbox().error());
  }
  auto made = std::make_unique<Script>(
      Script{std::move(sha), std::string(text), shebang.flags, function, how == Keep::kForNow});
  Script& script = *made;
  if (script.transient) script.age = transient_.insert(transient_.end(), &script);
  scripts_.emplace(script.sha, std::move(made));
  cached_bytes_ += script.sha.size() + script.text.size();
  if (transient_.size() > kMostTransientScripts) {
    forget(*transient_.front());
    ++evicted_;
  }
  return script;
}

void Scripts::keep(Script& script) {
  if (!std::exchange(script.transient, false)) return;
  transient_.erase(script.age);
}

void Scripts::forget(const Script& script) {
  sandbox().release(script.function);
  cached_bytes_ -= script.sha.size() + script.text.size();
  transient_.erase(script.age);
  scripts_.erase(scripts_.find(std::string_view(script.sha)));
}

void Scripts::flush() {
  transient_.clear();
  scripts_.clear();
  sandbox_.reset();
  cached_bytes_ = 0;
}

// ---- Running ----

void show_to_monitors(Call& call) {
  Instance& instance = call.instance;
  if (instance.monitor_count() == 0) return;
  instance.feed_monitors(call.session, call.args, instance.clock().now_us(), call.execution.origin);
}

std::size_t to_key_count(const Call& call, std::string_view not_a_number) {
  const std::int64_t count = redis::to_integer(call.arg(2), not_a_number);
  if (count > static_cast<std::int64_t>(call.size()) - 3) {
    throw Error("ERR Number of keys can't be greater than number of args");
  }
  if (count < 0) throw Error("ERR Number of keys can't be negative");
  return static_cast<std::size_t>(count);
}

void check_declared(const Call& call, ScriptFlags flags, Scripts::Access access) {
  if (flags.has(kUndeclared)) return;
  const Parameters& parameters = call.instance.parameters();
  if (flags.has(kNoCluster) && parameters.text("cluster-enabled") == "yes") {
    throw Error("ERR Can not run script on cluster, 'no-cluster' flag is set.");
  }
  if (!flags.has(kNoWrites)) {
    if (!call.instance.fault().empty()) throw Error(call.instance.fault());
    if (access == Scripts::Access::kReadOnly) {
      throw Error("ERR Can not execute a script with write flag using *_ro command.");
    }
    if (parameters.live().min_replicas_to_write > 0) throw Error(errors::kNoReplicas);
  }
  if (call.instance.over_memory() && !flags.has_any(kAllowOom | kNoWrites)) {
    throw Error(
        "OOM allow-oom flag is not set on the script, can not run it when used memory > "
        "'maxmemory'");
  }
}

ScriptState state_for(const Call& call, ScriptFlags flags, Scripts::Access access) {
  ScriptState state;
  state.read_only = access == Scripts::Access::kReadOnly || flags.has(kNoWrites);
  state.allow_oom = flags.has(kAllowOom);
  state.may_cross_slots = flags.has_any(kUndeclared | kAllowCrossSlotKeys);
  state.over_memory = call.instance.over_memory();
  return state;
}

void run_in(Sandbox& sandbox, Run& run, int function) {
  const std::size_t before = run.call.reply.size();
  {
    const Running running(Scripts::of(run.call.instance), run);
    sandbox.run_function(run, function);
  }
  if (run.failure.empty()) return;
  if (!run.failure_counted) throw Error(run.failure);
  run.call.reply.truncate(before);
  run.call.reply.error(run.failure);
}

void Scripts::run(Call& call, const Script& script, std::size_t key_count, Access access) {
  check_declared(call, script.flags, access);
  Run run{call,
          script.sha,
          Run::Kind::kScript,
          call.args.subspan(3, key_count),
          call.args.subspan(3 + key_count),
          state_for(call, script.flags, access)};
  run_in(sandbox(), run, script.function);
}

// ---- What takes long ----

bool attend_to_others(Run& run) {
  if (run.killed) return false;
  Instance& instance = run.call.instance;
  if (!run.slow) {
    const std::int64_t threshold_ms = instance.parameters().live().busy_reply_threshold_ms;
    const std::int64_t elapsed_ms = (instance.clock().now_us() - run.started_us) / 1000;
    if (threshold_ms <= 0 || elapsed_ms < threshold_ms) return true;
    run.slow = true;
    instance.set_busy(busy_text(run.kind));
    log::warn("redis: the script " + std::string(run.name) + " runs for " +
              std::to_string(elapsed_ms) + " ms; " +
              (run.kind == Run::Kind::kScript ? "SCRIPT" : "FUNCTION") + " KILL ends it");
  }
  if (instance.options().pump && !instance.options().pump()) run.killed = run.abandoned = true;
  return !run.killed;
}

void Scripts::kill(Run::Kind kind) {
  if (running_ == nullptr) throw Error("NOTBUSY No scripts in execution right now.");
  if (running_->state.changed) {
    throw Error(
        "UNKILLABLE Sorry the script already executed write commands against the dataset. You can "
        "either wait the script termination or kill the server in a hard way using the SHUTDOWN "
        "NOSAVE command.");
  }
  if (running_->kind != kind) throw Error(busy_text(running_->kind));
  running_->killed = true;
}

}  // namespace bodega::redis
