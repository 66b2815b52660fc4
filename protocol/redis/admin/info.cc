#include "protocol/redis/admin/info.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <initializer_list>
#include <set>

#include "engines/base/process/allocator.h"
#include "engines/base/process/processor_time.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/admin/memory_figures.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

// Collects "name:value" lines.
class Text {
 public:
  explicit Text(std::string& out) : out_(out) {}
  void add(std::string_view name, std::string_view value) {
    out_.append(name).append(":").append(value).append("\r\n");
  }
  void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
  void add(std::string_view name, std::size_t value) { add(name, std::to_string(value)); }
  void add(std::string_view name, int value) { add(name, std::to_string(value)); }

 private:
  std::string& out_;
};

std::string fixed(double value, int digits) {
  std::array<char, 64> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string human_bytes(std::uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes < 1024) return std::to_string(bytes) + "B";
  if (bytes < 1024ull * 1024) return fixed(value / 1024, 2) + "K";
  if (bytes < 1024ull * 1024 * 1024) return fixed(value / (1024.0 * 1024), 2) + "M";
  return fixed(value / (1024.0 * 1024 * 1024), 2) + "G";
}

// Of a cluster, the node at which the client is that asks.
int node_of(const Instance& instance) {
  return instance.current() == nullptr ? 0 : instance.current()->cluster.node;
}

void server_section(Instance& instance, Text text) {
  const std::int64_t now_us = instance.clock().now_us();
  const std::int64_t uptime_s = (now_us / 1000 - instance.started_ms()) / 1000;
  text.add("redis_version", Instance::kVersion);
  text.add("redis_git_sha1", "00000000");
  text.add("redis_git_dirty", "0");
  text.add("redis_build_id", "0");
  text.add("redis_mode", instance.cluster() == nullptr ? "standalone" : "cluster");
  text.add("os", "Linux");
  text.add("arch_bits", 64);
  text.add("monotonic_clock", "POSIX clock_gettime");
  text.add("multiplexing_api", "epoll");
  text.add("atomicvar_api", "c11-builtin");
  text.add("gcc_version", __VERSION__);
  text.add("process_id", instance.options().process_id);
  text.add("process_supervised", "no");
  text.add("run_id", instance.run_id());
  const Cluster* const cluster = instance.cluster();
  const std::uint16_t port =
      cluster == nullptr ? instance.options().port : cluster->own_port(node_of(instance));
  text.add("tcp_port", static_cast<int>(port));
  text.add("server_time_usec", now_us);
  text.add("uptime_in_seconds", uptime_s);
  text.add("uptime_in_days", uptime_s / 86400);
  text.add("hz", instance.parameters().live().hz);
  text.add("configured_hz", instance.parameters().live().hz);
  text.add("lru_clock", (now_us / 1'000'000) & 0xFFFFFF);
  text.add("executable", instance.options().executable);
  text.add("config_file", "");
  text.add("io_threads_active", 0);
  text.add("bodega_version", BODEGA_VERSION);
}

void clients_section(Instance& instance, Text text) {
  std::size_t largest_input = 0;
  std::size_t largest_output = 0;
  std::size_t channels = 0;
  for (const auto& [id, session] : instance.sessions()) {
    largest_input = std::max(largest_input, session->input_bytes());
    largest_output =
        std::max(largest_output, session->output().size() + session->delivery.unsent_bytes);
    channels += session->subscriptions.any() ? 1 : 0;
  }
  text.add("connected_clients", instance.sessions().size());
  text.add("cluster_connections", 0);
  text.add("maxclients", static_cast<std::int64_t>(instance.parameters().live().maxclients));
  text.add("client_recent_max_input_buffer", largest_input);
  text.add("client_recent_max_output_buffer", largest_output);
  text.add("blocked_clients", instance.blocking().session_count() + instance.paused_count());
  text.add("tracking_clients", instance.tracking().session_count());
  text.add("pubsub_clients", channels);
  text.add("watching_clients",
           static_cast<std::size_t>(std::count_if(
               instance.sessions().begin(), instance.sessions().end(),
               [](const auto& s) { return !s.second->transaction.watched.empty(); })));
  text.add("clients_in_timeout_table", instance.blocking().session_count());
  text.add("total_watched_keys", instance.watches().key_count());
  text.add("total_blocking_keys", instance.blocking().key_count());
  text.add("total_blocking_keys_on_nokey", instance.blocking().group_key_count());
}

