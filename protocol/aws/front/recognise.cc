#include "protocol/aws/front/recognise.h"

#include <algorithm>
#include <array>

#include "engines/base/text.h"
#include "protocol/aws/front/other_services.h"

namespace bodega::aws {

namespace {

using Rows = std::span<const ServiceRow>;

template <class Matches>
const ServiceRow* find_row(Rows rows, const Matches& matches) {
  const auto found = std::find_if(rows.begin(), rows.end(), matches);
  return found == rows.end() ? nullptr : &*found;
}

bool starts_with_one_of(std::string_view text, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [text](std::string_view prefix) { return text.starts_with(prefix); });
}

const ServiceRow* by_scope(Rows rows, std::string_view credential) {
  const std::string_view service = scoped_service(credential);
  if (service.empty()) return nullptr;
  return find_row(rows, [service](const ServiceRow& row) { return row.scope == service; });
}

// What says it only where no bucket is named.
const ServiceRow* by_root(Rows rows, const http::RequestHead& head) {
  const std::string_view host = head.headers.get_or_empty("host");
  const auto has_host = [host](const ServiceRow& row) {
    return starts_with_one_of(host, row.hosts);
  };
  if (const ServiceRow* row = find_row(rows, has_host)) return row;
  if (!head.query.empty()) {
    if (const ServiceRow* row = by_scope(rows, head.query.get_or_empty("X-Amz-Credential"))) {
      return row;
    }
    // Most services have no version, and an empty one is none of theirs.
    const std::string_view version = head.query.get_or_empty("Version");
    if (!version.empty() && head.query.has("Action")) {
      const auto has_version = [&](const ServiceRow& row) { return row.version == version; };
      if (const ServiceRow* row = find_row(rows, has_version)) return row;
    }
  }
  if (head.method != "POST") return nullptr;
  std::string_view type = head.headers.get_or_empty("content-type");
  type = base::trim(type.substr(0, type.find(';')));
  if (type.empty()) return nullptr;
  if (type == "application/x-www-form-urlencoded") {
    return find_row(rows,
                    [](const ServiceRow& row) { return row.forms == ServiceRow::Forms::kUnnamed; });
  }
  return find_row(rows, [type](const ServiceRow& row) { return row.media_type == type; });
}

// A browser asks before it sends a target, and says only that it will. All JSON services answer
// alike.
const ServiceRow* by_preflight(Rows rows, const http::RequestHead& head) {
  if (head.method != "OPTIONS") return nullptr;
  const std::string_view asked = head.headers.get_or_empty("access-control-request-headers");
  if (base::to_lower(asked).find("x-amz-target") == std::string::npos) return nullptr;
  return find_row(rows, [](const ServiceRow& row) { return !row.targets.empty(); });
}

}  // namespace

std::string_view recognise(const http::RequestHead& head, Rows rows) {
  const std::string_view target = head.headers.get_or_empty("x-amz-target");
  if (!target.empty()) {
    const ServiceRow* row = find_row(
        rows, [target](const ServiceRow& one) { return starts_with_one_of(target, one.targets); });
    return row == nullptr ? kUnservedServices : row->service;
  }
  if (const auto authorization = head.headers.get("authorization")) {
    if (const ServiceRow* row = by_scope(rows, *authorization)) return row->service;
  }
  if (find_other_service(head) != nullptr) return kUnservedServices;
  if (head.path == "/") {
    if (const ServiceRow* row = by_root(rows, head)) return row->service;
  }
  const ServiceRow* row = by_preflight(rows, head);
  return row == nullptr ? kDefaultService : row->service;
}

namespace {

constexpr std::array<std::string_view, 2> kDynamodbHosts{"dynamodb.", "streams.dynamodb."};
constexpr std::array<std::string_view, 2> kDynamodbTargets{"DynamoDB_", "DynamoDBStreams_"};

constexpr std::array<std::string_view, 1> kKmsHosts{"kms."};
constexpr std::array<std::string_view, 1> kKmsTargets{"TrentService."};
constexpr std::array<std::string_view, 1> kStsHosts{"sts."};

constexpr std::array kServices{
    ServiceRow{.service = "dynamodb",
               .scope = "dynamodb",
               .hosts = kDynamodbHosts,
               .targets = kDynamodbTargets,
               .media_type = "application/x-amz-json-1.0"},
    ServiceRow{.service = "kms", .scope = "kms", .hosts = kKmsHosts, .targets = kKmsTargets},
    ServiceRow{.service = "sts",
               .scope = "sts",
               .hosts = kStsHosts,
               .version = "2011-06-15",
               .forms = ServiceRow::Forms::kUnnamed},
};

}  // namespace

Rows service_rows() { return kServices; }

}  // namespace bodega::aws
