// Instance: what the sessions of one keyspace share: the command table and its counters, settings,
// pub/sub, watches, parked commands, notifications. execute() is where every command passes.
//
// One thread owns it, its sessions and its keyspace. The listener's tick: process() of every
// session with input, then finish_tick(), which commits, then the outputs. See
// server/redis/listener. What happens when a commit fails: faults.cc.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/observe/gate.h"
#include "protocol/observe/observer.h"
#include "protocol/redis/acl/log.h"
#include "protocol/redis/acl/users.h"
#include "protocol/redis/command_table.h"
#include "protocol/redis/instance/blocking.h"
#include "protocol/redis/instance/channels.h"
#include "protocol/redis/instance/cluster.h"
#include "protocol/redis/instance/parameters.h"
#include "protocol/redis/instance/replicas.h"
#include "protocol/redis/instance/script_host.h"
#include "protocol/redis/instance/session.h"
#include "protocol/redis/instance/slow_commands.h"
#include "protocol/redis/instance/snapshots.h"
#include "protocol/redis/instance/tracking.h"
#include "protocol/redis/instance/watches.h"
#include "protocol/redis/replication/outbound.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// Counters of the whole server, as INFO shows them.
struct Statistics {
  std::uint64_t connections_received = 0;
  std::uint64_t connections_rejected = 0;
  std::uint64_t commands_processed = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t reads = 0;   // from sockets
  std::uint64_t writes = 0;  // to sockets
  std::uint64_t error_replies = 0;
  std::uint64_t keyspace_hits = 0;
  std::uint64_t keyspace_misses = 0;
  std::uint64_t expired_keys = 0;
  std::uint64_t expired_fields = 0;
  std::uint64_t evicted_keys = 0;
  std::uint64_t expire_cycle_us = 0;
  std::uint64_t unexpected_errors = 0;
  std::uint64_t client_output_limit_disconnections = 0;
  std::uint64_t client_query_limit_disconnections = 0;
  std::uint64_t denied_logins = 0;
  std::uint64_t denied_commands = 0;
  std::uint64_t denied_keys = 0;
  std::uint64_t denied_channels = 0;
  std::map<std::string, std::uint64_t, std::less<>> errors;  // by first word
};

struct InstanceOptions {
  std::uint16_t port = 6379;
  std::string bind = "127.0.0.1";
  std::string data_directory;              // CONFIG GET dir
  std::string snapshot_file = "dump.rdb";  // CONFIG GET dbfilename
  std::string executable;                  // INFO
  int process_id = 0;                      // INFO
  bool persistent = false;                 // whether the keyspace survives the process
  std::string password;                    // requirepass
  std::string unix_path;                   // unixsocket; empty: there is none
  unsigned unix_mode = 0;                  // unixsocketperm
  std::string acl_file;                    // aclfile; empty: there is none
  // What the ACL file says at the start. REQUIRES: acl_faults() finds none.
  std::string acl_lines;
  // Names and values that CONFIG SET would take. REQUIRES: that it would.
  std::vector<std::pair<std::string, std::string>> parameters;
  // Shows the keyspace as the nodes of a cluster, which have these ports. No shards: as itself.
  ClusterShape cluster;
  std::vector<std::uint16_t> cluster_ports;
  // The host that it names to clients: an address, a name, or "unknown"; empty: where they came.
  std::string cluster_announce;
  // What SHUTDOWN does; without it SHUTDOWN answers an error.
  std::function<void()> shutdown;
  // What SAVE and BGSAVE do: make everything durable. Throws StorageFault.
  std::function<void()> save;
  // How MIGRATE reaches another server. Without it none can be reached.
  Connect connect;
  // Resident memory of the process, for INFO.
  std::function<std::uint64_t()> resident_bytes;
  // Blocks the loop, for DEBUG SLEEP. Without it DEBUG SLEEP returns at once.
  std::function<void(std::int64_t microseconds)> sleep;
  // Called again and again while a script takes long: takes in what arrives and answers it, commits
  // nothing. False: the process ends, and the script with it.
  std::function<bool()> pump;
  // What an interpreter of scripts may hold at most: a script that needs more is ended by an error.
  std::size_t script_memory_bytes = std::size_t{1} << 30;
  // Asked once about each command that would run or be queued; may be null. Must outlive the
  // instance.
  observe::Gate* gate = nullptr;
  // Told now and then how many commands of each kind have run, and at once of those that are not
  // there; while the log is at debug, of each. They must outlive the instance.
  std::vector<observe::Observer*> observers = {};
};

