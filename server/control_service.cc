#include "server/control_service.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace bodega::server {
namespace {

constexpr int kOk = 200;
constexpr int kUnavailable = 503;

http::Reply reply_with(int status, std::string_view type, std::string body,
                       std::string_view operation) {
  http::Reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", std::string(type));
  reply.body = std::move(body);
  reply.service = "control";
  reply.operation = operation;
  return reply;
}

}  // namespace

ControlService::ControlService(std::vector<std::string> services, const Metrics& metrics,
                               Fault fault)
    : services_(std::move(services)), metrics_(metrics), fault_(std::move(fault)) {}

// LocalStack's shape: testcontainers and wait scripts look at services.<name>.
http::Reply ControlService::health(std::string_view edition) const {
  const std::optional<std::string> fault = fault_();
  nlohmann::ordered_json health;
  health["status"] = fault ? "fault" : "ok";
  if (fault) health["fault"] = *fault;
  for (const std::string& service : services_) {
    health["services"][service] = fault ? "error" : "running";
  }
  if (!edition.empty()) health["edition"] = edition;
  health["version"] = BODEGA_VERSION;
  return reply_with(fault ? kUnavailable : kOk, "application/json", health.dump() + "\n", "Health");
}

bool ControlService::claims(const http::RequestHead& head) const {
  const std::string_view path = head.path;
  return path.starts_with("/_bodega/") || path.starts_with("/_localstack/") || path == "/_bodega" ||
         path == "/_localstack";
}

http::Begun ControlService::begin(http::RequestHead head) {
  if (head.method != "GET" && head.method != "HEAD") {
    http::Reply refused = reply_with(405, "text/plain", "only GET and HEAD\n", "Unknown");
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  }
  if (head.path == "/_bodega/health") return health("");
  if (head.path == "/_localstack/health") return health("community");
  if (head.path == "/_bodega/metrics") {
    return reply_with(kOk, "text/plain; version=0.0.4; charset=utf-8", metrics_.render(),
                      "Metrics");
  }
  return reply_with(404, "text/plain", "there is nothing at " + head.path + "\n", "Unknown");
}

}  // namespace bodega::server
