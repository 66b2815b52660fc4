#include "protocol/s3/operations.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {
namespace {

int conditions_of(const Operation& row) {
  return (row.query.empty() ? 0 : 1) + (row.second_query.empty() ? 0 : 1) +
         (row.request_header.empty() ? 0 : 1);
}

std::vector<const Operation*> join() {
  std::vector<const Operation*> rows;
  for (const auto family :
       {acl_operations(), bucket_operations(), copy_operations(), delete_operations(),
        get_operations(), listing_operations(), multipart_operations(),
        object_attributes_operations(), part_operations(), put_operations(), tagging_operations(),
        unconfigured_operations(), versioning_operations(), not_implemented_operations()}) {
    for (const Operation& row : family) rows.push_back(&row);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Operation* a, const Operation* b) {
    return conditions_of(*a) > conditions_of(*b);
  });
  return rows;
}

// Query names that select a row rather than a sub-resource: alone they change nothing.
bool is_plain_parameter(std::string_view name) {
  return name == "uploadId" || name == "partNumber" || name == "id" || name == "select-type";
}

struct Tables {
  std::vector<const Operation*> all = join();
  // Rows of one method and level, with and without conditions.
  struct Slot {
    std::string_view method;
    Level level;
    std::vector<const Operation*> rows;
  };
  std::vector<Slot> slots;
  std::vector<std::string_view> sub_resources;  // sorted

  Tables() {
    for (const Operation* row : all) {
      slot(row->method, row->level).rows.push_back(row);
      for (const std::string_view query : {row->query, row->second_query}) {
        if (query.empty() || query.find('=') != query.npos || is_plain_parameter(query)) continue;
        sub_resources.push_back(query);
      }
    }
    std::sort(sub_resources.begin(), sub_resources.end());
    sub_resources.erase(std::unique(sub_resources.begin(), sub_resources.end()),
                        sub_resources.end());
  }

  Slot& slot(std::string_view method, Level level) {
    for (Slot& slot : slots) {
      if (slot.method == method && slot.level == level) return slot;
    }
    slots.push_back({method, level, {}});
    return slots.back();
  }

  const Slot* find(std::string_view method, Level level) const {
    for (const Slot& slot : slots) {
      if (slot.method == method && slot.level == level) return &slot;
    }
    return nullptr;
  }
};

const Tables& tables() {
  static const Tables kTables;
  return kTables;
}

bool query_matches(const http::Query& query, std::string_view wanted) {
  if (wanted.empty()) return true;
  const std::size_t equals = wanted.find('=');
  const auto value = query.get(wanted.substr(0, equals));
  if (!value) return false;
  return equals == std::string_view::npos || *value == wanted.substr(equals + 1);
}

std::string_view resource_type(Level level) {
  switch (level) {
    case Level::kService: return "SERVICE";
    case Level::kBucket: return "BUCKET";
    case Level::kObject: return "OBJECT";
  }
  return "";
}

// The service's own name of a sub-resource, where it is not the sub-resource in capitals.
struct ResourceName {
  std::string_view sub_resource;
  std::string_view on_bucket;
  std::string_view on_object;
};
constexpr std::array kResourceNames = {
    ResourceName{"abac", "BUCKET_ABAC", ""},
    ResourceName{"annotation", "", "OBJECT_ANNOTATIONS"},
    ResourceName{"attributes", "", "OBJECT_ATTRIBUTES"},
    ResourceName{"delete", "MULTI_OBJECT_DELETE", "MULTI_OBJECT_DELETE"},
    ResourceName{"encryption", "", "OBJECT_ENCRYPTION"},
    ResourceName{"legal-hold", "", "OBJECT_LOCK_LEGALHOLD"},
    ResourceName{"logging", "LOGGING_STATUS", "LOGGING_STATUS"},
    ResourceName{"metadataConfiguration", "BUCKET_METADATA_CONFIGURATION", ""},
    ResourceName{"metadataInventoryTable", "BUCKET_METADATA_INVENTORY_TABLE_CONFIGURATION", ""},
    ResourceName{"metadataJournalTable", "BUCKET_METADATA_JOURNAL_TABLE_CONFIGURATION", ""},
    ResourceName{"metadataTable", "BUCKET_METADATA_TABLE_CONFIGURATION", ""},
    ResourceName{"object-lock", "OBJECT_LOCK_CONFIGURATION", ""},
    ResourceName{"ownershipControls", "OWNERSHIP_CONTROLS", ""},
    ResourceName{"policy", "BUCKETPOLICY", "BUCKETPOLICY"},
    ResourceName{"policyStatus", "POLICY_STATUS", ""},
    ResourceName{"publicAccessBlock", "PUBLIC_ACCESS_BLOCK", ""},
    ResourceName{"requestPayment", "REQUEST_PAYMENT", "REQUEST_PAYMENT"},
    ResourceName{"retention", "", "OBJECT_LOCK_RETENTION"},
    ResourceName{"tagging", "", "OBJECT_TAGGING"},
    ResourceName{"versions", "BUCKETVERSIONS", "BUCKETVERSIONS"},
};