class Instance {
 public:
  // The version this answers as.
  static constexpr std::string_view kVersion = "7.4.1";

  // What a server takes before its first key, as Redis counts it.
  static constexpr std::uint64_t kStartupBytes = 1024 * 1024;

  // How many different first words of errors are counted apart.
  static constexpr std::size_t kMaxErrorCodes = 128;
  // Output below this needs no look at the limits.
  static constexpr std::size_t kOutputCheckBytes = 64 * 1024;

  // Both must outlive the server.
  Instance(keyspace::Engine& engine, const base::Clock& clock, InstanceOptions options = {});
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  enum class Executed : std::uint8_t {
    kYes,
    kNextTick,  // it must have a tick for itself, and this one has changes …
    kParked,    // … or it waits for the end of CLIENT PAUSE or of what is being staged
  };
  // Runs one request of `session`, which took so many bytes, and writes its reply. Unless kYes is
  // returned it has not run and must be given again.
  Executed execute(Session& session, Args args, std::size_t request_bytes);
  // Runs a command of a transaction or a script, whose own execution is `outer`: at its instant and
  // without waiting. A script is refused what it may not do. REQUIRES: the arguments fit the arity;
  // outer.script is set for a script.
  void execute_inside(Session& session, Execution& outer, Execution::Origin origin,
                      CommandTable::Slot& slot, Args args, Reply& reply);

  // Deadlines of parked commands and of CLIENT PAUSE. Absent: none.
  std::optional<std::int64_t> next_deadline_ms() const;
  // Times out what is due.
  void run_deadlines();
  // About ten times a second: expired keys, averages, idle sessions.
  void run_cron();

  // Serves parked commands and sends invalidations that changes made outside of execute() call for.
  void settle();

  // Commits what the tick changed; the replies may go out afterwards. When the commit fails, the
  // replies that rest on it become errors, the keyspace goes back to what is stored, and writes are
  // refused until the store takes them again, which run_cron() finds out.
  void finish_tick();
  // A tick that changed much of long strings is written over several turns (staging.cc). Its
  // replies are held meanwhile, and so are commands that would look at what it changed; everyone
  // else is served.
  bool is_staging() const;
  // Writes a share of it, in some milliseconds; to come when the replies of others went out.
  void stage_some();
  // There should be a next turn, also when nothing arrives.
  bool has_work() const { return is_staging() || !resumed_.empty(); }

  // Commits in the middle of a tick, for commands that promise it. Throws Error.
  void commit_now();
  // The tick has changed so much that it should end: others wait for it, and commits stay small.
  bool tick_is_full() const;

  // Sessions whose output grew, that ended, or that may go on, since the last call. The vectors may
  // name a session that process() has handled already.
  std::vector<Session*> take_touched();
  std::vector<Session*> take_resumed();
  void touch(Session& session);
  void resume(Session& session);

  // What DISCARD does: forgets the queue and the watched keys.
  void leave_transaction(Session& session);
  void start_monitor(Session& session);
  void stop_monitor(Session& session);
  void register_session(Session& session);
  void unregister_session(Session& session);
  const std::map<std::uint64_t, Session*>& sessions() const { return sessions_; }
  Session* session_by_id(std::uint64_t id) const;

  keyspace::Engine& keyspace() { return engine_; }
  const base::Clock& clock() const { return clock_; }
  const InstanceOptions& options() const { return options_; }
  CommandTable& commands() { return commands_; }
  Parameters& parameters() { return parameters_; }
  Statistics& statistics() { return statistics_; }
  Blocking& blocking() { return blocking_; }
  Channels& channels() { return channels_; }
  Watches& watches() { return watches_; }
  Tracking& tracking() { return tracking_; }
  SlowCommands& slow_commands() { return slow_commands_; }
  AclUsers& users() { return users_; }
  AclLog& acl_log() { return acl_log_; }
  LatencyMonitor& latency() { return latency_; }
  // Null: this is no cluster.
  Cluster* cluster() const { return cluster_.get(); }
  Replicas& replicas() { return replicas_; }
  // Answers the clients in WAIT for which enough replicas have come far enough.
  void serve_waits();
  // Answers a parked command as its time being up does.
  void time_out(Session& parked);

