// KMS without sockets: the service over a vault in memory and a manual clock. Replies are read back
// as JSON, and errors as "Name: message".
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engines/base/bytes.h"
#include "engines/base/clock.h"
#include "engines/base/selector.h"
#include "engines/kv/store.h"
#include "engines/vault/engine.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/kms/service.h"
#include "tests/catch.h"

namespace bodega::kms {

using Json = nlohmann::json;

struct Answer {
  int status = 0;
  Json body;

  const Json& operator[](const char* name) const { return body.at(name); }
  std::string text(const char* name) const { return body.at(name).get<std::string>(); }
  std::string bytes(const char* name) const { return *base::from_base64(text(name)); }
  bool has(const char* name) const { return body.contains(name); }
};

class Harness {
 public:
  Answer send(std::string_view operation, const Json& body);
  // REQUIREs that it succeeds.
  Answer run(std::string_view operation, const Json& body = Json::object());
  // "NotFoundException: Key … does not exist"; "(none)" when it succeeds. REQUIREs status 400.
  std::string error(std::string_view operation, const Json& body = Json::object());

  // The id of a new key.
  std::string create(const Json& parameters = Json::object());
  std::string create(const std::string& spec, const std::string& usage) {
    return create(Json{{"KeySpec", spec}, {"KeyUsage", usage}});
  }
  std::string arn(const std::string& key_id) const {
    return "arn:aws:kms:" + region + ":" + account + ":key/" + key_id;
  }

  std::string account = "111122223333";
  std::string region = "us-east-1";
  base::ManualClock clock;
  std::unique_ptr<kv::Store> store = kv::make_memory_store(kv::Database::kShared);
  vault::Engine engine{*store, clock, vault::RootKey()};
  base::SingleSelector<vault::Engine> selector{engine, clock};
  aws::KeyRing keys;
  aws::Authenticator authenticator{aws::Authenticator::Mode::kAcceptAny, keys};
  Service service{selector, aws::Front{authenticator}};
};

inline std::string base64(std::string_view bytes) { return base::to_base64(bytes); }

}  // namespace bodega::kms
