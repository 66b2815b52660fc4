#include "protocol/s3/wire/conditions.h"

#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

struct ReadConditions {
  std::optional<std::string_view> if_match;
  std::optional<std::string_view> if_none_match;
  std::optional<std::int64_t> if_modified_since;
  std::optional<std::int64_t> if_unmodified_since;
  bool any() const { return if_match || if_none_match || if_modified_since || if_unmodified_since; }
};

std::optional<std::int64_t> read_date(const Call& call, std::string_view name) {
  const auto header = call.find_header(name);
  return header ? http::parse_http_date(*header) : std::nullopt;
}

Error not_modified(const object::ObjectVersion& version) {
  Error error = Error(Code::kNotModified)
                    .header("ETag", quote_etag(version.attributes.etag))
                    .header("Last-Modified", http::http_date(version.modified_ms / 1000));
  const auto add = [&](std::string_view key, std::string name) {
    const auto found = version.attributes.headers.find(key);
    if (found != version.attributes.headers.end()) {
      error.header(std::move(name), found->second);
    }
  };
  add("cache-control", "Cache-Control");
  add("expires", "Expires");
  if (version.versioning != object::Versioning::kUnversioned) {
    error.header("x-amz-version-id", version.version_id);
  }
  return error;
}

}  // namespace

bool etag_list_matches(std::string_view list, std::string_view etag) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view word = base::trim(list.substr(0, comma));
    if (word == "*" || (!word.empty() && unquote_etag(word) == etag)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

void check_read_conditions(const Call& call, const object::ObjectVersion& version) {
  const ReadConditions conditions{call.find_header("if-match"), call.find_header("if-none-match"),
                                  read_date(call, "if-modified-since"),
                                  read_date(call, "if-unmodified-since")};
  if (!conditions.any()) return;
  const std::int64_t modified_s = version.modified_ms / 1000;
  const std::int64_t now_s = call.engine.clock().now_s();
  const std::string& etag = version.attributes.etag;
  if (conditions.if_match) {
    if (!etag_list_matches(*conditions.if_match, etag)) throw precondition_failed("If-Match");
  } else if (conditions.if_unmodified_since && modified_s > *conditions.if_unmodified_since) {
    throw precondition_failed("If-Unmodified-Since");
  }
  if (conditions.if_none_match) {
    if (etag_list_matches(*conditions.if_none_match, etag)) throw not_modified(version);
  } else if (conditions.if_modified_since && *conditions.if_modified_since <= now_s &&
             modified_s <= *conditions.if_modified_since) {
    throw not_modified(version);
  }
}

void check_copy_conditions(const Call& call, const object::ObjectVersion& source) {
  const ReadConditions conditions{call.find_header("x-amz-copy-source-if-match"),
                                  call.find_header("x-amz-copy-source-if-none-match"),
                                  read_date(call, "x-amz-copy-source-if-modified-since"),
                                  read_date(call, "x-amz-copy-source-if-unmodified-since")};
  if (!conditions.any()) return;
  const std::int64_t modified_s = source.modified_ms / 1000;
  const std::int64_t now_s = call.engine.clock().now_s();
  const std::string& etag = source.attributes.etag;
  // The odd spelling of the conditions' names is the service's own.
  if (conditions.if_match) {
    if (!etag_list_matches(*conditions.if_match, etag)) {
      throw precondition_failed("x-amz-copy-source-If-Match");
    }
  } else if (conditions.if_unmodified_since && modified_s > *conditions.if_unmodified_since) {
    throw precondition_failed("x-amz-copy-source-If-Unmodified-Since");
  }
  if (conditions.if_none_match) {
    if (etag_list_matches(*conditions.if_none_match, etag)) {
      throw precondition_failed("x-amz-copy-source-If-None-Match");
    }
  } else if (conditions.if_modified_since && *conditions.if_modified_since <= now_s &&
             modified_s <= *conditions.if_modified_since) {
    throw precondition_failed("x-amz-copy-source-If-Modified-Since");
  }
}

object::Conditions read_write_conditions(const Call& call) {
  object::Conditions conditions;
  const auto if_match = call.find_header("if-match");
  const auto if_none_match = call.find_header("if-none-match");
  if (!if_match && !if_none_match) return conditions;
  if (if_match && if_none_match) {
    throw not_implemented_header("If-Match,If-None-Match",
                                 "Multiple conditional request headers present in the request");
  }
  if (if_none_match) {
    if (base::trim(*if_none_match) != "*") {
      throw not_implemented_header(
          "If-None-Match",
          "We don't accept the provided value of If-None-Match header for this API");
    }
    conditions.if_none_match_any = true;
    return conditions;
  }
  const std::string_view etag = base::trim(*if_match);
  if (etag == "*" || etag.empty() || etag.find(',') != std::string_view::npos) {
    throw not_implemented_header(
        "If-Match", "We don't accept the provided value of If-Match header for this API");
  }
  conditions.if_match = unquote_etag(etag);
  return conditions;
}

object::Conditions read_delete_conditions(const Call& call) {
  object::Conditions conditions;
  for (const std::string_view name : {"x-amz-if-match-last-modified-time", "x-amz-if-match-size"}) {
    if (call.find_header(name)) {
      throw not_implemented_header(name, "General purpose buckets do not have this condition");
    }
  }
  if (call.find_header("if-none-match")) {
    throw not_implemented_header("If-None-Match", "DeleteObject does not have this condition");
  }
  const auto if_match = call.find_header("if-match");
  if (!if_match) return conditions;
  const std::string_view etag = base::trim(*if_match);
  conditions.if_match = etag == "*" ? "*" : std::string(unquote_etag(etag));
  return conditions;
}

}  // namespace bodega::s3