  // What maxmemory limits: keys and values, the buffers of clients, and what is there at the start.
  std::uint64_t used_memory() const;
  std::uint64_t peak_memory();                                   // the most of that so far
  std::uint64_t client_memory() const { return client_bytes_; }  // as of the last run_cron()

  // Publishes a keyspace notification if its class is asked for.
  void notify(unsigned db, NotifyClass event_class, std::string_view event, std::string_view key);

  // FLUSHDB and FLUSHALL (db -1), SWAPDB: the engine's work and what hangs on it.
  void flush(unsigned db);
  void flush_all();
  void swap_databases(unsigned first, unsigned second);
  // FLUSHALL without a client, in the store when it returns; how many keys there were. Throws
  // Error. REQUIRES: no command is running.
  std::uint64_t clear();

  // After CONFIG SET: hands on what other parts keep of the settings.
  void apply_parameters();

  // Ends what keeps the session from going on: the parked command is answered by `reply`.
  template <class WriteReply>
  void unblock(Session& session, WriteReply write_reply) {
    const std::size_t before = session.output().size();
    Reply reply(session.output(), session.protocol);
    write_reply(reply);
    record_unblocked(session, before);
    finish_blocked(session, before);
  }

  // Closes the session when its unsent output is beyond the limits of its class.
  void enforce_output_limit(Session& session);

  // The session whose command is running; null between commands.
  Session* current() const { return current_; }

  // Whether anyone hears of changes of the keyspace.
  enum class Heard : std::uint8_t { kYes, kNo };
  void observe(Heard heard);

  // The scripts of this instance; null until one is run, loaded or asked for.
  std::unique_ptr<ScriptHost> script_host;
  bool noscript_commands_allowed = false;  // DEBUG SET-DISABLE-DENY-SCRIPTS

  // Shows MONITOR a command, for those that it must see before what they run.
  void feed_monitors(Session& session, Args args, std::int64_t now_us, Execution::Origin origin);
  // Whether the memory that is used was beyond maxmemory, and could not be brought below, when the
  // client's command came.
  bool over_memory() const { return over_memory_; }
  // A script takes long: what others are told meanwhile, one of the texts of errors.h; empty: none
  // does.
  void set_busy(std::string_view text) { busy_ = text; }
  std::string_view busy() const { return busy_; }
  // What this tick has changed is to be forgotten: a script was broken off half-way.
  void abandon_tick();

  bool active_expiry = true;  // DEBUG SET-ACTIVE-EXPIRE
  SnapshotRecord snapshots;

  // Counts an error reply by its first word.
  void count_error(std::string_view text);

  // CLIENT PAUSE.
  enum class PauseKind : std::uint8_t { kNone, kWrite, kAll };
  void pause(PauseKind kind, std::int64_t until_ms);
  void unpause();
  PauseKind paused_now();
  std::size_t paused_count() const;

  // The milliseconds at which the server was made.
  std::int64_t started_ms() const { return started_ms_; }
  double operations_per_second() const;
  std::size_t monitor_count() const { return monitors_; }
  // Why writes are refused, as clients are told; empty while they are not.
  const std::string& fault() const { return fault_; }
  const std::string& run_id() const { return run_id_; }

 private:
  class Observer;