void add_scripts(Instance& instance, Text text) {
  const ScriptFigures figures =
      instance.script_host == nullptr ? ScriptFigures() : instance.script_host->figures();
  const std::size_t interpreters =
      figures.script_interpreter_bytes + figures.function_interpreter_bytes;
  text.add("used_memory_vm_eval", figures.script_interpreter_bytes);
  text.add("used_memory_lua", figures.script_interpreter_bytes);
  text.add("used_memory_lua_human", human_bytes(figures.script_interpreter_bytes));
  text.add("used_memory_scripts_eval", figures.cached_bytes);
  text.add("number_of_cached_scripts", figures.cached_scripts);
  text.add("number_of_functions", figures.functions);
  text.add("number_of_libraries", figures.libraries);
  text.add("used_memory_vm_functions", figures.function_interpreter_bytes);
  text.add("used_memory_vm_total", interpreters);
  text.add("used_memory_vm_total_human", human_bytes(interpreters));
  text.add("used_memory_functions", figures.library_bytes);
  text.add("used_memory_scripts", figures.cached_bytes + figures.library_bytes);
  text.add("used_memory_scripts_human", human_bytes(figures.cached_bytes + figures.library_bytes));
}

std::int64_t difference(std::uint64_t one, std::uint64_t other) {
  return static_cast<std::int64_t>(one) - static_cast<std::int64_t>(other);
}

void add_bytes(Text& text, const std::string& name, std::uint64_t bytes) {
  text.add(name, bytes);
  text.add(name + "_human", human_bytes(bytes));
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return fixed(100 * ratio_of(part, whole), 2) + "%";
}

void allocator_ratios(const MemoryFigures& memory, Text& text) {
  text.add("allocator_frag_ratio", fixed(ratio_of(memory.active, memory.allocated), 2));
  text.add("allocator_frag_bytes", difference(memory.active, memory.allocated));
  text.add("allocator_rss_ratio", fixed(ratio_of(memory.resident, memory.active), 2));
  text.add("allocator_rss_bytes", difference(memory.resident, memory.active));
  text.add("rss_overhead_ratio", fixed(ratio_of(memory.rss, memory.resident), 2));
  text.add("rss_overhead_bytes", difference(memory.rss, memory.resident));
  text.add("mem_fragmentation_ratio", fixed(ratio_of(memory.rss, memory.used), 2));
  text.add("mem_fragmentation_bytes", difference(memory.rss, memory.used));
}

void memory_section(Instance& instance, Text text) {
  const MemoryFigures memory = memory_figures(instance);
  add_bytes(text, "used_memory", memory.used);
  add_bytes(text, "used_memory_rss", memory.rss);
  add_bytes(text, "used_memory_peak", memory.peak);
  text.add("used_memory_peak_perc", percent(memory.used, memory.peak));
  text.add("used_memory_overhead", memory.overhead);
  text.add("used_memory_startup", static_cast<std::size_t>(Instance::kStartupBytes));
  text.add("used_memory_dataset", memory.dataset);
  text.add("used_memory_dataset_perc", percent(memory.dataset, memory.net_dataset()));
  text.add("allocator_allocated", memory.allocated);
  text.add("allocator_active", memory.active);
  text.add("allocator_resident", memory.resident);
  add_bytes(text, "total_system_memory", base::system_memory_bytes());
  add_scripts(instance, text);
  add_bytes(text, "maxmemory", instance.parameters().live().maxmemory);
  text.add("maxmemory_policy", instance.parameters().text("maxmemory-policy"));
  allocator_ratios(memory, text);
  text.add("mem_not_counted_for_evict", 0);
  text.add("mem_replication_backlog", 0);
  text.add("mem_total_replication_buffers", 0);
  text.add("mem_clients_slaves", 0);
  text.add("mem_clients_normal", memory.clients);
  text.add("mem_cluster_links", 0);
  text.add("mem_aof_buffer", 0);
  text.add("mem_allocator", base::allocator_name());
  text.add("active_defrag_running", 0);
  text.add("lazyfree_pending_objects", instance.keyspace().pending_frees());
  text.add("lazyfreed_objects", 0);
}

