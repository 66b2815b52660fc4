#include "protocol/sts/session_keys.h"

#include "protocol/aws/signature/access_key.h"

namespace bodega::sts {

std::shared_ptr<const aws::Credential> SessionKeys::find(std::string_view access_key_id) const {
  if (auto credential = listed_.find(access_key_id)) return credential;
  base::Selector<identity::Engine>* const identities = identities_;
  if (identities == nullptr || !aws::is_session_key(access_key_id)) return nullptr;
  auto session = identities->engine_for(access_key_id).engine->find_session(access_key_id);
  if (!session) return nullptr;
  constexpr std::int64_t kSecondUs = 1'000'000;
  return std::make_shared<const aws::Credential>(
      aws::Credential{.access_key_id = std::move(session->access_key_id),
                      .secret_access_key = std::move(session->secret_access_key),
                      .session_token = std::move(session->session_token),
                      .account = std::move(session->account),
                      .expires_at_s = session->expires_us / kSecondUs,
                      .principal_arn = std::move(session->arn),
                      .user_id = std::move(session->user_id)});
}

}  // namespace bodega::sts
