#include "protocol/s3/wire/reply.h"

#include <algorithm>

#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/text.h"
#include "protocol/s3/wire/operation.h"

namespace bodega::s3 {
namespace {

// What a page's script may see of an answer besides its body: all that the service says in headers.
constexpr std::string_view kExposedHeaders =
    "ETag, Last-Modified, Content-Range, Accept-Ranges, Content-Encoding, Content-Disposition, "
    "x-amz-request-id, x-amz-id-2, x-amz-version-id, x-amz-delete-marker, x-amz-mp-parts-count, "
    "x-amz-bucket-region, x-amz-copy-source-version-id, x-amz-storage-class, "
    "x-amz-tagging-count, x-amz-checksum-type, x-amz-checksum-crc32, x-amz-checksum-crc32c, "
    "x-amz-checksum-crc64nvme, x-amz-checksum-sha1, x-amz-checksum-sha256";

// For the pages that the server's own settings let in. User metadata have names of their own.
void add_cors(const Call& call, http::Reply& reply) {
  if (call.head.readable_by.empty()) return;
  reply.headers.add("Access-Control-Allow-Origin", call.head.readable_by);
  reply.headers.add("Access-Control-Allow-Credentials", "true");
  std::string exposed(kExposedHeaders);
  for (const http::Header& field : reply.headers) {
    const std::string name = base::to_lower(field.name);
    if (name.starts_with("x-amz-meta-")) exposed.append(", ").append(name);
  }
  reply.headers.add("Access-Control-Expose-Headers", std::move(exposed));
  reply.headers.add("Vary",
                    "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

void finish_reply(const Call& call, http::Reply& reply) {
  add_cors(call, reply);
  reply.headers.add("x-amz-id-2", call.host_id);
  reply.headers.add("x-amz-request-id", call.request_id);
  reply.headers.add("Server", "AmazonS3");
  reply.service = "s3";
  if (call.operation != nullptr) reply.operation = call.operation->name;
}

}  // namespace

http::Reply xml_reply(xml::Writer& document, int status) {
  http::Reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", "application/xml");
  reply.body = document.take();
  return reply;
}

http::Reply empty_reply(int status) {
  http::Reply reply;
  reply.status = status;
  return reply;
}

http::Reply answer_error(const Call& call, const Error& error) {
  const CodeFacts& facts = facts_of(error.code());
  http::Reply reply;
  reply.status = error.status();
  reply.headers = error.headers();
  reply.error_code = facts.name;
  // A HEAD has no body to carry the error in, and a 304 has none at all.
  if (reply.status != 304) {
    reply.headers.add("Content-Type", "application/xml");
    if (call.head.method != "HEAD") {
      xml::Writer out;
      out.open("Error").element("Code", facts.name).element("Message", error.message());
      for (const auto& [name, value] : error.members()) out.element(name, value);
      out.element("RequestId", call.request_id).element("HostId", call.host_id);
      reply.body = out.take();
    }
  } else {
    reply.error_code.clear();
  }
  finish_reply(call, reply);
  return reply;
}

std::string subject_of(const Call& call) {
  std::string subject = call.bucket;
  if (!call.key.empty()) subject.append("/").append(call.key);
  // A line of the log is one event, whatever the key holds.
  std::replace_if(
      subject.begin(), subject.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return subject;
}

void log_fault(const Call& call, const base::StorageFault& fault) {
  const std::string_view operation = call.operation == nullptr ? "" : call.operation->name;
  log::error("s3." + std::string(operation) + " " + subject_of(call) + " (request " +
             call.request_id + "): " + fault.what());
}

http::Reply answer(const Call& call, const std::function<http::Reply()>& make) {
  try {
    http::Reply reply = make();
    finish_reply(call, reply);
    return reply;
  } catch (const Error& error) {
    return answer_error(call, error);
  } catch (const base::StorageFault& fault) {
    log_fault(call, fault);
    return answer_error(call, Error(Code::kInternalError));
  }
}

std::string quote_etag(std::string_view etag) {
  std::string out;
  out.reserve(etag.size() + 2);
  out.append("\"").append(etag).append("\"");
  return out;
}

std::string_view unquote_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.starts_with('"')) etag.remove_prefix(1);
  if (etag.ends_with('"')) etag.remove_suffix(1);
  return etag;
}

}  // namespace bodega::s3