void persistence_section(Instance& instance, Text text) {
  text.add("loading", 0);
  text.add("async_loading", 0);
  text.add("current_cow_peak", 0);
  text.add("current_cow_size", 0);
  text.add("current_cow_size_age", 0);
  text.add("current_fork_perc", "0.00");
  text.add("current_save_keys_processed", 0);
  text.add("current_save_keys_total", 0);
  text.add("rdb_changes_since_last_save",
           instance.keyspace().change_count() - instance.snapshots.saved_changes);
  text.add("rdb_bgsave_in_progress", 0);
  text.add("rdb_last_save_time", instance.snapshots.last_save_s);
  text.add("rdb_last_bgsave_status",
           instance.snapshots.last_failed || !instance.fault().empty() ? "err" : "ok");
  text.add("rdb_last_bgsave_time_sec", instance.snapshots.last_duration_s);
  text.add("rdb_current_bgsave_time_sec", -1);
  text.add("rdb_saves", instance.snapshots.saves);
  text.add("rdb_last_cow_size", 0);
  text.add("rdb_last_load_keys_expired", instance.snapshots.loaded_expired);
  text.add("rdb_last_load_keys_loaded", instance.snapshots.loaded_keys);
  text.add("aof_enabled", instance.options().persistent ? 1 : 0);
  text.add("aof_rewrite_in_progress", 0);
  text.add("aof_rewrite_scheduled", 0);
  text.add("aof_last_rewrite_time_sec", -1);
  text.add("aof_current_rewrite_time_sec", -1);
  text.add("aof_last_bgrewrite_status", "ok");
  text.add("aof_last_write_status", instance.fault().empty() ? "ok" : "err");
  text.add("aof_rewrites", 0);
  text.add("aof_rewrites_consecutive_failures", 0);
  text.add("aof_last_cow_size", 0);
  text.add("module_fork_in_progress", 0);
  text.add("module_fork_last_cow_size", 0);
}

void stats_section(Instance& instance, Text text) {
  const Statistics& s = instance.statistics();
  text.add("total_connections_received", s.connections_received);
  text.add("total_commands_processed", s.commands_processed);
  text.add("instantaneous_ops_per_sec",
           static_cast<std::int64_t>(instance.operations_per_second()));
  text.add("total_net_input_bytes", s.bytes_in);
  text.add("total_net_output_bytes", s.bytes_out);
  text.add("total_net_repl_input_bytes", 0);
  text.add("total_net_repl_output_bytes", 0);
  text.add("instantaneous_input_kbps", "0.00");
  text.add("instantaneous_output_kbps", "0.00");
  text.add("instantaneous_input_repl_kbps", "0.00");
  text.add("instantaneous_output_repl_kbps", "0.00");
  text.add("rejected_connections", s.connections_rejected);
  text.add("sync_full", instance.replicas().full_count());
  text.add("sync_partial_ok", instance.replicas().resumed_count());
  text.add("sync_partial_err", instance.replicas().refused_count());
  text.add("expired_subkeys", s.expired_fields);
  text.add("expired_keys", s.expired_keys);
  text.add("expired_stale_perc", "0.00");
  text.add("expired_time_cap_reached_count", 0);
  text.add("expire_cycle_cpu_milliseconds", s.expire_cycle_us / 1000);
  text.add("evicted_keys", s.evicted_keys);
  text.add("evicted_clients", 0);
  text.add("total_eviction_exceeded_time", 0);
  text.add("current_eviction_exceeded_time", 0);
  text.add("keyspace_hits", s.keyspace_hits);
  text.add("keyspace_misses", s.keyspace_misses);
  text.add("pubsub_channels", instance.channels().channels().size());
  text.add("pubsub_patterns", instance.channels().patterns().size());
  text.add("pubsubshard_channels", instance.channels().shard_channels().size());
  text.add("latest_fork_usec", 0);
  text.add("total_forks", 0);
  text.add("migrate_cached_sockets", 0);
  text.add("slave_expires_tracked_keys", 0);
  text.add("active_defrag_hits", 0);
  text.add("active_defrag_misses", 0);
  text.add("active_defrag_key_hits", 0);
  text.add("active_defrag_key_misses", 0);
  text.add("total_active_defrag_time", 0);
  text.add("current_active_defrag_time", 0);
  text.add("tracking_total_keys", instance.tracking().key_count());
  text.add("tracking_total_items", instance.tracking().item_count());
  text.add("tracking_total_prefixes", instance.tracking().prefix_count());
  text.add("unexpected_error_replies", s.unexpected_errors);
  text.add("total_error_replies", s.error_replies);
  text.add("dump_payload_sanitizations", 0);
  text.add("total_reads_processed", s.reads);
  text.add("total_writes_processed", s.writes);
  text.add("io_threaded_reads_processed", 0);
  text.add("io_threaded_writes_processed", 0);
  text.add("reply_buffer_shrinks", 0);
  text.add("reply_buffer_expands", 0);
  text.add("client_query_buffer_limit_disconnections", s.client_query_limit_disconnections);
  text.add("client_output_buffer_limit_disconnections", s.client_output_limit_disconnections);
  text.add("acl_access_denied_auth", s.denied_logins);
  text.add("acl_access_denied_cmd", s.denied_commands);
  text.add("acl_access_denied_key", s.denied_keys);
  text.add("acl_access_denied_channel", s.denied_channels);
}

