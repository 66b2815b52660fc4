#include "protocol/redis/acl/log.h"

#include <algorithm>
#include <utility>

namespace bodega::redis {
namespace {

constexpr std::int64_t kSameWithinMs = 60'000;
constexpr std::size_t kLooksBack = 10;  // how many entries may be the same denial

bool is_same(const AclLog::Entry& known, const AclLog::Entry& entry, std::int64_t now_ms) {
  return known.reason == entry.reason && known.context == entry.context &&
         known.object == entry.object && known.user == entry.user &&
         now_ms - known.updated_ms <= kSameWithinMs;
}

}  // namespace

void AclLog::add(Entry entry, std::int64_t now_ms, std::size_t limit) {
  const auto end = std::next(entries_.begin(),
                             static_cast<std::ptrdiff_t>(std::min(kLooksBack, entries_.size())));
  const auto known = std::find_if(entries_.begin(), end,
                                  [&](const Entry& one) { return is_same(one, entry, now_ms); });
  if (known != end) {
    ++known->count;
    known->client = std::move(entry.client);
    known->updated_ms = now_ms;
    entries_.splice(entries_.begin(), entries_, known);
    return;
  }
  entry.id = next_id_++;
  entry.created_ms = entry.updated_ms = now_ms;
  entries_.push_front(std::move(entry));
  while (entries_.size() > limit) entries_.pop_back();
}

std::string_view name_of(AclLog::Reason reason) {
  switch (reason) {
    case AclLog::Reason::kCommand: return "command";
    case AclLog::Reason::kKey: return "key";
    case AclLog::Reason::kChannel: return "channel";
    case AclLog::Reason::kAuthentication: return "auth";
  }
  return "";
}

std::string_view name_of(AclLog::Context context) {
  switch (context) {
    case AclLog::Context::kTopLevel: return "toplevel";
    case AclLog::Context::kTransaction: return "multi";
    case AclLog::Context::kScript: return "lua";
  }
  return "";
}

}  // namespace bodega::redis
