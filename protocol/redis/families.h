// The families of commands: each file hands out its rows. A new family is a file, a line here and a
// line in command_table.cc.
#pragma once

#include <span>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

std::span<const Command> string_commands();              // strings.cc
std::span<const Command> lcs_commands();                 // lcs.cc
std::span<const Command> bitmap_commands();              // bitmaps.cc
std::span<const Command> hash_commands();                // hashes.cc
std::span<const Command> hash_expiry_commands();         // hash_expiry.cc
std::span<const Command> list_commands();                // lists.cc
std::span<const Command> set_commands();                 // sets.cc
std::span<const Command> sorted_set_commands();          // sorted_sets.cc
std::span<const Command> sorted_set_range_commands();    // sorted_set_ranges.cc
std::span<const Command> sorted_set_algebra_commands();  // sorted_set_algebra.cc
std::span<const Command> hyperloglog_commands();         // hyperloglogs.cc
std::span<const Command> geo_commands();                 // geo.cc
std::span<const Command> geo_search_commands();          // geo_search.cc
std::span<const Command> stream_commands();              // entries.cc
std::span<const Command> stream_reading_commands();      // reading.cc
std::span<const Command> stream_group_commands();        // groups.cc
std::span<const Command> stream_pending_commands();      // pending.cc
std::span<const Command> stream_info_commands();         // info.cc
std::span<const Command> key_commands();                 // keys.cc
std::span<const Command> expiry_commands();              // expiry.cc
std::span<const Command> dump_commands();                // dump.cc
std::span<const Command> migrate_commands();             // migrate.cc
std::span<const Command> scan_commands();                // scan.cc
std::span<const Command> sort_commands();                // sort.cc
std::span<const Command> connection_commands();          // connection.cc
std::span<const Command> client_commands();              // client.cc
std::span<const Command> transaction_commands();         // transactions.cc
std::span<const Command> pubsub_commands();              // pubsub.cc
std::span<const Command> server_commands();              // server.cc
std::span<const Command> replication_commands();         // replication.cc
std::span<const Command> cluster_commands();             // cluster.cc
std::span<const Command> config_commands();              // config.cc
std::span<const Command> command_commands();             // command.cc
std::span<const Command> acl_commands();                 // acl.cc
std::span<const Command> debug_commands();               // debug.cc
std::span<const Command> slowlog_commands();             // slowlog.cc
std::span<const Command> latency_commands();             // latency.cc
std::span<const Command> eval_commands();                // eval.cc
std::span<const Command> function_commands();            // function.cc

}  // namespace bodega::redis
