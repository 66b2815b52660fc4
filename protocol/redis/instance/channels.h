// Channels: who listens to which channel, pattern and shard channel, and the delivery of messages.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/function_ref.h"

namespace bodega::redis {

class Session;

enum class ChannelKind : unsigned char { kChannel, kPattern, kShard };

class Channels {
 public:
  using Listeners = std::map<std::string, std::vector<Session*>, std::less<>>;

  // False: it was subscribed already (subscribe) or was not (unsubscribe).
  bool subscribe(Session& session, ChannelKind kind, std::string_view name);
  bool unsubscribe(Session& session, ChannelKind kind, std::string_view name);
  void unsubscribe_all(Session& session);

  // Delivers to channel and pattern listeners, or to those of a shard channel; returns how many.
  std::size_t publish(std::string_view channel, std::string_view message);
  std::size_t publish_shard(std::string_view channel, std::string_view message);
  // To those listeners of the channel or of a pattern for which `hears` is true.
  std::size_t publish_to(std::string_view channel, std::string_view message,
                         base::FunctionRef<bool(const Session&)> hears);

  const Listeners& channels() const { return channels_; }
  const Listeners& patterns() const { return patterns_; }
  const Listeners& shard_channels() const { return shard_channels_; }

 private:
  Listeners& listeners(ChannelKind kind);

  Listeners channels_;
  Listeners patterns_;
  Listeners shard_channels_;
};

}  // namespace bodega::redis
