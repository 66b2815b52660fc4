// Run: one run of a script or of a function: who called it with what, what it may do, and how it
// ended. Scripts (scripts.cc) makes one, the Sandbox runs it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/redis/wire/command.h"
#include "protocol/redis/wire/execution.h"

namespace bodega::redis {

struct Run {
  Call& call;             // EVAL, FCALL …; its reply is the script's
  std::string_view name;  // the SHA-1 of a script, the name of a function
  enum class Kind : std::uint8_t { kScript, kFunction } kind;
  Args keys;
  Args args;
  ScriptState state = {};
  int protocol = 2;  // redis.setresp: in which the replies of commands come

  std::int64_t started_us = 0;
  bool slow = false;       // others are answered BUSY meanwhile
  bool killed = false;     // SCRIPT KILL, FUNCTION KILL, or the end of the process
  bool abandoned = false;  // the process ends: what the script has changed is to be forgotten

  std::string failure = {};      // the text of the error that ended it; empty: none did
  bool failure_counted = false;  // it was counted where it arose
};

// While a script runs: answers others when it takes long. False: it is to end. Called between its
// instructions (scripts.cc). Throws std::bad_alloc.
bool attend_to_others(Run& run);

}  // namespace bodega::redis