void replica_lines(Instance& instance, const Cluster& cluster, int node, Text text) {
  const std::uint64_t offset = instance.keyspace().change_count();
  text.add("role", "slave");
  text.add("master_host", cluster.ip(*instance.current()));
  text.add("master_port", static_cast<int>(cluster.port(cluster.topology().master_of(node))));
  text.add("master_link_status", "up");
  text.add("master_last_io_seconds_ago", 0);
  text.add("master_sync_in_progress", 0);
  text.add("slave_read_repl_offset", offset);
  text.add("slave_repl_offset", offset);
  text.add("slave_priority", instance.parameters().text("replica-priority"));
  text.add("slave_read_only", 1);
  text.add("replica_announced", 1);
  text.add("connected_slaves", 0);
}

void master_lines(Instance& instance, const Cluster& cluster, int node, Text text) {
  const std::vector<int> replicas = cluster.topology().replicas_of(node);
  text.add("role", "master");
  text.add("connected_slaves", replicas.size());
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    text.add("slave" + std::to_string(i),
             "ip=" + cluster.ip(*instance.current()) +
                 ",port=" + std::to_string(cluster.port(replicas[i])) + ",state=online,offset=" +
                 std::to_string(instance.keyspace().change_count()) + ",lag=0");
  }
}

void follower_lines(Instance& instance, Text text) {
  const Replicas& replicas = instance.replicas();
  text.add("role", "master");
  text.add("connected_slaves", replicas.sessions().size());
  std::size_t number = 0;
  for (const Session* session : replicas.sessions()) {
    const ReplicaState& state = *session->replica;
    const std::int64_t lag_ms = instance.keyspace().now_ms() - state.confirmed_ms;
    text.add("slave" + std::to_string(number++),
             "ip=" + address_of_replica(*session) + ",port=" + port_of_replica(*session) +
                 ",state=" + (state.confirms ? "online" : "send_bulk") + ",offset=" +
                 std::to_string(state.confirmed) + ",lag=" + std::to_string(lag_ms / 1000));
  }
}

void role_lines(Instance& instance, Text text) {
  const Cluster* const cluster = instance.cluster();
  if (cluster == nullptr || instance.current() == nullptr) {
    follower_lines(instance, text);
  } else if (cluster->is_replica(node_of(instance))) {
    replica_lines(instance, *cluster, node_of(instance), text);
  } else {
    master_lines(instance, *cluster, node_of(instance), text);
  }
}

void replication_section(Instance& instance, Text text) {
  role_lines(instance, text);
  const ReplicationStream& stream = instance.replicas().stream();
  text.add("master_failover_state", "no-failover");
  text.add("master_replid", stream.id());
  text.add("master_replid2", std::string(40, '0'));
  text.add("master_repl_offset", std::to_string(stream.offset()));
  text.add("second_repl_offset", -1);
  text.add("repl_backlog_active", stream.listened() ? 1 : 0);
  text.add("repl_backlog_size", instance.parameters().text("repl-backlog-size"));
  text.add("repl_backlog_first_byte_offset",
           std::to_string(stream.listened() ? stream.backlog_offset() + 1 : 0));
  text.add("repl_backlog_histlen", stream.backlog_bytes());
}

void cpu_section(Instance&, Text text) {
  const auto add = [&text](const std::string& suffix, base::TimeOf whom) {
    const base::ProcessorTime time = base::processor_time(whom);
    text.add("used_cpu_sys" + suffix, fixed(time.system_s, 6));
    text.add("used_cpu_user" + suffix, fixed(time.user_s, 6));
  };
  add("", base::TimeOf::kProcess);
  add("_children", base::TimeOf::kChildren);
  add("_main_thread", base::TimeOf::kThread);
}

void modules_section(Instance&, Text) {}

void commandstats_section(Instance& instance, Text text) {
  for (const auto& slot : instance.commands().slots()) {
    const CommandStatistics& s = slot.statistics;
    if (s.calls == 0 && s.rejected == 0 && s.failed == 0) continue;
    const double mean =
        s.calls == 0 ? 0 : static_cast<double>(s.duration_us) / static_cast<double>(s.calls);
    text.add("cmdstat_" + std::string(slot.row->name),
             "calls=" + std::to_string(s.calls) + ",usec=" + std::to_string(s.duration_us) +
                 ",usec_per_call=" + fixed(mean, 2) + ",rejected_calls=" +
                 std::to_string(s.rejected) + ",failed_calls=" + std::to_string(s.failed));
  }
}

