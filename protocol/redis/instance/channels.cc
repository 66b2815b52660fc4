#include "protocol/redis/instance/channels.h"

#include <algorithm>
#include <initializer_list>

#include "protocol/redis/instance/session.h"
#include "protocol/redis/wire/glob.h"

namespace bodega::redis {
namespace {

std::set<std::string, std::less<>>& own(Session& session, ChannelKind kind) {
  switch (kind) {
    case ChannelKind::kChannel: return session.subscriptions.channels;
    case ChannelKind::kPattern: return session.subscriptions.patterns;
    case ChannelKind::kShard: break;
  }
  return session.subscriptions.shard_channels;
}

constexpr auto everyone = [](const Session&) { return true; };

// One push to many sessions: encoded once per protocol.
class Message {
 public:
  explicit Message(std::initializer_list<std::string_view> parts) : parts_(parts) {}

  // Returns how many of them heard it.
  std::size_t deliver(const std::vector<Session*>& sessions,
                      base::FunctionRef<bool(const Session&)> hears) {
    std::size_t receivers = 0;
    for (Session* session : sessions) {
      if (!hears(*session)) continue;
      session->push(encoded(session->protocol));
      ++receivers;
    }
    return receivers;
  }

 private:
  const std::string& encoded(int protocol) {
    std::string& text = protocol == 3 ? resp3_ : resp2_;
    if (text.empty()) {
      Reply reply(text, protocol);
      reply.push(parts_.size());
      for (const auto part : parts_) reply.bulk(part);
    }
    return text;
  }

  std::vector<std::string_view> parts_;
  std::string resp2_;
  std::string resp3_;
};

}  // namespace

Channels::Listeners& Channels::listeners(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::kChannel: return channels_;
    case ChannelKind::kPattern: return patterns_;
    case ChannelKind::kShard: break;
  }
  return shard_channels_;
}

bool Channels::subscribe(Session& session, ChannelKind kind, std::string_view name) {
  if (!own(session, kind).emplace(name).second) return false;
  auto& all = listeners(kind);
  auto place = all.find(name);
  if (place == all.end()) place = all.emplace(std::string(name), std::vector<Session*>{}).first;
  place->second.push_back(&session);
  return true;
}

bool Channels::unsubscribe(Session& session, ChannelKind kind, std::string_view name) {
  auto& mine = own(session, kind);
  const auto known = mine.find(name);
  if (known == mine.end()) return false;
  auto& all = listeners(kind);
  const auto place = all.find(name);
  std::erase(place->second, &session);
  if (place->second.empty()) all.erase(place);
  mine.erase(known);
  return true;
}

void Channels::unsubscribe_all(Session& session) {
  for (const auto kind : {ChannelKind::kChannel, ChannelKind::kPattern, ChannelKind::kShard}) {
    const auto names = own(session, kind);
    for (const auto& name : names) unsubscribe(session, kind, name);
  }
}

std::size_t Channels::publish(std::string_view channel, std::string_view message) {
  return publish_to(channel, message, everyone);
}

std::size_t Channels::publish_to(std::string_view channel, std::string_view message,
                                 base::FunctionRef<bool(const Session&)> hears) {
  std::size_t receivers = 0;
  const auto place = channels_.find(channel);
  if (place != channels_.end()) {
    receivers += Message({"message", channel, message}).deliver(place->second, hears);
  }
  for (const auto& [pattern, sessions] : patterns_) {
    if (!glob_match(pattern, channel)) continue;
    receivers += Message({"pmessage", pattern, channel, message}).deliver(sessions, hears);
  }
  return receivers;
}

std::size_t Channels::publish_shard(std::string_view channel, std::string_view message) {
  const auto place = shard_channels_.find(channel);
  if (place == shard_channels_.end()) return 0;
  return Message({"smessage", channel, message}).deliver(place->second, everyone);
}

}  // namespace bodega::redis
