// The access keys that the server knows: those of its own list, and those of the sessions that STS
// gave out, each in the world that the key picks.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "engines/base/selector.h"
#include "engines/identity/engine.h"
#include "protocol/aws/signature/credentials.h"

namespace bodega::sts {

class SessionKeys final : public aws::Credentials {
 public:
  // Must outlive this.
  explicit SessionKeys(const aws::Credentials& listed) : listed_(listed) {}

  // Sessions are found from now on. `identities` must outlive the last find(). Thread-safe.
  void look_in(base::Selector<identity::Engine>& identities) { identities_ = &identities; }

  std::shared_ptr<const aws::Credential> find(std::string_view access_key_id) const override;

 private:
  const aws::Credentials& listed_;
  std::atomic<base::Selector<identity::Engine>*> identities_ = nullptr;
};

}  // namespace bodega::sts