void errorstats_section(Instance& instance, Text text) {
  for (const auto& [code, count] : instance.statistics().errors) {
    text.add("errorstat_" + code, "count=" + std::to_string(count));
  }
}

// The upper bound of the bucket in which the given share of calls lies.
double percentile(const CommandStatistics& statistics, double percent) {
  const double wanted = static_cast<double>(statistics.calls) * percent / 100.0;
  double seen = 0;
  for (std::size_t bucket = 0; bucket < statistics.latency.size(); ++bucket) {
    seen += statistics.latency[bucket];
    if (seen >= wanted && seen > 0) return static_cast<double>(std::uint64_t{1} << bucket);
  }
  return 0;
}

void latencystats_section(Instance& instance, Text text) {
  if (!instance.parameters().live().latency_tracking) return;
  for (const auto& slot : instance.commands().slots()) {
    if (slot.statistics.calls == 0) continue;
    std::string value;
    for (const double percent : instance.parameters().live().percentiles) {
      if (!value.empty()) value += ',';
      value += "p" + format_double(percent) + "=" + fixed(percentile(slot.statistics, percent), 3);
    }
    text.add("latency_percentiles_usec_" + std::string(slot.row->name), value);
  }
}

void cluster_section(Instance& instance, Text text) {
  text.add("cluster_enabled", instance.cluster() == nullptr ? 0 : 1);
}

// Of the keys that expire a node is taken to have its share.
void keyspace_of_node(Instance& instance, const Cluster& cluster, Text text) {
  const std::size_t keys = cluster.key_count(node_of(instance));
  if (keys == 0) return;
  const std::size_t expiring =
      instance.keyspace().expiring_count(0) * keys / instance.keyspace().size(0);
  text.add("db0", "keys=" + std::to_string(keys) + ",expires=" + std::to_string(expiring) +
                      ",avg_ttl=" + std::to_string(instance.keyspace().average_ttl_ms(0)));
}

void keyspace_section(Instance& instance, Text text) {
  if (instance.cluster() != nullptr) return keyspace_of_node(instance, *instance.cluster(), text);
  for (unsigned db = 0; db < instance.keyspace().database_count(); ++db) {
    const std::size_t keys = instance.keyspace().size(db);
    if (keys == 0) continue;
    text.add("db" + std::to_string(db),
             "keys=" + std::to_string(keys) +
                 ",expires=" + std::to_string(instance.keyspace().expiring_count(db)) +
                 ",avg_ttl=" + std::to_string(instance.keyspace().average_ttl_ms(db)) +
                 ",subexpiry=" + std::to_string(instance.keyspace().field_expiring_count(db)));
  }
}

struct Section {
  std::string_view name;   // as asked for
  std::string_view title;  // as shown
  void (*write)(Instance&, Text);
  bool usual;  // part of INFO without arguments
};

// clang-format off
constexpr Section kSections[] = {
    {"server", "Server", server_section, true},
    {"clients", "Clients", clients_section, true},
    {"memory", "Memory", memory_section, true},
    {"persistence", "Persistence", persistence_section, true},
    {"stats", "Stats", stats_section, true},
    {"replication", "Replication", replication_section, true},
    {"cpu", "CPU", cpu_section, true},
    {"modules", "Modules", modules_section, true},
    {"commandstats", "Commandstats", commandstats_section, false},
    {"errorstats", "Errorstats", errorstats_section, true},
    {"latencystats", "Latencystats", latencystats_section, false},
    {"cluster", "Cluster", cluster_section, true},
    {"keyspace", "Keyspace", keyspace_section, true},
};
// clang-format on

bool wanted(const Section& section, std::span<const std::string_view> names) {
  if (names.empty()) return section.usual;
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return is_word(name, "all") || is_word(name, "everything") ||
           (is_word(name, "default") && section.usual) || is_word(name, section.name);
  });
}

}  // namespace

std::string info_text(Instance& instance, std::span<const std::string_view> sections) {
  std::string out;
  for (const Section& section : kSections) {
    if (!wanted(section, sections)) continue;
    if (!out.empty()) out.append("\r\n");
    out.append("# ").append(section.title).append("\r\n");
    section.write(instance, Text(out));
  }
  return out;
}

}  // namespace bodega::redis