  enum class Refusal : std::uint8_t { kIsFinal, kRedirects };
  void refuse(Session& session, CommandTable::Slot* slot, Args args, const std::string& text,
              Refusal kind = Refusal::kIsFinal);
  void tell(const observe::Exchange& exchange) const;
  // While the log is at debug, every command is told of.
  void tell_of_refusal(const Session& session, const Command& command, Args args,
                       std::string_view text) const;
  void tell_of_run(const Session& session, const Command& command, Args args,
                   std::string_view failure, std::int64_t started_us) const;
  // Why a known command may not run now; empty: it may.
  std::string refusal(Session& session, const Command& command, Args args);
  std::string refusal_in_script(Session& session, ScriptState& script, const Command& command,
                                Args args);
  std::string refusal_of_gate(const Session& session, const Command& command, Args args);
  void preset_cluster();
  std::string refusal_for_fault(Session& session, const Command& command, Args args);
  bool held_by_pause(Session& session, const Command& command, Args args);
  void queue_command(Session& session, const Command& command, Args args);
  void run(Session& session, CommandTable::Slot& slot, Args args, Execution& execution);
  void run_outermost(Session& session, CommandTable::Slot& slot, Args args);
  void record(Session& session, CommandTable::Slot& slot, Args args, std::int64_t elapsed_us,
              std::int64_t ended_us);
  void remember_keys(Session& session, const Command& command, Args args, Execution& execution);
  void record_latency(const Command& command, std::int64_t elapsed_us, std::int64_t ended_us);
  void record_unblocked(Session& session, std::size_t output_before);
  void break_watches(unsigned db);  // of the keys that are there
  void serve_blocked();
  void tidy();
  void rerun_blocked(Session& session);
  void finish_blocked(Session& session, std::size_t output_before);

  // What was written to the session's output from `before` on answers `command`: it is void when
  // the commit of this tick fails and it may rest on what is lost then.
  void note_reply(Session& session, const Command& command, std::size_t before);
  void commit();
  template <class Work>
  bool committed_by(Work work);
  bool backlog_is_due();
  void lose_tick(const std::string& text);
  void void_replies(const std::vector<Session*>& sessions, const std::string& text);

  // staging.cc
  // Whether the request changes so much that the replies of others should not depend on its commit.
  bool is_large(const Session& session, const CommandTable::Slot* slot, Args args,
                std::size_t request_bytes) const;
  // Whether a request of this size must wait for what is being staged, since it may have to be
  // staged itself.
  bool must_wait_for_staging(std::size_t request_bytes) const;
  bool held_by_staging(Session& session, const Command& command, Args args);
  bool waits_for_staging(const Session& parked) const;
  bool reaches_staged(const Command& command, Args args) const;
  void hold_replies();
  void release_replies();
  void roll_back();
  void refuse_writes(const std::string& why);
  void try_to_recover();
  void give_up_tick(const Call& call);
  void hold_expiry();

  keyspace::Engine& engine_;
  const base::Clock& clock_;
  InstanceOptions options_;
  Parameters parameters_;
  CommandTable commands_;
  AclUsers users_{commands_};
  AclLog acl_log_;
  Statistics statistics_;
  Blocking blocking_;
  Channels channels_;
  Watches watches_;
  Tracking tracking_;
  SlowCommands slow_commands_;
  LatencyMonitor latency_;
  Replicas replicas_;
  std::unique_ptr<Observer> observer_;
  std::unique_ptr<Cluster> cluster_;

  std::map<std::uint64_t, Session*> sessions_;
  std::uint64_t next_session_id_ = 1;
  std::size_t monitors_ = 0;
  std::vector<Session*> touched_;
  std::vector<Session*> resumed_;
  std::vector<Session*> answered_;  // sessions with unsettled replies of this tick …
  std::vector<Session*> held_;      // … and of the one that is being staged
  std::uint64_t tick_changes_ = 0;  // Engine::change_count() when the tick began
  std::string fault_;               // why a commit failed; empty: none did
  bool ask_again_ = false;          // the timer has run since the store was last asked to free room
  std::string doubt_;               // what everyone is told while the keyspace is in doubt …
  bool stuck_ = false;              // … which it stays, since the store cannot be read

  PauseKind pause_kind_ = PauseKind::kNone;
  std::int64_t pause_until_ms_ = 0;
  bool serving_ = false;
  bool over_memory_ = false;
  std::string_view busy_;
  Session* current_ = nullptr;

  std::int64_t started_ms_ = 0;
  std::string run_id_;
  std::uint64_t client_bytes_ = 0;
  std::uint64_t peak_bytes_ = 0;
  std::int64_t sample_ms_ = 0;  // when operations were last sampled …
  std::uint64_t sample_commands_ = 0;
  std::array<double, 16> samples_{};
  std::size_t sample_index_ = 0;
};

}  // namespace bodega::redis
