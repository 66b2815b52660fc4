// Pub/sub: SUBSCRIBE and the like write one confirmation per channel; messages are the registry's.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/glob.h"
#include "protocol/redis/wire/help.h"

namespace bodega::redis {
namespace {

std::size_t count_of(const Session& session, ChannelKind kind) {
  return kind == ChannelKind::kShard ? session.subscriptions.shard_channels.size()
                                     : session.subscriptions.count();
}

void confirm(Call& call, std::string_view what, std::optional<std::string_view> channel,
             ChannelKind kind) {
  call.reply.push(3);
  call.reply.bulk(what);
  if (channel) {
    call.reply.bulk(*channel);
  } else {
    call.reply.null();
  }
  call.reply.integer(static_cast<std::int64_t>(count_of(call.session, kind)));
}

void subscribe_to(Call& call, std::string_view what, ChannelKind kind) {
  for (const auto channel : call.args.subspan(1)) {
    call.instance.channels().subscribe(call.session, kind, channel);
    confirm(call, what, channel, kind);
  }
}

void unsubscribe_from(Call& call, std::string_view what, ChannelKind kind) {
  std::vector<std::string> names;
  if (call.size() > 1) {
    names.assign(call.args.begin() + 1, call.args.end());
  } else {
    const auto& mine = kind == ChannelKind::kChannel   ? call.session.subscriptions.channels
                       : kind == ChannelKind::kPattern ? call.session.subscriptions.patterns
                                                       : call.session.subscriptions.shard_channels;
    names.assign(mine.begin(), mine.end());
  }
  for (const auto& name : names) {
    call.instance.channels().unsubscribe(call.session, kind, name);
    confirm(call, what, name, kind);
  }
  if (names.empty()) confirm(call, what, std::nullopt, kind);
}

void subscribe(Call& call) { subscribe_to(call, "subscribe", ChannelKind::kChannel); }
void psubscribe(Call& call) { subscribe_to(call, "psubscribe", ChannelKind::kPattern); }
void ssubscribe(Call& call) { subscribe_to(call, "ssubscribe", ChannelKind::kShard); }
void unsubscribe(Call& call) { unsubscribe_from(call, "unsubscribe", ChannelKind::kChannel); }
void punsubscribe(Call& call) { unsubscribe_from(call, "punsubscribe", ChannelKind::kPattern); }
void sunsubscribe(Call& call) { unsubscribe_from(call, "sunsubscribe", ChannelKind::kShard); }

void publish(Call& call) {
  call.reply.integer(
      static_cast<std::int64_t>(call.instance.channels().publish(call.arg(1), call.arg(2))));
}

void spublish(Call& call) {
  call.reply.integer(
      static_cast<std::int64_t>(call.instance.channels().publish_shard(call.arg(1), call.arg(2))));
}

// ---- PUBSUB ----

// In a cluster PUBSUB tells of the node's own listeners.
std::size_t listeners_here(const Call& call, const std::vector<Session*>& sessions) {
  return static_cast<std::size_t>(std::count_if(
      sessions.begin(), sessions.end(),
      [&](const Session* session) { return session->cluster.node == call.session.cluster.node; }));
}

void list_channels(Call& call, const Channels::Listeners& all) {
  if (call.size() > 3) throw errors::wrong_subcommand("PUBSUB", call.arg(1));
  const auto header = call.reply.defer();
  std::size_t count = 0;
  for (const auto& [channel, sessions] : all) {
    if (call.size() == 3 && !glob_match(call.arg(2), channel)) continue;
    if (listeners_here(call, sessions) == 0) continue;
    call.reply.bulk(channel);
    ++count;
  }
  call.reply.close(header, count);
}

void count_listeners(Call& call, const Channels::Listeners& all) {
  call.reply.array((call.size() - 2) * 2);
  for (const auto channel : call.args.subspan(2)) {
    const auto place = all.find(channel);
    call.reply.bulk(channel);
    const std::size_t count = place == all.end() ? 0 : listeners_here(call, place->second);
    call.reply.integer(static_cast<std::int64_t>(count));
  }
}

void pubsub_channels(Call& call) { list_channels(call, call.instance.channels().channels()); }
void pubsub_shardchannels(Call& call) {
  list_channels(call, call.instance.channels().shard_channels());
}
void pubsub_numsub(Call& call) { count_listeners(call, call.instance.channels().channels()); }
void pubsub_shardnumsub(Call& call) {
  count_listeners(call, call.instance.channels().shard_channels());
}
void pubsub_numpat(Call& call) {
  const auto& patterns = call.instance.channels().patterns();
  call.reply.integer(std::count_if(patterns.begin(), patterns.end(), [&](const auto& pattern) {
    return listeners_here(call, pattern.second) > 0;
  }));
}

void pubsub_help(Call& call) {
  reply_help(call, {"CHANNELS [<pattern>]", "    Channels with subscribers.", "NUMPAT",
                    "    How many patterns are subscribed to.", "NUMSUB [<channel> ...]",
                    "    How many listen to each channel.", "SHARDCHANNELS [<pattern>]",
                    "    Shard channels with subscribers.", "SHARDNUMSUB [<shardchannel> ...]",
                    "    How many listen to each shard channel."});
}

constexpr CommandFlags kListen = kPubsub | kNoscript | kLoading | kStale;
constexpr CommandTraits kSubscribing = kAnswersByPush | kWhileSubscribed;
constexpr CommandFlags kAsk = kPubsub | kLoading | kStale;

// clang-format off
constexpr Command kPubsubCommands[] = {
    {.name = "pubsub|channels", .arity = -2, .flags = kAsk, .group = Group::kPubsub,
     .since = "2.8.0", .summary = "Lists the channels in use.", .run = pubsub_channels},
    {.name = "pubsub|help", .arity = 2, .flags = kLoading | kStale, .group = Group::kPubsub,
     .since = "6.2.0", .summary = "Lists the sub-commands.", .run = pubsub_help},
    {.name = "pubsub|numpat", .arity = 2, .flags = kAsk, .group = Group::kPubsub,
     .since = "2.8.0", .summary = "Counts the patterns in use.", .run = pubsub_numpat},
    {.name = "pubsub|numsub", .arity = -2, .flags = kAsk, .group = Group::kPubsub,
     .since = "2.8.0", .summary = "Counts the listeners of channels.", .run = pubsub_numsub},
    {.name = "pubsub|shardchannels", .arity = -2, .flags = kAsk, .group = Group::kPubsub,
     .since = "7.0.0", .summary = "Lists the shard channels in use.",
     .run = pubsub_shardchannels},
    {.name = "pubsub|shardnumsub", .arity = -2, .flags = kAsk, .group = Group::kPubsub,
     .since = "7.0.0", .summary = "Counts the listeners of shard channels.",
     .run = pubsub_shardnumsub},
};
// clang-format on

constexpr KeySpec kShardChannels{1, -1, 1, kKeyNotKey, 0};

// clang-format off
constexpr Command kCommands[] = {
    {.name = "subscribe", .arity = -2, .flags = kListen, .group = Group::kPubsub,
     .since = "2.0.0", .summary = "Listens to channels.", .run = subscribe,
     .traits = kSubscribing},
    {.name = "psubscribe", .arity = -2, .flags = kListen, .group = Group::kPubsub,
     .since = "2.0.0", .summary = "Listens to all channels that match patterns.",
     .run = psubscribe,
     .traits = kSubscribing},
    {.name = "ssubscribe", .arity = -2, .flags = kListen, .group = Group::kPubsub,
     .keys = kShardChannels, .since = "7.0.0", .summary = "Listens to shard channels.",
     .run = ssubscribe,
     .traits = kSubscribing},
    {.name = "unsubscribe", .arity = -1, .flags = kListen, .group = Group::kPubsub,
     .since = "2.0.0", .summary = "Stops listening to channels.", .run = unsubscribe,
     .traits = kSubscribing},
    {.name = "punsubscribe", .arity = -1, .flags = kListen, .group = Group::kPubsub,
     .since = "2.0.0", .summary = "Stops listening to patterns.", .run = punsubscribe,
     .traits = kSubscribing},
    {.name = "sunsubscribe", .arity = -1, .flags = kListen, .group = Group::kPubsub,
     .keys = kShardChannels, .since = "7.0.0", .summary = "Stops listening to shard channels.",
     .run = sunsubscribe,
     .traits = kSubscribing},
    {.name = "publish", .arity = 3, .flags = kAsk | kFast | kMayReplicate,
     .group = Group::kPubsub, .since = "2.0.0", .summary = "Sends a message to a channel.",
     .run = publish},
    {.name = "spublish", .arity = 3, .flags = kAsk | kFast | kMayReplicate,
     .group = Group::kPubsub, .keys = {1, 1, 1, kKeyNotKey, 0}, .since = "7.0.0",
     .summary = "Sends a message to a shard channel.", .run = spublish},
    {.name = "pubsub", .arity = -2, .group = Group::kPubsub, .since = "2.8.0",
     .summary = "Looks at channels and listeners.", .subcommands = kPubsubCommands},
};
// clang-format on

}  // namespace

std::span<const Command> pubsub_commands() { return kCommands; }

}  // namespace bodega::redis
