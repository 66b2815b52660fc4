// S3 as an http::Service: who asks, which operation, where the body goes, and the one answer. What
// the operations do stands in the family files; this file knows none of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engines/base/executor.h"
#include "engines/base/selector.h"
#include "protocol/aws/front/front.h"
#include "protocol/http/message.h"

namespace bodega::object {
class Engine;
}

namespace bodega::s3 {

struct Shared;

struct Settings {
  // Names under which bucket.<domain> is the host of a bucket, besides the usual ones (address.h).
  std::vector<std::string> domains;
  // How many of 100 GETs of whole objects read the bytes first, against the sums in the
  // record; those that do not agree are answered with InternalError.
  unsigned verify_reads_percent = 0;
};

class Service final : public http::Service {
 public:
  // All references must outlive the service. `executor` computes digests of large bodies.
  Service(base::Selector<object::Engine>& engines, base::Executor& executor,
          const aws::Front& front, Settings settings = {});
  ~Service() override;

  std::string_view name() const override { return "s3"; }
  http::Exposure exposure() const override;
  http::Reply refuse(const http::RequestHead& head, std::string_view why) override;
  http::Begun begin(http::RequestHead head) override;

 private:
  std::unique_ptr<const Shared> shared_;
};

}  // namespace bodega::s3
