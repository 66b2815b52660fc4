// A Redis command is one row and one function: the row says its name, arity, flags and where its
// keys stand; the function runs it. A family file ends in its table of rows and exposes it through
// one function declared in families.h; command_table.cc joins the families.
//
// A handler reads call.args, works on call.keyspace in database call.db, and writes exactly one
// reply to call.reply, or throws Error (what it had written is then taken back). It runs to
// completion; a command that must wait calls call.block() instead of replying, and is run again
// when a key it waits for may serve it.
//
// What a Call can do stands where the instance is known: instance/dispatch.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/flags.h"
#include "protocol/redis/wire/errors.h"
#include "protocol/redis/wire/reply.h"

namespace bodega::keyspace {
class Engine;
}

namespace bodega::redis {

class Instance;
class Session;
struct Call;
struct Command;
struct Execution;

// args[0] is the command's name as the client wrote it; for a sub-command args[1] is its name.
// Views point into the session's query buffer and are valid until the handler returns.
using Args = std::span<const std::string_view>;

// Command flags, as COMMAND INFO names them.
enum class Flag : std::uint32_t {
  kWrite = 1u << 0,
  kReadonly = 1u << 1,
  kDenyOom = 1u << 2,  // may grow memory
  kAdmin = 1u << 3,
  kPubsub = 1u << 4,
  kNoscript = 1u << 5,
  kBlocking = 1u << 6,
  kLoading = 1u << 7,
  kStale = 1u << 8,
  kSkipMonitor = 1u << 9,
  kSkipSlowlog = 1u << 10,
  kAsking = 1u << 11,
  kFast = 1u << 12,
  kNoAuth = 1u << 13,  // runs before AUTH
  kMayReplicate = 1u << 14,
  kNoMulti = 1u << 15,
  kMovableKeys = 1u << 16,  // the range in the row does not tell all keys
  kAllowBusy = 1u << 17,
  kNoAsyncLoading = 1u << 18,
  kNoMandatoryKeys = 1u << 19,
};
using enum Flag;
using CommandFlags = base::Flags<Flag>;
constexpr CommandFlags operator|(Flag one, Flag other) { return CommandFlags(one) | other; }

// What the instance must know of a command beyond the flags that COMMAND INFO shows.
enum class CommandTrait : std::uint32_t {
  kRunsQueue = 1u << 0,        // EXEC: what holds for the commands in the queue holds for it
  kAtOnceInMulti = 1u << 1,    // runs inside MULTI instead of being queued
  kWhileSubscribed = 1u << 2,  // a RESP2 client may send it while it is subscribed
  kAnswersByPush = 1u << 3,    // its replies are pushes, which CLIENT REPLY OFF does not silence
  kArmsNext = 1u << 4,         // CLIENT CACHING: is about the command that follows
  kFindsKeys = 1u << 5,        // uses keys that its arguments do not name (SORT, DEBUG)
  kMakesString = 1u << 6,  // makes a string out of others, so a short request may make a long one
  kTakesRoom = 1u << 7,    // a write that takes room in the store, though it has no kDenyOom
  kShowsFault = 1u << 8,   // PING: is refused while writes are, for whatever monitors the server
  kRunsScript = 1u << 9,   // EVAL, FCALL: runs other commands, each of which is looked at by itself
};
using enum CommandTrait;
using CommandTraits = base::Flags<CommandTrait>;
constexpr CommandTraits operator|(CommandTrait one, CommandTrait other) {
  return CommandTraits(one) | other;
}

enum class Group : std::uint8_t {
  kString,
  kHash,
  kList,
  kSet,
  kSortedSet,
  kStream,
  kBitmap,
  kHyperloglog,
  kGeo,
  kGeneric,
  kPubsub,
  kTransactions,
  kScripting,
  kConnection,
  kServer,
  kCluster,
};

// ACL categories. write, read, fast, slow, admin, blocking, pubsub and those of data types follow
// from flags and group; a row names only what does not follow.
enum class Category : std::uint32_t {
  kCatKeyspace = 1u << 0,
  kCatRead = 1u << 1,
  kCatWrite = 1u << 2,
  kCatSet = 1u << 3,
  kCatSortedSet = 1u << 4,
  kCatList = 1u << 5,
  kCatHash = 1u << 6,
  kCatString = 1u << 7,
  kCatBitmap = 1u << 8,
  kCatHyperloglog = 1u << 9,
  kCatGeo = 1u << 10,
  kCatStream = 1u << 11,
  kCatPubsub = 1u << 12,
  kCatAdmin = 1u << 13,
  kCatFast = 1u << 14,
  kCatSlow = 1u << 15,
  kCatBlocking = 1u << 16,
  kCatDangerous = 1u << 17,
  kCatConnection = 1u << 18,
  kCatTransaction = 1u << 19,
  kCatScripting = 1u << 20,
};
using enum Category;
using Categories = base::Flags<Category>;
constexpr Categories operator|(Category one, Category other) { return Categories(one) | other; }

// How a command uses one range of its keys, as the "flags" of a key specification name it.
enum class KeyUse : std::uint32_t {
  kKeyRO = 1u << 0,
  kKeyRW = 1u << 1,
  kKeyOW = 1u << 2,
  kKeyRM = 1u << 3,
  kKeyAccess = 1u << 4,
  kKeyUpdate = 1u << 5,
  kKeyInsert = 1u << 6,
  kKeyDelete = 1u << 7,
  kKeyNotKey = 1u << 8,
  kKeyIncomplete = 1u << 9,
  kKeyVariable = 1u << 10,
};
using enum KeyUse;
using KeyUses = base::Flags<KeyUse>;
constexpr KeyUses operator|(KeyUse one, KeyUse other) { return KeyUses(one) | other; }

// Keys at first, first+step, … up to last; a negative last counts from the end (-1: the last
// argument). first 0: no keys. `numkeys_at` > 0: the argument there says how many keys follow it.
struct KeySpec {
  int first = 0;
  int last = 0;
  int step = 0;
  KeyUses use = {};
  int numkeys_at = 0;
};

// One key that a request names.
struct KeyReference {
  std::string_view key;
  KeyUses use;
};

using Handler = void (*)(Call&);
// For commands whose keys no range tells (SORT, XREAD …): appends all of them.
using KeyFinder = void (*)(Args args, std::vector<KeyReference>& keys);
// For writes of which it depends on the arguments: whether it gives room back to a full disk.
using RoomFinder = bool (*)(Args args, std::int64_t now_ms);
// For commands whose flags depend on what they are to run (EVAL, FCALL).
using FlagFinder = CommandFlags (*)(Instance& instance, const Command& command, Args args);
// For commands that carry secrets: puts kRedacted in their place in `shown`, a copy of `args`.
using Redactor = void (*)(Args args, std::vector<std::string_view>& shown);
inline constexpr std::string_view kRedacted = "(redacted)";

struct Command {
  std::string_view name;  // lower case; a sub-command's in full: "client|kill"
  int arity = 0;          // counts the name (and the container's name); -n: at least n
  CommandFlags flags = {};
  Group group = Group::kServer;
  KeySpec keys = {};
  std::string_view since = "1.0.0";
  std::string_view summary = {};
  Handler run = nullptr;  // null for a pure container
  std::span<const Command> subcommands = {};
  Categories categories = {};  // beyond what flags and group imply
  KeySpec more_keys = {};      // a second range, e.g. destination and sources
  KeyFinder find_keys = nullptr;
  CommandTraits traits = {};
  RoomFinder frees_room = nullptr;
  Redactor redact = nullptr;
  FlagFinder find_flags = nullptr;

