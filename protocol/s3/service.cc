#include "protocol/s3/service.h"

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/fault.h"
#include "engines/base/random.h"
#include "protocol/aws/error.h"
#include "protocol/s3/authenticate.h"
#include "protocol/s3/body/background.h"
#include "protocol/s3/body/sink.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/call.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

constexpr std::size_t kRequestIdCharacters = 16;
constexpr std::size_t kHostIdBytes = 56;

// 16 characters, as S3's request ids have.
std::string make_request_id() {
  return base::random_string(kRequestIdCharacters, "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
}

std::string make_host_id() {
  std::string bytes;
  bytes.reserve(kHostIdBytes);
  while (bytes.size() < kHostIdBytes) base::put_u64(bytes, base::random_u64());
  return base::to_base64(bytes);
}

// x-amz-expected-bucket-owner: an account id, and the bucket's.
void check_expected_owner(const Call& call) {
  const auto expected = call.find_header("x-amz-expected-bucket-owner");
  if (!expected) return;
  const bool digits =
      expected->size() == 12 && expected->find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) {
    throw Error(Code::kInvalidBucketOwnerAWSAccountID,
                std::string(facts_of(Code::kInvalidBucketOwnerAWSAccountID).message) + "... [" +
                    std::string(*expected) + "]");
  }
  if (call.bucket.empty()) return;
  const auto bucket = call.engine->find_bucket(call.bucket);
  if (bucket && bucket->owner != *expected) throw Error(Code::kAccessDenied);
}

// No bucket has CORS rules yet, so a preflight is answered as one without them, but for the pages
// that the server's own settings let in.
http::Reply answer_preflight(const Call& call) {
  if (call.header("origin").empty()) {
    throw Error(Code::kBadRequest, "Insufficient information. Origin request header needed.");
  }
  const std::string_view method = call.header("access-control-request-method");
  if (!call.head.readable_by.empty() && !method.empty()) {
    http::Reply reply = empty_reply(200);
    reply.headers.add("Access-Control-Allow-Methods", "GET, PUT, POST, DELETE, HEAD");
    if (const auto asked = call.find_header("access-control-request-headers")) {
      reply.headers.add("Access-Control-Allow-Headers", std::string(*asked));
    }
    reply.headers.add("Access-Control-Max-Age", "3000");
    reply.operation = "Preflight";
    return reply;
  }
  const auto world = call.shared.engines.engine_for("");
  const bool found = !call.bucket.empty() && world.engine->find_bucket(call.bucket) != nullptr;
  throw Error(Code::kAccessForbidden, found ? std::string(facts_of(Code::kAccessForbidden).message)
                                            : std::string("CORSResponse: Bucket not found"))
      .with("Method", method.empty() ? "OPTIONS" : method)
      .with("ResourceType", "BUCKET");
}

// Without policies and ACLs, a bucket is its owner's alone. Only a server that verifies who asks
// enforces it; for the others a key merely names an account.
void check_ownership(const Call& call) {
  if (call.shared.authenticator.mode() != aws::Authenticator::Mode::kVerify) return;
  if (call.bucket.empty() || call.operation->name == "CreateBucket") return;
  const auto bucket = call.engine->find_bucket(call.bucket);
  if (bucket && bucket->owner != call.identity.account) throw Error(Code::kAccessDenied);
}

// A body needs a length or a framing that ends it. The service itself takes chunked transfer only
// around aws-chunked; plain chunked bodies (curl -T -) are welcome here as with other servers.
void check_framing(const Call& call) {
  if (call.operation->stream == nullptr || call.payload.aws_chunked()) return;
  if (!call.head.chunked && !call.head.content_length) throw Error(Code::kMissingContentLength);
}

}  // namespace

Service::Service(base::Selector<object::Engine>& engines, base::Executor& executor,
                 const aws::Front& front, Settings settings)
    : shared_(std::make_unique<Shared>(Shared{engines, executor, front.authenticator, front.gate,
                                              Addressing(std::move(settings.domains)),
                                              settings.verify_reads_percent})) {
  all_operations();  // the tables are built at start-up, not by the first request
}

Service::~Service() = default;

http::Exposure Service::exposure() const {
  const bool verifying = shared_->authenticator.mode() == aws::Authenticator::Mode::kVerify;
  return verifying ? http::Exposure::kSigned : http::Exposure::kReads;
}

http::Reply Service::refuse(const http::RequestHead& head, std::string_view why) {
  Call call(*shared_, head);
  call.request_id = make_request_id();
  call.host_id = make_host_id();
  const bool preflight = head.method == "OPTIONS";
  http::Reply reply = answer_error(
      call, Error(preflight ? Code::kAccessForbidden : Code::kAccessDenied, std::string(why)));
  reply.operation = "Refused";
  return reply;
}

http::Begun Service::begin(http::RequestHead head) {
  auto call = std::make_unique<Call>(*shared_, std::move(head));
  call->request_id = make_request_id();
  call->host_id = make_host_id();
  try {
    if (!call->query().well_formed()) {
      throw Error(Code::kInvalidURI)
          .with("URI", call->head.path + "?" + std::string(call->head.query.raw()));
    }
    Address address = shared_->addressing.read(call->head);
    call->bucket = std::move(address.bucket);
    call->key = std::move(address.key);
    call->virtual_host = address.virtual_host;
    if (call->head.method == "OPTIONS") {
      return answer(*call, [&] { return answer_preflight(*call); });
    }
    take_presigned_headers(*call);
    call->operation = &find_operation(*call);
    authenticate(*call);
    if (!call->operation->implemented()) {
      throw Error(Code::kNotImplemented, aws::not_implemented_message(call->operation->name));
    }
    check_expected_owner(*call);
    check_ownership(*call);
    check_framing(*call);
    const Operation& operation = *call->operation;
    if (operation.stream != nullptr) return make_body_sink(call, operation.stream(*call));
    if (operation.body_limit_bytes != 0) return make_body_sink(call, make_collector(*call));
    if (operation.runs == Runs::kInBackground) return make_background_sink(std::move(call));
    http::Reply reply = answer(*call, [&] { return operation.handler(*call, {}); });
    if (call->later) return make_background_sink(std::move(call));
    return reply;
  } catch (const Error& error) {
    return answer_error(*call, error);
  } catch (const base::StorageFault& fault) {
    log_fault(*call, fault);
    return answer_error(*call, Error(Code::kInternalError));
  }
}

}  // namespace bodega::s3
