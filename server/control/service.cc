#include "server/control/service.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "protocol/http/host.h"

namespace bodega::server {
namespace {

constexpr int kOk = 200;
constexpr int kUnavailable = 503;

// Whether a person's browser opens the server's root. Its name for itself is asked for too: clients
// in Java accept text/html unless they are told otherwise, and want the answer of a service.
bool opens_root(const http::RequestHead& head) {
  return is_read(head) && head.path == "/" && !head.has_query_mark &&
         !head.headers.has("authorization") &&
         head.headers.get_or_empty("accept").find("text/html") != std::string_view::npos &&
         head.headers.get_or_empty("user-agent").starts_with("Mozilla/");
}

http::Reply to_page() {
  http::Reply reply = control_reply(302, "text/plain", "see /_bodega/\n", "Page");
  reply.headers.add("Location", "/_bodega/");
  return reply;
}

}  // namespace

http::Reply control_reply(int status, std::string_view type, std::string body,
                          std::string_view operation) {
  http::Reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", std::string(type));
  reply.body = std::move(body);
  reply.service = "control";
  reply.operation = operation;
  return reply;
}

bool is_read(const http::RequestHead& head) {
  return head.method == "GET" || head.method == "HEAD";
}

http::Reply only_reads(std::string_view operation) {
  http::Reply refused = control_reply(405, "text/plain", "only GET and HEAD\n", operation);
  refused.headers.add("Allow", "GET, HEAD");
  return refused;
}

ControlService::ControlService(std::vector<std::string> services, const Metrics& metrics,
                               ControlAccess access, Fault fault)
    : services_(std::move(services)),
      metrics_(metrics),
      access_(std::move(access)),
      fault_(std::move(fault)) {}

// LocalStack's shape, white space included: wait scripts look for "s3": "running".
http::Reply ControlService::health(std::string_view edition) const {
  const std::optional<std::string> fault = fault_();
  std::string services;
  for (const std::string& service : services_) {
    services.append(services.empty() ? "" : ", ").append("\"" + service + "\": ");
    services.append(fault ? "\"error\"" : "\"running\"");
  }
  std::string text = "{";
  if (edition.empty()) text += fault ? "\"status\": \"fault\", " : "\"status\": \"ok\", ";
  if (fault) text += "\"fault\": " + nlohmann::json(*fault).dump() + ", ";
  text += "\"services\": {" + services + "}";
  if (!edition.empty()) text.append(", \"edition\": \"").append(edition).append("\"");
  text += ", \"version\": \"" BODEGA_VERSION "\"}\n";
  return control_reply(fault ? kUnavailable : kOk, "application/json", std::move(text), "Health");
}

void ControlService::add_page(std::string path, std::string_view operation,
                              std::function<std::string()> json) {
  add(std::move(path), [operation, json = std::move(json)](const http::RequestHead& head) {
    return is_read(head) ? control_reply(kOk, "application/json", json() + "\n", operation)
                         : only_reads(operation);
  });
}

bool ControlService::claims(const http::RequestHead& head) const {
  const std::string_view path = head.path;
  const bool is_ours = path.starts_with("/_bodega/") || path.starts_with("/_localstack/") ||
                       path == "/_bodega" || path == "/_localstack" || opens_root(head) ||
                       (head.method == "POST" && head.query.empty() && added_.contains(path));
  return is_ours && !access_.is_bucket_host(head.headers.get_or_empty("host"));
}

http::Reply ControlService::refuse(const http::RequestHead&, std::string_view why) {
  http::Reply reply = control_reply(403, "text/plain", std::string(why) + "\n", "Refused");
  reply.error_code = "AccessDenied";
  return reply;
}

bool ControlService::is_admitted(const http::RequestHead& head) const {
  const aws::Authenticator& authenticator = access_.authenticator;
  if (authenticator.mode() == aws::Authenticator::Mode::kAcceptAny) return true;
  // A client that a proxy of this machine forwarded is on another machine.
  const bool forwarded = head.headers.has("forwarded") || head.headers.has("x-forwarded-for");
  if (access_.reach == ControlAccess::Reach::kThisMachine && !forwarded &&
      http::is_loopback(http::without_port(head.peer))) {
    return true;
  }
  const auto signature = aws::Authenticator::parse(head);
  if (!signature) return false;
  // Nothing here takes a body, so what is signed is that there is none, or nothing of it.
  static const std::string kNoBody = base::to_hex(base::sha256(""));
  const std::string_view unsigned_word = "UNSIGNED-PAYLOAD";
  const auto word = head.headers.get("x-amz-content-sha256");
  const std::string_view hash = word ? *word : signature->presigned ? unsigned_word : kNoBody;
  if (hash != kNoBody && hash != unsigned_word) return false;
  return authenticator
      .verify(head, *signature, hash, signature->service, aws::PathRule::kS3, access_.clock.now_s())
      .has_value();
}

http::Begun ControlService::begin(http::RequestHead head) {
  const bool reads = is_read(head);
  if (reads && head.path == "/_bodega/health") return health("");
  if (reads && head.path == "/_localstack/health") return health("community");
  const auto found = added_.find(head.path);
  const bool open = found != added_.end() && found->second.admission == Admission::kAnyone;
  if (!open && !is_admitted(head)) {
    return refuse(head,
                  "This needs the signature of a key in --credentials, or a connection of "
                  "this machine to a loopback address that nothing else can reach.");
  }
  if (found != added_.end()) return found->second.begin(head);
  if (reads && (head.path == "/" || head.path == "/_bodega")) return to_page();
  if (!reads) return only_reads("Unknown");
  if (head.path == "/_bodega/metrics") {
    return control_reply(kOk, "text/plain; version=0.0.4; charset=utf-8", metrics_.render(),
                         "Metrics");
  }
  return control_reply(404, "text/plain", "there is nothing at " + head.path + "\n", "Unknown");
}

}  // namespace bodega::server
