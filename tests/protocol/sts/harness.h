// STS without sockets: the service over identities in memory and a manual clock. Replies are read
// by the names of their elements, and errors as "Code: message".
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/base/selector.h"
#include "engines/identity/engine.h"
#include "engines/kv/store.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/sts/service.h"
#include "protocol/sts/session_keys.h"
#include "tests/catch.h"

namespace bodega::sts {

using Parameters = std::map<std::string, std::string>;

struct Answer {
  int status = 0;
  std::string text;

  // What stands in the first element of that name; "(none)" when there is none.
  std::string operator[](std::string_view name) const;
};

class Harness {
 public:
  explicit Harness(aws::Authenticator::Mode mode = aws::Authenticator::Mode::kAcceptAny);

  // Signed with `signer`, or not at all when it has no key id.
  Answer send(const std::string& action, const Parameters& parameters);
  // REQUIREs that it succeeds.
  Answer run(const std::string& action, const Parameters& parameters = {});
  // "ValidationError: …"; "(none)" when it succeeds.
  std::string error(const std::string& action, const Parameters& parameters = {});

  // The next requests are signed with what the reply gives.
  void use(const Answer& credentials);

  base::ManualClock clock;
  std::unique_ptr<kv::Store> store = kv::make_memory_store(kv::Database::kShared);
  identity::Engine engine{*store, clock};
  base::SingleSelector<identity::Engine> selector{engine, clock};
  aws::KeyRing keys;
  SessionKeys session_keys{keys};
  aws::Authenticator authenticator;
  Service service;
  aws::Credential signer{.access_key_id = "111122223333", .secret_access_key = "secret"};
};

}  // namespace bodega::sts
