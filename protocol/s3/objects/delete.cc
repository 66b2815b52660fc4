// Deleting: DeleteObject and DeleteObjects.
#include <array>
#include <vector>

#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/http/percent.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/conditions.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/parameters.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/s3/wire/version_id.h"
#include "protocol/xml/reader.h"

namespace bodega::s3 {
namespace {

constexpr std::size_t kMaxDeletes = 1000;

void refuse_bypass_without_lock(const Call& call, const object::Bucket& bucket) {
  constexpr std::string_view kHeader = "x-amz-bypass-governance-retention";
  if (bucket.object_lock || !call.find_header(kHeader)) return;
  throw Error(Code::kInvalidArgument,
              std::string(kHeader) + " is only applicable to Object Lock enabled buckets.")
      .with("ArgumentName", kHeader);
}

http::Reply delete_object(Call& call, std::string_view) {
  refuse_bypass_without_lock(call, *call.require_bucket());
  object::Remove request;
  request.bucket = call.bucket;
  request.key = call.key;
  if (const auto version_id = read_version_id(call)) request.version_id = *version_id;
  request.owner = call.caller.account;
  request.conditions = read_delete_conditions(call);
  const auto removed = value_or_throw(call.engine.remove(request), call);
  http::Reply reply = empty_reply(204);
  if (removed.delete_marker) reply.headers.add("x-amz-delete-marker", "true");
  if (!removed.version_id.empty()) {
    reply.headers.add("x-amz-version-id", removed.version_id);
  }
  return reply;
}

// One <Object>, or why it cannot be.
struct Item {
  object::Remove request;
  std::optional<Error> error;
};

Item read_item(const Call& call, const xml::Element& element) {
  Item item;
  int keys = 0;
  for (const xml::Element& child : element.children()) {
    const std::string_view name = child.name();
    if (name == "Key") {
      ++keys;
    } else if (name == "LastModifiedTime" || name == "Size") {
      item.error = not_implemented_header(name, "General purpose buckets have no such condition");
    } else if (name != "VersionId" && name != "ETag") {
      throw Error(Code::kMalformedXML);
    }
  }
  if (keys != 1) throw Error(Code::kMalformedXML);
  item.request.bucket = call.bucket;
  item.request.key = element.child("Key").text();
  item.request.owner = call.caller.account;
  if (item.request.key.empty()) throw Error(Code::kUserKeyMustBeSpecified);
  if (!http::is_utf8(item.request.key)) throw Error(Code::kMalformedXML);
  if (item.request.key.size() > kMaxKeyBytes) {
    item.error = Error(Code::kKeyTooLongError);
    return item;
  }
  if (const auto version = element.child("VersionId"); version && !version.text().empty()) {
    item.request.version_id = version.text();
    if (!object::is_version_id(*item.request.version_id)) {
      item.error = Error(Code::kNoSuchVersion);
    }
  }
  if (const auto etag = element.child("ETag"); etag && !etag.text().empty()) {
    const std::string text = etag.text();
    item.request.conditions.if_match = text == "*" ? text : std::string(unquote_etag(text));
  }
  return item;
}

void write_deleted(xml::Writer& out, const object::Remove& request,
                   const object::Removed& removed) {
  out.open("Deleted").element("Key", request.key);
  if (request.version_id) out.element("VersionId", *request.version_id);
  if (removed.delete_marker) {
    out.boolean("DeleteMarker", true).element("DeleteMarkerVersionId", removed.version_id);
  }
  out.close();
}

void write_error(xml::Writer& out, const object::Remove& request, const Error& error) {
  out.open("Error").element("Key", request.key);
  if (request.version_id) out.element("VersionId", *request.version_id);
  out.element("Code", facts_of(error.code()).name).element("Message", error.message()).close();
}

http::Reply delete_objects(Call& call, std::string_view body) {
  // Unlike the service, x-amz-bypass-governance-retention is let through here where there is no
  // lock to bypass: suites written for other servers clean up every bucket with it.
  const auto bucket = call.require_bucket();
  if (body.empty()) throw Error(Code::kMissingRequestBodyError);
  const auto document = xml::Document::parse(body);
  if (!document || document->root().name() != "Delete") throw Error(Code::kMalformedXML);
  const bool quiet = base::equals_ignoring_case(document->root().child("Quiet").text(), "true");
  const auto elements = document->root().children("Object");
  if (elements.empty() || elements.size() > kMaxDeletes) throw Error(Code::kMalformedXML);

  std::vector<Item> items;
  std::vector<object::Remove> requests;
  items.reserve(elements.size());
  const bool versions = bucket->versioning != object::Versioning::kUnversioned;
  for (const xml::Element& element : elements) {
    items.push_back(read_item(call, element));
    const auto& version_id = items.back().request.version_id;
    if (!versions && version_id && *version_id != object::kNullVersion && !items.back().error) {
      items.back().error = Error(Code::kNoSuchVersion);
    }
    if (!items.back().error) requests.push_back(items.back().request);
  }
  std::vector<object::Result<object::Removed>> answers;
  if (!requests.empty()) {
    answers = value_or_throw(call.engine.remove_many(requests), call);
  }

  xml::Writer out;
  out.open("DeleteResult", kXmlns);
  std::size_t next = 0;
  for (const Item& item : items) {
    if (item.error) {
      write_error(out, item.request, *item.error);
      continue;
    }
    const auto& answer = answers[next++];
    if (!answer) {
      const Subject subject{call.bucket, item.request.key,
                            item.request.version_id ? *item.request.version_id : "", ""};
      write_error(out, item.request, to_error(answer.error(), subject));
    } else if (!quiet) {
      write_deleted(out, item.request, *answer);
    }
  }
  return xml_reply(out);
}

constexpr std::array kOperations = {
    Operation{.name = "DeleteObject",
              .method = "DELETE",
              .level = Level::kObject,
              .handler = delete_object},
    Operation{.name = "DeleteObjects",
              .method = "POST",
              .level = Level::kBucket,
              .query = "delete",
              .body_limit_bytes = kXmlListLimitBytes,
              .checksum = ChecksumRule::kRequired,
              .handler = delete_objects},
};

}  // namespace

std::span<const Operation> delete_operations() { return kOperations; }

}  // namespace bodega::s3
