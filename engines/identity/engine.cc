#include "engines/identity/engine.h"

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/identity/format.h"

namespace bodega::identity {
namespace {

// More than one for each that is added, so that their number goes down.
constexpr int kRemovedAtOnce = 16;

}  // namespace

void Engine::add_session(const Session& session) {
  kv::Batch batch;
  // Times on the disk have no sign, and a manual clock may stand at the first day.
  const std::int64_t long_over_us = std::max(std::int64_t{0}, clock_.now_us() - kRememberedUs);
  auto over = store_.cursor(kv::Family::kIdentity, kExpiriesPrefix, expiry_bound(long_over_us));
  over->seek_first();
  for (int i = 0; over->valid() && i < kRemovedAtOnce; ++i, over->next()) {
    batch.remove(kv::Family::kIdentity, session_key(expiring_access_key(over->key())));
    batch.remove(kv::Family::kIdentity, over->key());
  }
  over.reset();  // a store that has to recover for this waits for cursors
  batch.put(kv::Family::kIdentity, session_key(session.access_key_id), encode_session(session));
  batch.put(kv::Family::kIdentity, expiry_key(session), {});
  store_.commit(batch);
}

void Engine::clear(std::string_view account) {
  kv::Batch batch;
  batch.mark_frees_room();
  const std::string end = base::prefix_end(kSessionsPrefix);
  auto sessions = store_.cursor(kv::Family::kIdentity, kSessionsPrefix, end);
  for (sessions->seek_first(); sessions->valid(); sessions->next()) {
    if (account.empty()) {
      batch.remove_range(kv::Family::kIdentity, kSessionsPrefix, end);
      batch.remove_range(kv::Family::kIdentity, kExpiriesPrefix, base::prefix_end(kExpiriesPrefix));
      break;
    }
    const Session session = decode_session(sessions->value());
    if (session.account != account) continue;
    batch.remove(kv::Family::kIdentity, sessions->key());
    batch.remove(kv::Family::kIdentity, expiry_key(session));
  }
  sessions.reset();  // a store that has to recover for this waits for cursors
  if (!batch.empty()) store_.commit(batch);
}

std::optional<Session> Engine::find_session(std::string_view access_key_id) const {
  const auto bytes = store_.get(kv::Family::kIdentity, session_key(access_key_id));
  if (!bytes) return std::nullopt;
  return decode_session(*bytes);
}

}  // namespace bodega::identity
