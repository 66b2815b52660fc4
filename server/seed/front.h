// The services of one world behind a front that asks for no signature: for the requests that the
// process makes of itself.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engines/base/executor.h"
#include "engines/world/worlds.h"
#include "protocol/aws/front/front.h"
#include "protocol/aws/signature/credentials.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/dynamodb/service.h"
#include "protocol/http/message.h"
#include "protocol/kms/service.h"
#include "protocol/s3/service.h"

namespace bodega::server {

struct Answer {
  int status = 0;
  std::string code;  // of an error
  std::string body;

  bool ok() const { return status < 300; }
  // "NoSuchBucket: The specified bucket does not exist"
  std::string error() const;
};

// Whose requests they are.
struct Requester {
  std::string account;
  std::string region;
};

class Front {
 public:
  // Both must outlive it.
  Front(world::Worlds& worlds, base::Executor& executor, dynamodb::Tables tables)
      : s3_(worlds.objects(), executor, front_),
        dynamodb_(worlds.tables(), front_, tables),
        kms_(worlds.vaults(), front_) {}
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // `path` is encoded. The body is the file's, where there is one. Throws std::runtime_error when
  // that cannot be read.
  Answer s3(const Requester& requester, std::string method, std::string path, http::Headers headers,
            std::string_view body, const std::filesystem::path& file = {});
  Answer dynamodb(const Requester& requester, std::string_view operation, std::string_view body);
  Answer kms(const Requester& requester, std::string_view operation, std::string_view body);

 private:
  const aws::KeyRing keys_;
  const aws::Authenticator authenticator_{aws::Authenticator::Mode::kAcceptAny, keys_};
  const aws::Front front_{authenticator_};
  s3::Service s3_;
  dynamodb::Service dynamodb_;
  kms::Service kms_;
};

}  // namespace bodega::server
