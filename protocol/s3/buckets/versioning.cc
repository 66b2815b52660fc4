// Versions: PutBucketVersioning, GetBucketVersioning, ListObjectVersions.
#include <array>

#include "protocol/http/dates.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/parameters.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/xml/reader.h"

namespace bodega::s3 {
namespace {

http::Reply put_bucket_versioning(Call& call, std::string_view body) {
  const auto bucket = call.require_bucket();
  if (body.empty()) throw Error(Code::kMissingRequestBodyError);
  const auto document = xml::Document::parse(body);
  if (!document || document->root().name() != "VersioningConfiguration") {
    throw Error(Code::kMalformedXML);
  }
  const std::string mfa_delete = document->root().child("MfaDelete").text();
  if (mfa_delete == "Enabled") {
    throw Error(Code::kNotImplemented, "MFA delete is not implemented");
  }
  if (!mfa_delete.empty() && mfa_delete != "Disabled") throw Error(Code::kMalformedXML);
  const std::string status = document->root().child("Status").text();
  if (status.empty()) throw Error(Code::kIllegalVersioningConfigurationException);
  if (status != "Enabled" && status != "Suspended") throw Error(Code::kMalformedXML);
  if (status == "Suspended" && bucket->object_lock) {
    throw Error(Code::kInvalidBucketState,
                "An Object Lock configuration is present on this bucket, so the versioning state "
                "cannot be changed.");
  }
  throw_refusal(
      call.engine.set_versioning(call.bucket, status == "Enabled" ? object::Versioning::kEnabled
                                                                  : object::Versioning::kSuspended),
      call);
  return empty_reply(200);
}

http::Reply get_bucket_versioning(Call& call, std::string_view) {
  const auto bucket = call.require_bucket();
  xml::Writer out;
  out.open("VersioningConfiguration", kXmlns);
  switch (bucket->versioning) {
    case object::Versioning::kUnversioned: break;  // the element stays empty
    case object::Versioning::kEnabled: out.element("Status", "Enabled"); break;
    case object::Versioning::kSuspended: out.element("Status", "Suspended"); break;
  }
  return xml_reply(out);
}

void write_version(xml::Writer& out, const KeyEncoding& encoding,
                   const object::ListedVersion& version, const std::string& owner_id) {
  const object::ListedObject& listed = version.object;
  out.open(version.is_delete_marker ? "DeleteMarker" : "Version");
  encoding.element(out, "Key", listed.key);
  out.element("VersionId", version.version_id);
  out.boolean("IsLatest", version.is_latest);
  out.element("LastModified", http::iso_date(listed.modified_ms / 1000));
  if (!version.is_delete_marker) {
    out.element("ETag", quote_etag(listed.etag));
    if (!listed.checksum_algorithm.empty()) {
      out.element("ChecksumAlgorithm", listed.checksum_algorithm);
      out.element("ChecksumType", checksum_type_name(listed.checksum_type));
    }
    out.number("Size", listed.size_bytes);
  }
  out.open("Owner").element("ID", owner_id).close();
  if (!version.is_delete_marker) {
    out.element("StorageClass", shown_storage_class(listed.storage_class));
  }
  out.close();
}

object::VersionQuery read_version_query(const Call& call) {
  object::VersionQuery query;
  query.bucket = call.bucket;
  query.prefix = call.param("prefix");
  query.delimiter = call.param("delimiter");
  query.key_marker = call.param("key-marker");
  if (const auto marker = call.query().get("version-id-marker")) {
    if (!call.query().has("key-marker")) {
      throw invalid_argument("A version-id marker cannot be specified without a key marker.",
                             "version-id-marker", *marker);
    }
    if (marker->empty()) {
      throw invalid_argument("A version-id marker cannot be empty.", "version-id-marker", "");
    }
    if (!object::is_version_id(*marker)) {
      throw invalid_argument("Invalid version id specified", "version-id-marker", *marker);
    }
    query.version_id_marker = *marker;
  }
  return query;
}

http::Reply list_object_versions(Call& call, std::string_view) {
  const auto bucket = call.require_bucket();
  object::VersionQuery query = read_version_query(call);
  const KeyEncoding encoding(call);
  const PageSize page_size = read_page_size(call, "max-keys", "");
  query.max = page_size.served;
  const auto page = value_or_throw(call.engine.list_versions(query), call);

  xml::Writer out;
  out.open("ListVersionsResult", kXmlns);
  out.element("Name", call.bucket);
  encoding.element(out, "Prefix", query.prefix);
  encoding.element(out, "KeyMarker", query.key_marker);
  out.element("VersionIdMarker", query.version_id_marker);
  if (page.truncated) {
    encoding.element(out, "NextKeyMarker", page.next_key_marker);
    if (!page.next_version_id_marker.empty()) {
      out.element("NextVersionIdMarker", page.next_version_id_marker);
    }
  }
  out.number("MaxKeys", page_size.asked);
  if (call.query().has("delimiter")) encoding.element(out, "Delimiter", query.delimiter);
  encoding.write_type(out);
  out.boolean("IsTruncated", page.truncated);
  std::string owner_account;
  std::string owner_id;
  for (const object::ListedVersion& version : page.versions) {
    if (owner_id.empty() || version.object.owner != owner_account) {
      owner_account = version.object.owner;
      owner_id = canonical_id(owner_account);
    }
    write_version(out, encoding, version, owner_id);
  }
  for (const std::string& prefix : page.common_prefixes) {
    out.open("CommonPrefixes");
    encoding.element(out, "Prefix", prefix);
    out.close();
  }
  http::Reply reply = xml_reply(out);
  reply.headers.add("x-amz-bucket-region", bucket->region);
  return reply;
}

constexpr std::array kOperations = {
    Operation{.name = "PutBucketVersioning",
              .method = "PUT",
              .level = Level::kBucket,
              .query = "versioning",
              .body_limit_bytes = kXmlLimitBytes,
              .checksum = ChecksumRule::kRequired,
              .handler = put_bucket_versioning},
    Operation{.name = "GetBucketVersioning",
              .method = "GET",
              .level = Level::kBucket,
              .query = "versioning",
              .handler = get_bucket_versioning},
    Operation{.name = "ListObjectVersions",
              .method = "GET",
              .level = Level::kBucket,
              .query = "versions",
              .handler = list_object_versions},
};

}  // namespace

std::span<const Operation> versioning_operations() { return kOperations; }

}  // namespace bodega::s3
