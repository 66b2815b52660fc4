#include "server/control_service.h"

#include <utility>

namespace bodega::server {
namespace {

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

// {"s3": "running", …}
std::string running(const std::vector<std::string>& services) {
  std::string json = "{";
  for (const std::string& service : services) {
    if (json.size() > 1) json += ", ";
    json += "\"" + service + "\": \"running\"";
  }
  return json + "}";
}

}  // namespace

// LocalStack's shape: testcontainers and wait scripts look at services.<name>.
ControlService::ControlService(std::vector<std::string> services, const Metrics& metrics)
    : metrics_(metrics) {
  const std::string list = running(services);
  health_ = "{\"status\": \"ok\", \"services\": " + list +
            ", \"version\": \"" BODEGA_VERSION "\"}\n";
  localstack_health_ = "{\"services\": " + list +
                       ", \"edition\": \"community\", \"version\": \"" BODEGA_VERSION "\"}\n";
}

bool ControlService::claims(const http::RequestHead& head) const {
  const std::string_view path = head.path;
  return path.starts_with("/_bodega/") || path.starts_with("/_localstack/") || path == "/_bodega" ||
         path == "/_localstack";
}

http::Begun ControlService::begin(http::RequestHead head) {
  const bool reads = head.method == "GET" || head.method == "HEAD";
  const auto only_reads = [&](std::string_view type, std::string body, std::string_view operation) {
    if (reads) return reply_with(200, type, std::move(body), operation);
    http::Reply refused = reply_with(405, "text/plain", "only GET and HEAD\n", operation);
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  };
  if (head.path == "/_bodega/health") return only_reads("application/json", health_, "Health");
  if (head.path == "/_localstack/health") {
    return only_reads("application/json", localstack_health_, "Health");
  }
  if (head.path == "/_bodega/metrics") {
    return only_reads("text/plain; version=0.0.4; charset=utf-8", reads ? metrics_.render() : "",
                      "Metrics");
  }
  return reply_with(404, "text/plain", "there is nothing at " + head.path + "\n", "Unknown");
}

}  // namespace bodega::server
