#include "protocol/s3/service.h"

#include <utility>

#include "protocol/aws/error.h"
#include "protocol/aws/front/walk.h"
#include "protocol/aws/signature/credentials.h"
#include "protocol/s3/authenticate.h"
#include "protocol/s3/body/background.h"
#include "protocol/s3/body/sink.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/call.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

// Which bucket and key the request is about.
void read_address(Request& request) {
  if (!request.query().well_formed()) {
    throw Error(Code::kInvalidURI)
        .with("URI", request.head.path + "?" + std::string(request.query().raw()));
  }
  Address address = request.shared.addressing.read(request.head);
  request.bucket = std::move(address.bucket);
  request.key = std::move(address.key);
  request.virtual_host = address.virtual_host;
  request.exchange.resource = subject_of(request);
}

// x-amz-expected-bucket-owner: an account id, and the bucket's.
void check_expected_owner(const Call& call) {
  const auto expected = call.find_header("x-amz-expected-bucket-owner");
  if (!expected) return;
  if (!aws::is_account(*expected)) {
    throw Error(Code::kInvalidBucketOwnerAWSAccountID,
                std::string(facts_of(Code::kInvalidBucketOwnerAWSAccountID).message) + "... [" +
                    std::string(*expected) + "]");
  }
  if (call.bucket.empty()) return;
  const auto& bucket = call.find_bucket();
  if (bucket && bucket->owner != *expected) throw Error(Code::kAccessDenied);
}

// No bucket has CORS rules yet, so a preflight is answered as one without them, but for the pages
// that the server's own settings let in.
http::Reply answer_preflight(const Request& request) {
  if (request.header("origin").empty()) {
    throw Error(Code::kBadRequest, "Insufficient information. Origin request header needed.");
  }
  const std::string_view method = request.header("access-control-request-method");
  if (!request.head.readable_by.empty() && !method.empty()) {
    http::Reply reply = empty_reply(200);
    reply.headers.add("Access-Control-Allow-Methods", "GET, PUT, POST, DELETE, HEAD");
    if (const auto asked = request.find_header("access-control-request-headers")) {
      reply.headers.add("Access-Control-Allow-Headers", std::string(*asked));
    }
    reply.headers.add("Access-Control-Max-Age", "3000");
    reply.operation = "Preflight";
    return reply;
  }
  const auto world = request.shared.engines.engine_for("");
  const bool found =
      !request.bucket.empty() && world.engine->find_bucket(request.bucket) != nullptr;
  throw Error(Code::kAccessForbidden, found ? std::string(facts_of(Code::kAccessForbidden).message)
                                            : std::string("CORSResponse: Bucket not found"))
      .with("Method", method.empty() ? "OPTIONS" : method)
      .with("ResourceType", "BUCKET");
}

// Without policies and ACLs, a bucket is its owner's alone. Only a server that verifies who asks
// enforces it; for the others a key merely names an account.
void check_ownership(const Call& call) {
  if (!call.shared.verifies() || call.bucket.empty()) return;
  if (call.operation.access == Access::kAnyAccount) return;
  const auto& bucket = call.find_bucket();
  if (bucket && bucket->owner != call.caller.account) throw Error(Code::kAccessDenied);
}

// A request on its walk: a Request until it is identified, a Call from then on, which goes to the
// sink of its body if it has one.
class Turn {
 public:
  using Error = s3::Error;

  explicit Turn(Request request) : request_(std::move(request)) {}

  const observe::Exchange& exchange() const { return call_ ? call_->exchange : request_.exchange; }

  void recognise() {
    read_address(request_);
    take_presigned_headers(request_);
    operation_ = &find_operation(request_);
    request_.exchange.operation = operation_->name;
  }

  void identify() {
    Identified identified = authenticate(request_);
    call_ = std::make_unique<Call>(std::move(request_), *operation_, std::move(identified));
  }

  void authorize() const {
    if (!operation_->implemented()) {
      throw Error(Code::kNotImplemented, aws::not_implemented_message(operation_->name));
    }
    check_expected_owner(*call_);
    check_ownership(*call_);
  }

  // A body needs a length or a framing that ends it. The service itself takes chunked transfer only
  // around aws-chunked; plain chunked bodies (curl -T -) are welcome here as with other servers.
  void check_input() const {
    if (operation_->stream == nullptr || call_->payload.aws_chunked()) return;
    if (!call_->head.chunked && !call_->head.content_length) {
      throw Error(Code::kMissingContentLength);
    }
  }

  http::Begun run() {
    if (operation_->stream != nullptr) return take_body(operation_->stream(*call_));
    if (operation_->body_limit_bytes != 0) return take_body(make_collector(*call_));
    if (operation_->runs == Runs::kInBackground) return make_background_sink(std::move(call_));
    http::Reply reply = operation_->handler(*call_, {});
    if (call_->later) return make_background_sink(std::move(call_));
    finish_reply(*call_, reply);
    return reply;
  }

  http::Begun preflight() {
    read_address(request_);
    http::Reply reply = answer_preflight(request_);
    finish_reply(request_, reply);
    return reply;
  }

  http::Reply render(const Error& error) { return answer_error(call_ ? *call_ : request_, error); }
  Error internal_error() const { return Error(Code::kInternalError); }
  Error error_named(const observe::GateAnswer& answer) const {
    const auto code = find_code(answer.error);
    if (!code) return internal_error();
    return answer.message.empty() ? Error(*code) : Error(*code, answer.message);
  }

 private:
  http::Begun take_body(std::unique_ptr<Consumer> consumer) {
    BodyPromises promises = read_body_promises(*call_, consumer->needs());
    return make_body_sink(std::move(call_), std::move(consumer), std::move(promises));
  }

  Request request_;  // until it is identified
  const Operation* operation_ = nullptr;
  std::unique_ptr<Call> call_;
};

}  // namespace

Service::Service(base::Selector<object::Engine>& engines, base::Executor& executor,
                 const aws::Front& front, Settings settings)
    : shared_(std::make_unique<Shared>(Shared{engines, executor, front,
                                              Addressing(std::move(settings.domains)),
                                              settings.verify_reads_percent})) {
  all_operations();  // the tables are built at start-up, not by the first request
}

Service::~Service() = default;

http::Exposure Service::exposure() const {
  return shared_->verifies() ? http::Exposure::kSigned : http::Exposure::kReads;
}

http::Reply Service::refuse(const http::RequestHead& head, std::string_view why) {
  Request request(*shared_, head);
  const bool preflight = head.method == "OPTIONS";
  http::Reply reply = answer_error(
      request, Error(preflight ? Code::kAccessForbidden : Code::kAccessDenied, std::string(why)));
  reply.operation = "Refused";
  return reply;
}

http::Begun Service::begin(http::RequestHead head) {
  const bool is_preflight = head.method == "OPTIONS";
  Turn turn(Request(*shared_, std::move(head)));
  if (is_preflight) return aws::guarded(turn, [&] { return turn.preflight(); });
  return aws::walk(turn, shared_->front.gate);
}

}  // namespace bodega::s3