  // "kill" for "client|kill", the name itself for others.
  constexpr std::string_view own_name() const { return name.substr(name.find('|') + 1); }
};

// What a blocked command waits for: its key must come to hold this type before it is run again.
// Who waits for a group's stream is also run again when the key goes or becomes something else,
// which ends the wait with an error. kReplicas waits for none (WAIT).
enum class BlockOn : std::uint8_t { kList, kSortedSet, kStream, kStreamGroup, kReplicas };

// Classes of keyspace notification, one letter each in notify-keyspace-events.
enum class NotifyClass : std::uint32_t {
  kNotifyKeyspace = 1u << 0,   // K
  kNotifyKeyevent = 1u << 1,   // E
  kNotifyGeneric = 1u << 2,    // g
  kNotifyString = 1u << 3,     // $
  kNotifyList = 1u << 4,       // l
  kNotifySet = 1u << 5,        // s
  kNotifyHash = 1u << 6,       // h
  kNotifySortedSet = 1u << 7,  // z
  kNotifyExpired = 1u << 8,    // x
  kNotifyEvicted = 1u << 9,    // e
  kNotifyStream = 1u << 10,    // t
  kNotifyMiss = 1u << 11,      // m
  kNotifyModule = 1u << 13,    // d
  kNotifyNew = 1u << 14,       // n
};
using enum NotifyClass;
using NotifyClasses = base::Flags<NotifyClass>;
constexpr NotifyClasses operator|(NotifyClass one, NotifyClass other) {
  return NotifyClasses(one) | other;
}

// One command in execution. Lives for as long as the handler runs.
struct Call {
  Instance& instance;
  Session& session;
  keyspace::Engine& keyspace;
  const Command& command;
  Args args;
  Execution& execution;  // how it is being run …
  Reply& reply;          // … where its reply goes …
  std::int64_t now_ms;   // … and when: everything within the command sees this instant
  unsigned db;           // the session's selected database

  std::size_t size() const { return args.size(); }
  std::string_view arg(std::size_t index) const { return args[index]; }

  // Fires the keyspace notification `event` ("lpush") for `key` in this call's database. Call it
  // once per event, after the change. Cheap when no client asked for notifications.
  void notify(NotifyClass event_class, std::string_view event, std::string_view key);
  void notify_in(unsigned database, NotifyClass event_class, std::string_view event,
                 std::string_view key);

  // False inside a transaction or a script: a blocking command then answers at once as if it had
  // timed out.
  bool may_block() const;

  // Parks the session until one of `keys` holds a value of type `kind`, then runs this command
  // again with the same arguments (first come, first served per key, after the whole command or
  // transaction that made the key). `deadline_ms` 0: for ever. At the deadline the session is sent
  // the null array (kNullArray) or null (kNull). Nothing may have been written to the reply.
  // kReplicaCount: how many replicas have what the client wrote (WAIT).
  enum class OnTimeout : std::uint8_t { kNullArray, kNull, kReplicaCount };
  void block(BlockOn kind, std::span<const std::string_view> keys, std::int64_t deadline_ms,
             OnTimeout on_timeout);
};

// Parses a blocking command's timeout argument (seconds, may be fractional) into a deadline for
// block(): 0 stays 0. Throws Redis's own errors.
std::int64_t parse_timeout(const Call& call, std::string_view text);

}  // namespace bodega::redis
