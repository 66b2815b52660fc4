// Execution: how a command is being run: for which client, into which reply, at which instant, and
// whether it may wait. It is handed down in the Call; what outlives the command is the Session's.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/redis/wire/reply.h"

namespace bodega::redis {

// A script that is running: what the commands that it calls may do, and have done.
struct ScriptState {
  bool read_only = false;        // it may call no command that writes …
  bool allow_oom = false;        // … and those that take memory even when
  bool over_memory = false;      // there was none left when it began
  bool may_cross_slots = false;  // its keys may be of several slots of a cluster
  bool replicated = true;        // replicas are told of what it does from here on (redis.set_repl)
  bool changed = false;  // it has called a command that writes, so it is not stopped half-way
};

struct Execution {
  enum class Origin : std::uint8_t {
    kClient,       // a client's request
    kUnblocked,    // a request that had to wait, run again because of a key that it waits for
    kTransaction,  // a queued command, run by EXEC
    kScript,       // a command that a script calls: the reply is the script's to read
  };

  Origin origin;
  Reply& reply;
  Execution* outer = nullptr;     // of the EXEC or the script that runs this command
  ScriptState* script = nullptr;  // while this command runs one
  // Everything that an execution runs sees its instant.
  std::int64_t now_ms = 0;
  bool silent = false;      // outermost: the client wants no reply (CLIENT REPLY)
  bool parked = false;      // the command has not replied: it waits for a key
  bool ran_others = false;  // what it does is what they did
  bool has_read = false;    // a script: one of them reads; noted before 7.2 only
  std::string pushes = {};  // outermost: what was pushed to its session meanwhile

  // A transaction and a script run to their end without waiting.
  bool may_block() const { return origin == Origin::kClient || origin == Origin::kUnblocked; }

  Execution& outermost() {
    Execution* out = this;
    while (out->outer != nullptr) out = out->outer;
    return *out;
  }
};

}  // namespace bodega::redis
