// Session: one client's conversation with the server: its input, its output, and everything that
// Redis remembers about a connection. It knows no socket; the listener (or a test) hands it bytes
// and takes bytes away.
//
// The listener's round for one connection:
//   room()/received()  bytes that were read
//   process(n)         runs up to n commands, replies go to output()
//   output()           what to write; the listener removes what it has written
// Other sessions' commands may add to output() (pub/sub, a blocked pop that is served), and may
// make a parked session go on; Instance::take_* tells the listener which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/instance/replicas.h"
#include "protocol/redis/wire/command.h"
#include "protocol/redis/wire/execution.h"
#include "protocol/redis/wire/resp_parser.h"

namespace bodega::redis {

class AclUser;

// The other end of a session: addresses for CLIENT LIST.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string address() const = 0;        // "127.0.0.1:51234"
  virtual std::string local_address() const = 0;  // "127.0.0.1:6379"
  virtual int descriptor() const { return -1; }
};

// A command that waits for a key, and how it goes on.
struct BlockedCall {
  BlockOn kind;
  Call::OnTimeout on_timeout;
  unsigned db;
  std::int64_t deadline_ms;  // 0: none
  std::vector<std::string> keys;
  std::vector<std::string> args;
  const Command* command;
  bool silent;                // the client wants no reply (CLIENT REPLY)
  std::int64_t spent_us = 0;  // what running it has taken so far
};

// MULTI's queue.
struct QueuedCommand {
  const Command* command;
  std::vector<std::string> args;
};

struct WatchedKey {
  unsigned db;
  std::string key;
};

// MULTI and WATCH.
struct Transaction {
  bool open = false;    // since MULTI
  bool failed = false;  // a command was refused while queueing
  std::vector<QueuedCommand> queue;
  std::size_t queue_bytes = 0;
  std::vector<WatchedKey> watched;
  bool broken = false;  // a watched key was changed
};

struct Subscriptions {
  std::set<std::string, std::less<>> channels;
  std::set<std::string, std::less<>> patterns;
  std::set<std::string, std::less<>> shard_channels;

  std::size_t count() const { return channels.size() + patterns.size(); }
  bool any() const { return count() + shard_channels.size() > 0; }
};

// Why the session does not go on with its input.
struct Waiting {
  std::unique_ptr<BlockedCall> call;  // a command waits for a key
  bool for_pause = false;             // a command in the input waits for CLIENT PAUSE to end …
  bool for_staging = false;           // … or for a tick that is being staged
  bool for_output = false;            // … or for the client to read what was put out for it
  bool is_resumed = false;            // Instance::take_resumed() will name the session
};

enum class ReplyMode : std::uint8_t { kOn, kOff, kSkipNext };

// What becomes of output().
struct Delivery {
  struct Span {
    std::size_t from, to;  // of output()
  };

  ReplyMode mode = ReplyMode::kOn;
  std::vector<Span> unsettled;  // replies that rest on what this tick has yet to commit
  bool held = false;            // they rest on a tick that is being staged, and must not go out yet
  std::size_t unsent_bytes = 0;          // output that the listener holds
  std::int64_t soft_limit_since_ms = 0;  // when the soft limit was first exceeded; 0: it is not
  bool is_touched = false;               // Instance::take_touched() will name the session
};

// CLIENT TRACKING of one session.
struct TrackingState {
  bool on = false;
  bool broadcast = false;
  bool opt_in = false;
  bool opt_out = false;
  bool no_loop = false;
  bool caching_given = false;  // CLIENT CACHING was called for the next command
  bool broken_redirect = false;
  std::uint64_t redirect = 0;
  std::vector<std::string> prefixes;
};

// What a session is to a cluster (cluster.h).
struct SessionCluster {
  int node = 0;            // at whose port it was accepted
  bool read_only = false;  // READONLY: a replica answers reads
  bool asked = false;      // ASKING was the last command …
  bool asking = false;  // … so it holds for this one, or for the transaction that this one opens
  int slot = -1;        // of the keys of the outermost command; -1: it has none
};

class Session {
 public:
  // Output beyond this waits for the client to read.
  static constexpr std::size_t kFullOutputBytes = 32 * 1024 * 1024;

  // Registers with `server`; both must outlive the session.
  Session(Instance& instance, Peer& peer);
  ~Session();  // unregisters: watches, subscriptions, a blocked command
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  enum class Progress : std::uint8_t {
    kIdle,     // everything complete has run; more bytes are needed
    kMore,     // the limit was reached and more complete commands may be waiting
    kParked,   // it must wait, and its input with it, until Instance::take_resumed() names it
    kClosing,  // write output() and close
    kDropped,  // close at once, output() is not to be written
  };

  // Where to read into: at least `at_least` bytes. Valid until the next call of any function.
  std::span<char> room(std::size_t at_least);
  // So many bytes were put into room().
  void received(std::size_t count) {
    input_end_ += count;
    note_traffic();
  }
  // Bytes went one way or the other: the client is not idle.
  void note_traffic();
  // For tests: the bytes of `input` as if they had arrived.
  void feed(std::string_view input);
  // Runs up to `max_commands` of what has arrived.
  Progress process(int max_commands);

  std::string& output() { return output_; }
  Peer& peer() const { return peer_; }
  Instance& instance() { return instance_; }

  // Ends the session, after its output was written or at once, and tells the listener.
  void close_after_output();
  void drop();
  bool closing() const { return closing_ || dropped_; }
  bool dropped() const { return dropped_; }

  // The client does not read what was put out for it: it gets no more before it does.
  bool output_is_full() const { return output_.size() + delivery.unsent_bytes >= kFullOutputBytes; }
  // After delivery.unsent_bytes went down.
  void resume_if_drained();

  // Writes a push (pub/sub message, invalidation) and tells the listener. It waits for the end of
  // the command that is running on this very session, whose reply it must not split.
  void push(std::string_view encoded);

  std::size_t input_bytes() const { return input_end_ - input_begin_; }
  std::size_t input_capacity() const { return input_capacity_; }
  // What it takes with its buffers.
  std::size_t memory() const {
    return sizeof *this + input_capacity_ + output_.capacity() + delivery.unsent_bytes;
  }

  // What Redis remembers about a connection, by concern; commands read and change it.
  std::uint64_t id = 0;
  std::string name;
  std::string library_name;
  std::string library_version;
  const AclUser* user = nullptr;  // null: the server itself, which may do everything
  bool authenticated = false;
  int protocol = 2;
  unsigned db = 0;
  bool monitor = false;
  bool no_evict = false;
  bool no_touch = false;
  std::int64_t created_ms = 0;
  std::int64_t last_active_ms = 0;
  const Command* last_command = nullptr;

  Transaction transaction;
  Subscriptions subscriptions;
  TrackingState tracking;
  std::unique_ptr<ReplicaState> replica;  // null unless the other end said that it is one
  std::uint64_t written_offset = 0;       // of the stream, behind what this client wrote last
  Waiting waiting;
  Delivery delivery;
  SessionCluster cluster;

  // The outermost execution of a command of this session; null between commands.
  Execution* execution = nullptr;

 private:
  void compact();

  Instance& instance_;
  Peer& peer_;
  RespParser parser_;
  std::unique_ptr<char[]> input_;
  std::size_t input_capacity_ = 0;
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::string output_;
  bool closing_ = false;
  bool dropped_ = false;
};

// The command's flags; EXEC has those of all that is in its queue, a script those that it declares.
CommandFlags effective_flags(Session& session, const Command& command, Args args);

}  // namespace bodega::redis
