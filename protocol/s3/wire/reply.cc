#include "protocol/s3/wire/reply.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engines/base/text.h"
#include "protocol/aws/error.h"

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
void add_cors(const Request& request, http::Reply& reply) {
  if (request.head.readable_by.empty()) return;
  reply.headers.add("Access-Control-Allow-Origin", request.head.readable_by);
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

// What observers are told of it. S3's words for a header that is not implemented do not name it.
void note_error(observe::Exchange& exchange, const Error& error) {
  exchange.error_message = error.message();
  const std::string_view header = error.member(kHeaderMember);
  if (error.code() != Code::kNotImplemented) return;
  if (header.empty()) {
    exchange.missing = aws::missing_part(exchange.operation, error.message());
    return;
  }
  exchange.error_message = error.member(kAdditionalMember);
  exchange.missing = std::string(exchange.operation) + ": the header " + std::string(header);
}

}  // namespace

void finish_reply(Request& request, http::Reply& reply) {
  add_cors(request, reply);
  reply.headers.add("x-amz-id-2", std::move(request.host_id));
  reply.headers.add("x-amz-request-id", request.exchange.request_id);
  reply.headers.add("Server", "AmazonS3");
  reply.service = request.exchange.service;
  if (!request.exchange.operation.empty()) reply.operation = request.exchange.operation;
  reply.exchange = std::make_unique<observe::Exchange>(std::move(request.exchange));
}

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

http::Reply answer_error(Request& request, const Error& error) {
  const CodeFacts& facts = facts_of(error.code());
  note_error(request.exchange, error);
  http::Reply reply;
  reply.status = error.status();
  reply.headers = error.headers();
  reply.error_code = facts.name;
  // A HEAD has no body to carry the error in, and a 304 has none at all.
  if (reply.status != 304) {
    reply.headers.add("Content-Type", "application/xml");
    if (request.head.method != "HEAD") {
      xml::Writer out;
      out.open("Error").element("Code", facts.name).element("Message", error.message());
      for (const auto& [name, value] : error.members()) out.element(name, value);
      out.element("RequestId", request.exchange.request_id).element("HostId", request.host_id);
      reply.body = out.take();
    }
  } else {
    reply.error_code.clear();
  }
  finish_reply(request, reply);
  return reply;
}

std::string subject_of(const Request& request) {
  std::string subject = request.bucket;
  if (!request.key.empty()) subject.append("/").append(request.key);
  // A line of the log is one event, whatever the key holds.
  std::replace_if(
      subject.begin(), subject.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return subject;
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