std::string resource_type_of(std::string_view sub_resource, Level level) {
  for (const ResourceName& name : kResourceNames) {
    if (name.sub_resource != sub_resource) continue;
    const std::string_view own = level == Level::kObject ? name.on_object : name.on_bucket;
    if (!own.empty()) return std::string(own);
  }
  std::string type(sub_resource);
  for (char& c : type) c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return type;
}

Error method_not_allowed(const Request& request, std::string_view type) {
  return Error(Code::kMethodNotAllowed)
      .with("Method", request.head.method)
      .with("ResourceType", type);
}

// Two sub-resources in one query, and a version of a bucket.
void refuse_conflicts(const Request& request, Level level) {
  std::vector<std::string_view> named;
  for (const auto& parameter : request.query()) {
    if (is_sub_resource(parameter.name)) named.push_back(parameter.name);
  }
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  if (named.size() > 1) {
    std::string list;
    for (const std::string_view name : named) list.append(list.empty() ? "" : ", ").append(name);
    throw invalid_argument("Conflicting query string parameters: " + list, "ResourceType",
                           named.front());
  }
  const auto version_id = request.query().get("versionId");
  if (level == Level::kBucket && version_id) {
    throw invalid_argument("This operation does not accept a version-id.", "versionId",
                           *version_id);
  }
}

// A sub-resource was asked for where S3 has none.
void refuse_stray_sub_resource(const Request& request, Level level) {
  for (const auto& parameter : request.query()) {
    if (!is_sub_resource(parameter.name)) continue;
    if (level == Level::kObject && request.head.method == "GET") {
      if (parameter.name == "uploads") {
        throw invalid_request("Key is not expected for the GET method ?uploads subresource");
      }
      if (parameter.name == "versions") {
        throw invalid_request("There is no such thing as the ?versions sub-resource for a key");
      }
    }
    throw method_not_allowed(request, resource_type_of(parameter.name, level));
  }
}

}  // namespace

std::span<const Operation* const> all_operations() { return tables().all; }

bool is_sub_resource(std::string_view name) {
  // What presigning adds is what most queries consist of, and never one.
  if (name.starts_with("X-Amz-")) return false;
  const auto& names = tables().sub_resources;
  return std::binary_search(names.begin(), names.end(), name);
}

const Operation& find_operation(const Request& request) {
  const Level level = request.bucket.empty() ? Level::kService
                      : request.key.empty()  ? Level::kBucket
                                             : Level::kObject;
  if (!request.query().empty()) refuse_conflicts(request, level);
  const Tables::Slot* slot = tables().find(request.head.method, level);
  if (slot == nullptr) throw method_not_allowed(request, resource_type(level));
  for (const Operation* row : slot->rows) {
    if (!query_matches(request.query(), row->query) ||
        !query_matches(request.query(), row->second_query)) {
      continue;
    }
    if (!row->request_header.empty() && !request.head.headers.has(row->request_header)) continue;
    if (row->query.empty() && !request.query().empty()) refuse_stray_sub_resource(request, level);
    return *row;
  }
  if (!request.query().empty()) refuse_stray_sub_resource(request, level);
  throw method_not_allowed(request, resource_type(level));
}

}  // namespace bodega::s3
