#include "protocol/dynamodb/service.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engines/base/crc.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/random.h"
#include "engines/base/text.h"
#include "protocol/dynamodb/idempotency.h"
#include "protocol/dynamodb/identity.h"
#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/wire/error.h"
#include "protocol/http/inflate.h"

namespace bodega::dynamodb {

namespace {

constexpr std::string_view kTargetPrefix = "DynamoDB_20120810.";
constexpr std::string_view kStreamsPrefix = "DynamoDBStreams_20120810.";
constexpr std::string_view kJson = "application/x-amz-json-1.0";
constexpr std::string_view kPlainJson = "application/json";
constexpr std::array<std::string_view, 4> kStreamsOperations{"DescribeStream", "GetRecords",
                                                             "GetShardIterator", "ListStreams"};

bool is_dynamodb_host(std::string_view host) {
  return host.starts_with("dynamodb.") || host.starts_with("streams.dynamodb.");
}

std::string_view media_type(const http::RequestHead& head) {
  const std::string_view value = head.headers.get_or_empty("Content-Type");
  return base::trim(value.substr(0, value.find(';')));
}

std::string request_id() { return base::random_string(52, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"); }

// The headers that every reply has.
http::Reply make_reply(int status, std::string body) {
  http::Reply reply;
  reply.status = status;
  reply.service = "dynamodb";
  reply.headers.add("Server", "Server");
  reply.headers.add("x-amzn-RequestId", request_id());
  reply.headers.add("x-amz-crc32", std::to_string(base::crc32(body)));
  reply.body = std::move(body);
  return reply;
}

// Any page may read, as with the service, where each request is signed by somebody who knows a key;
// else those that the front names.
void add_cors(http::Reply& reply, const http::RequestHead& head,
              const aws::Authenticator& authenticator) {
  if (!head.headers.has("Origin")) return;
  if (authenticator.mode() == aws::Authenticator::Mode::kVerify) {
    reply.headers.add("Access-Control-Allow-Origin", "*");
  } else if (!head.readable_by.empty()) {
    reply.headers.add("Access-Control-Allow-Origin", head.readable_by);
    reply.headers.add("Vary", "Origin");
  } else {
    return;
  }
  reply.headers.add("Access-Control-Expose-Headers",
                    "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");
}

http::Reply preflight(const http::RequestHead& head, const aws::Authenticator& authenticator) {
  http::Reply reply = make_reply(200, {});
  add_cors(reply, head, authenticator);
  const auto echo = [&](std::string_view asked, std::string_view answer) {
    if (const auto value = head.headers.get(asked)) {
      reply.headers.add(std::string(answer), std::string(*value));
    }
  };
  echo("Access-Control-Request-Headers", "Access-Control-Allow-Headers");
  echo("Access-Control-Request-Method", "Access-Control-Allow-Methods");
  reply.headers.add("Access-Control-Max-Age", "172800");
  reply.operation = "Preflight";
  return reply;
}

// The region in dynamodb.REGION.…, for the liveness page.
std::string region_of_host(std::string_view host) {
  constexpr std::string_view kPrefix = "dynamodb.";
  if (!host.starts_with(kPrefix)) return std::string(aws::kDefaultRegion);
  host.remove_prefix(kPrefix.size());
  const std::string_view label = host.substr(0, host.find('.'));
  // A region has dashes: us-east-1. dynamodb.localhost names none.
  return label.find('-') == std::string_view::npos ? std::string(aws::kDefaultRegion)
                                                   : std::string(label);
}

http::Reply healthy(const http::RequestHead& head, const aws::Authenticator& authenticator) {
  http::Reply reply =
      make_reply(200, "healthy: dynamodb." + region_of_host(head.headers.get_or_empty("Host")) +
                          ".amazonaws.com ");
  add_cors(reply, head, authenticator);
  reply.operation = "Health";
  return reply;
}

http::Reply unknown_path(const http::RequestHead& head, const aws::Authenticator& authenticator) {
  http::Reply reply = make_reply(404, "<UnknownOperationException/>\n");
  add_cors(reply, head, authenticator);
  reply.error_code = "UnknownOperationException";
  return reply;
}

http::Reply too_large() {
  http::Reply reply = make_reply(413, {});
  reply.close = true;
  reply.error_code = "RequestEntityTooLarge";
  return reply;
}

// The row of the request's target. Throws Error.
const Operation& route(const http::RequestHead& head) {
  const std::string_view target = head.headers.get_or_empty("X-Amz-Target");
  if (target.starts_with(kTargetPrefix)) {
    if (const Operation* found = find_operation(target.substr(kTargetPrefix.size()))) {
      return *found;
    }
  } else if (target.starts_with(kStreamsPrefix)) {
    const std::string_view name = target.substr(kStreamsPrefix.size());
    for (const std::string_view known : kStreamsOperations) {
      if (known == name) {
        throw Error{Code::kNotImplementedException,
                    "The operation " + std::string(name) + " is not implemented"};
      }
    }
  }
  throw Error{Code::kUnknownOperationException};
}

constexpr std::uint64_t kFirstReserveBytes = 256 * 1024;

// Collects the body, which every operation needs whole.
class Sink : public http::BodySink {
 public:
  Sink(Service& service, http::RequestHead head) : service_(service), head_(std::move(head)) {
    // What a head promises is not yet memory: larger bodies grow as they come.
    body_.reserve(std::min<std::uint64_t>(head_.content_length.value_or(0), kFirstReserveBytes));
  }

  Flow write(std::string_view bytes) override {
    if (body_.size() + bytes.size() > kMaxBodyBytes) {
      too_large_ = true;
      return Flow::kStop;
    }
    body_.append(bytes);
    return Flow::kMore;
  }

  http::Reply finish(const http::Headers&) override {
    return too_large_ ? too_large() : service_.handle(head_, std::move(body_));
  }

 private:
  Service& service_;
  http::RequestHead head_;
  std::string body_;
  bool too_large_ = false;
};

}  // namespace

bool Service::claims(const http::RequestHead& head) const {
  const http::Headers& headers = head.headers;
  const std::string_view target = headers.get_or_empty("X-Amz-Target");
  if (!target.empty()) {
    return target.starts_with("DynamoDB_") || target.starts_with("DynamoDBStreams_");
  }
  if (headers.get_or_empty("Authorization").find("/dynamodb/aws4_request") !=
      std::string_view::npos) {
    return true;
  }
  if (head.path == "/" && is_dynamodb_host(headers.get_or_empty("Host"))) return true;
  if (head.method == "OPTIONS") {
    return base::to_lower(headers.get_or_empty("Access-Control-Request-Headers"))
               .find("x-amz-target") != std::string::npos;
  }
  return head.method == "POST" && head.path == "/" && media_type(head) == kJson;
}

http::Exposure Service::exposure() const {
  return authenticator_.mode() == aws::Authenticator::Mode::kVerify ? http::Exposure::kSigned
                                                                    : http::Exposure::kNothing;
}

// 403 and not the 400 of this service's own refusals: no client of the service ever sees it.
http::Reply Service::refuse(const http::RequestHead&, std::string_view why) {
  http::Reply reply = make_reply(403, render({Code::kAccessDeniedException, std::string(why)}));
  reply.headers.add("Content-Type", std::string(kJson));
  reply.operation = "Refused";
  reply.error_code = error_row(Code::kAccessDeniedException).name;
  return reply;
}

http::Begun Service::begin(http::RequestHead head) {
  if (head.method == "OPTIONS" && head.headers.has("Origin")) {
    return preflight(head, authenticator_);
  }
  // Only the root: a GET of any other path is some other service's request, signed for this one by
  // mistake, and "healthy" would be taken for what it asked for.
  if (head.method == "GET" && head.path == "/") return healthy(head, authenticator_);
  if (head.content_length.value_or(0) > kMaxBodyBytes) return too_large();
  return std::make_unique<Sink>(*this, std::move(head));
}

// What run() found: an error, or a body.
struct Service::Outcome {
  int status = 200;
  std::string body;
  std::string_view operation = "";
  std::string_view error_code = "";
};

http::Reply Service::handle(const http::RequestHead& head, std::string body) {
  const std::string_view type = media_type(head);
  if (head.method != "POST" || (!body.empty() && type != kJson && type != kPlainJson)) {
    return unknown_path(head, authenticator_);
  }
  Outcome outcome = run(head, std::move(body));
  http::Reply reply = make_reply(outcome.status, std::move(outcome.body));
  reply.headers.add("Content-Type", std::string(type == kPlainJson ? kPlainJson : kJson));
  add_cors(reply, head, authenticator_);
  reply.operation = outcome.operation;
  reply.error_code = outcome.error_code;
  return reply;
}

Service::Outcome Service::run(const http::RequestHead& head, std::string body) {
  Outcome outcome;
  try {
    std::optional<std::string> digest;  // of the body as it was sent
    const std::string_view encoding = head.headers.get_or_empty("Content-Encoding");
    if (!encoding.empty() && !base::equals_ignoring_case(encoding, "identity")) {
      digest = payload_digest(authenticator_, body);
      http::Inflated result = http::inflate_body(body, kMaxBodyBytes);
      if (result.fault == http::InflateFault::kTooLarge) {
        outcome.status = 413;
        outcome.error_code = "RequestEntityTooLarge";
        return outcome;
      }
      if (result.fault != http::InflateFault::kNone) throw Error{Code::kInternalFailure};
      body = std::move(result.bytes);
    }
    const auto document = json::Document::parse(body);
    if (!document && !body.empty()) throw Error{Code::kSerializationException};
    const Operation& operation = route(head);
    outcome.operation = operation.name;
    if (!digest) digest = payload_digest(authenticator_, body);
    const Caller caller = identify(authenticator_, head, *digest);
    if (!document || !document->root().is_object()) throw Error{Code::kSerializationException};
    if (operation.run == nullptr) {
      throw Error{Code::kNotImplementedException,
                  "The operation " + std::string(operation.name) + " is not implemented"};
    }
    const json::Node root = document->root();
    check_types(root, *operation.input);
    check_constraints(root, *operation.input);
    const base::Pinned<table::Engine> world = engines_.engine_for(caller.access_key_id);
    outcome.body =
        operation.run(Request{root, body, caller, *world.engine, *world.clock, expressions_,
                              world.state->get<Idempotency>(), head.headers.get_or_empty("Host")});
  } catch (const Error& error) {
    const ErrorRow& row = error_row(error.code);
    outcome.status = row.status;
    outcome.error_code = row.name;
    outcome.body = render(error);
  } catch (const base::StorageFault& fault) {
    log::error(std::string("dynamodb ") + std::string(outcome.operation) + ": " + fault.what());
    outcome.status = 500;
    outcome.error_code = error_row(Code::kInternalServerError).name;
    outcome.body = render({Code::kInternalServerError, "Internal server error"});
  }
  return outcome;
}

}  // namespace bodega::dynamodb
