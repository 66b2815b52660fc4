#include "engines/identity/format.h"

#include "engines/base/bytes.h"
#include "engines/base/fault.h"

namespace bodega::identity {
namespace {

constexpr std::uint8_t kSessionFormat = 1;

}  // namespace

std::string session_key(std::string_view access_key_id) {
  return std::string(kSessionsPrefix).append(access_key_id);
}

std::string expiry_bound(std::int64_t expires_us) {
  std::string key(kExpiriesPrefix);
  base::put_u64(key, static_cast<std::uint64_t>(expires_us));
  return key;
}

std::string expiry_key(const Session& session) {
  return expiry_bound(session.expires_us).append(session.access_key_id);
}

std::string_view expiring_access_key(std::string_view key) {
  return key.substr(kExpiriesPrefix.size() + sizeof(std::uint64_t));
}

std::string encode_session(const Session& session) {
  std::string out;
  base::put_u8(out, kSessionFormat);
  base::put_string(out, session.access_key_id);
  base::put_string(out, session.secret_access_key);
  base::put_string(out, session.session_token);
  base::put_string(out, session.account);
  base::put_string(out, session.arn);
  base::put_string(out, session.user_id);
  base::put_string(out, session.source_identity);
  base::put_u64(out, static_cast<std::uint64_t>(session.issued_us));
  base::put_u64(out, static_cast<std::uint64_t>(session.expires_us));
  return out;
}

Session decode_session(std::string_view bytes) {
  base::ByteReader in(bytes);
  const bool known = in.u8() == kSessionFormat;
  Session session;
  session.access_key_id = in.string();
  session.secret_access_key = in.string();
  session.session_token = in.string();
  session.account = in.string();
  session.arn = in.string();
  session.user_id = in.string();
  session.source_identity = in.string();
  session.issued_us = static_cast<std::int64_t>(in.u64());
  session.expires_us = static_cast<std::int64_t>(in.u64());
  if (!known || !in.ok() || !in.at_end()) {
    throw base::StorageFault("a session's record is damaged, or of a newer Bodega");
  }
  return session;
}

void check_record(std::string_view key, std::string_view value) {
  if (key.starts_with(kSessionsPrefix)) {
    decode_session(value);
  } else if (!key.starts_with(kExpiriesPrefix) || key.size() <= expiry_bound(0).size()) {
    throw base::StorageFault("a record of the identities cannot be understood");
  }
}

}  // namespace bodega::identity
