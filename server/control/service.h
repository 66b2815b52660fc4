// What Bodega says about itself: GET /_bodega/health, /_localstack/health and /_bodega/metrics, and
// what others add: POST /_bodega/verify and /_bodega/reset. No bucket can take these paths away, as
// a bucket's name never starts with an underscore; and where the host names a bucket, they are keys
// of that bucket and none of this service's business. A browser that opens "/" is sent to the page
// at /_bodega/.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/clock.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/http/message.h"
#include "server/control/metrics.h"

namespace bodega::server {

// Who sees what is not for everybody, and that is all but health: without verification anyone, with
// it who signs with a known key, or sits at this machine when no other can reach the listener.
struct ControlAccess {
  enum class Reach : std::uint8_t { kThisMachine, kNetwork };

  const aws::Authenticator& authenticator;
  const base::Clock& clock;
  Reach reach = Reach::kNetwork;  // of the listener
  // Whether a host (as the Host header has it) is a bucket's.
  std::function<bool(std::string_view host)> is_bucket_host = [](std::string_view) {
    return false;
  };
};

// An answer of this service. REQUIRES: `operation` is static text.
http::Reply control_reply(int status, std::string_view type, std::string body,
                          std::string_view operation);

bool is_read(const http::RequestHead& head);  // GET or HEAD
// The answer to other methods, where there is nothing but to read. REQUIRES: the same.
http::Reply only_reads(std::string_view operation);

class ControlService : public http::Service {
 public:
  // What keeps the stores from taking writes, in one line; nothing when all is well.
  using Fault = std::function<std::optional<std::string>()>;

  // `services`: the names that health lists as running. `metrics` and what `access` refers to must
  // outlive the service.
  ControlService(std::vector<std::string> services, const Metrics& metrics, ControlAccess access,
                 Fault fault);

  // Hands the requests for that path to `begin`; outside of /_bodega and /_localstack, where a
  // bucket's objects may be, POSTs without a query only. REQUIRES: before the first request.
  using Begin = std::function<http::Begun(const http::RequestHead&)>;
  enum class Admission : std::uint8_t { kAdmitted, kAnyone };
  void add(std::string path, Begin begin, Admission admission = Admission::kAdmitted) {
    added_.emplace(std::move(path), Added{std::move(begin), admission});
  }
  // Answers a GET of that path with what `json` gives, on the thread that asks. REQUIRES: the same,
  // and that `operation` is static text.
  void add_page(std::string path, std::string_view operation, std::function<std::string()> json);

  std::string_view name() const override { return "control"; }
  http::Reply refuse(const http::RequestHead& head, std::string_view why) override;
  bool claims(const http::RequestHead& head) const override;
  http::Begun begin(http::RequestHead head) override;

 private:
  struct Added {
    Begin begin;
    Admission admission;
  };

  // {"status": "ok", …} with 200, or {"status": "fault", "fault": "…", …} with 503.
  http::Reply health(std::string_view edition) const;
  bool is_admitted(const http::RequestHead& head) const;

  const std::vector<std::string> services_;
  const Metrics& metrics_;
  const ControlAccess access_;
  const Fault fault_;
  std::map<std::string, Added, std::less<>> added_;
};

}  // namespace bodega::server
