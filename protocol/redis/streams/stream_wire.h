// Streams on the wire: ids as clients write them, and the forms in which ids and entries are
// answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engines/keyspace/edits.h"
#include "protocol/redis/wire/command.h"

namespace bodega::redis {

// "5-1", or "5" for 5-0. Throws when it is something else, "-" and "+" included.
keyspace::StreamId to_stream_id(std::string_view text);
std::optional<keyspace::StreamId> parse_stream_id(std::string_view text);  // instead of throwing

// The id of an entry to be added: "5-1", or "5-*" without the second part.
struct WantedId {
  keyspace::StreamId id;
  bool has_seq = true;
};
WantedId to_wanted_id(std::string_view text);

// An end of an interval: "5-1", "(5-1" without it, "-", "+"; without a second part the whole
// millisecond belongs to it. Throws.
keyspace::StreamId to_interval_start(std::string_view text);
keyspace::StreamId to_interval_end(std::string_view text);

std::string text_of(keyspace::StreamId id);
void reply_id(Reply& reply, keyspace::StreamId id);
void reply_entry(Reply& reply, const keyspace::StreamEntry& entry);
// The entries with ids in [first, last], as an array of at most `most`; 0: all of them.
void reply_entries(Reply& reply, const keyspace::Stream& stream, keyspace::StreamId first,
                   keyspace::StreamId last, keyspace::Order order, std::uint64_t most);
// The entry alone, or `false` and nothing is written when it is gone.
bool reply_entry(Reply& reply, const keyspace::Stream& stream, keyspace::StreamId id);

// "NOGROUP No such consumer group 'g' for key name 'k'"
Error no_such_group(std::string_view key, std::string_view group);
// "NOGROUP No such key 'k' or consumer group 'g'"
Error no_such_key_or_group(std::string_view key, std::string_view group);

// The stream under `key`, null when it is absent. Throws WRONGTYPE. As find_read() counts.
const keyspace::Entry* find_stream(Call& call, std::string_view key);

// Consumers come to be by being named: the one of this name, which was seen just now.
keyspace::StreamConsumer& use_consumer(Call& call, std::string_view key, keyspace::StreamEdit& edit,
                                       keyspace::StreamGroup& group, std::string_view name);

}  // namespace bodega::redis
