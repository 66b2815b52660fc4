// Whole requests of KMS: the operation's name (first line) and the body, on a vault that has a key
// under an alias.
#include <array>
#include <memory>
#include <string>

#include "engines/base/check.h"
#include "engines/base/clock.h"
#include "engines/base/selector.h"
#include "engines/kv/store.h"
#include "engines/vault/engine.h"
#include "protocol/json/json.h"
#include "protocol/kms/service.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

struct Kms {
  Kms() {
    vault::NewKey request;
    request.place = {"111122223333", "us-east-1"};
    const vault::Key key = engine.create_key(request);
    BODEGA_CHECK(engine.create_alias(request.place, "alias/a", key.id, [](const vault::Key&) {})
                     .has_value());
  }

  base::ManualClock clock;
  std::unique_ptr<kv::Store> store = kv::make_memory_store(kv::Database::kShared);
  vault::Engine engine{*store, clock, vault::RootKey()};
  base::SingleSelector<vault::Engine> selector{engine, clock};
  aws::KeyRing keys;
  aws::Authenticator authenticator{aws::Authenticator::Mode::kAcceptAny, keys};
  kms::Service service{selector, aws::Front{authenticator}};
};

void run(std::string_view bytes) {
  static Kms kms;
  http::RequestHead head;
  head.method = "POST";
  head.path = "/";
  head.headers.add("Content-Type", "application/x-amz-json-1.1");
  head.headers.add("X-Amz-Target", "TrentService." + std::string(take_line(bytes)));
  head.headers.add("X-Amz-Date", "20260102T030405Z");
  head.headers.add("Authorization",
                   "AWS4-HMAC-SHA256 Credential=111122223333/20260102/us-east-1/kms/aws4_request, "
                   "SignedHeaders=host;x-amz-date, Signature=0123456789abcdef");
  const http::Reply reply = kms.service.handle(head, std::string(bytes));
  BODEGA_CHECK(reply.status != 500);
  const auto& body = std::get<std::string>(reply.body);
  BODEGA_CHECK(json::Document::parse(body).has_value());
}

constexpr std::array<std::string_view, 10> kSeeds{
    R"(Encrypt
{"KeyId":"alias/a","Plaintext":"eA==","EncryptionContext":{"a":"b"}})",
    R"(Decrypt
{"CiphertextBlob":"AQIDBAUGBwg=","KeyId":"arn:aws:kms:us-east-1:111122223333:alias/a"})",
    R"(GenerateDataKey
{"KeyId":"alias/a","NumberOfBytes":32,"DryRun":false})",
    R"(CreateKey
{"KeySpec":"HMAC_256","KeyUsage":"GENERATE_VERIFY_MAC","Tags":[{"TagKey":"a","TagValue":"b"}]})",
    R"(CreateGrant
{"KeyId":"11111111-2222-3333-4444-555555555555","GranteePrincipal":"a","Operations":["Encrypt"]})",
    R"(RetireGrant
{"GrantToken":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="})",
    R"(PutKeyPolicy
{"KeyId":"alias/a","Policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\"}}"})",
    R"(ListAliases
{"Limit":1,"Marker":"cGFnZTphbGlhcy9h"})",
    R"(CreateAlias
{"AliasName":"alias/b","TargetKeyId":"arn:aws:kms:us-east-1:111122223333:key/x"})",
    R"(Sign
{"KeyId":"alias/a","Message":"eA==","MessageType":"DIGEST","SigningAlgorithm":"ECDSA_SHA_256"})",
};

}  // namespace

const Target kKmsRequest{"kms_request", run, kSeeds};

}  // namespace bodega::fuzz
