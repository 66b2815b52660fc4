// The skeleton of a service of the AWS JSON protocols 1.0 and 1.1: `POST /` with X-Amz-Target. It
// does what needs no engine: limits, encodings, identity, JSON, the operation's row, types and
// constraints, errors, browsers. A service is a table of operations, a catalogue of errors and
// handlers:
//
//   struct Request { json::Node input; const aws::Caller& caller; vault::Engine& engine; };
//   struct Operation : aws::OperationRow { std::string (*run)(const Request&); };
//   const aws::JsonProfile kProfile{{.service = "kms", .catalogue = …, .model = …},
//                                   "application/x-amz-json-1.1"};
//
//   class Service final : public aws::JsonService {
//    public:
//     explicit Service(const aws::Front& front) : JsonService(front, kProfile) {}
//     const aws::OperationRow* find_operation(std::string_view target) const override;
//     base::Pinned<void> pin(std::string_view access_key_id) override;
//     std::string run(const aws::OperationRow& row, const aws::ServiceRequest& request) override {
//       auto& engine = *static_cast<vault::Engine*>(request.world.engine.get());
//       return static_cast<const Operation&>(row).run({request.input, request.caller, engine});
//     }
//   };
//
// Handlers throw Error. The catalogue has, besides the service's own, the errors of the front:
// those of kJsonAuthErrors, AccessDeniedException, InternalFailure, NotImplementedException,
// SerializationException, UnknownOperationException and ValidationException.
#pragma once

#include <string>
#include <string_view>

#include "engines/base/random.h"
#include "protocol/aws/front/buffered_service.h"

namespace bodega::aws {

struct JsonProfile : ServiceProfile {
  std::string_view media_type;  // of replies, unless the request was application/json
};

class JsonService : public BufferedService {
 public:
  http::Reply refuse(const http::RequestHead& head, std::string_view why) override;
  http::Begun begin(http::RequestHead head) override;
  http::Reply handle(const http::RequestHead& head, std::string body) override;

  // The row of an X-Amz-Target, null when the service has no such operation.
  virtual const OperationRow* find_operation(std::string_view target) const = 0;
  // The reply's body. Throws Error.
  virtual std::string run(const OperationRow& row, const ServiceRequest& request) = 0;

 protected:
  JsonService(const Front& front, const JsonProfile& profile);

  // What a service may have of its own.
  virtual std::string make_request_id() const { return base::random_uuid(); }
  // The headers that every reply has.
  virtual void add_headers(http::Reply& reply, std::string_view body,
                           std::string_view request_id) const;
  // The answer to a GET of the root.
  virtual http::Reply answer_root(const http::RequestHead& head) const;

  http::Reply make_reply(int status, std::string body, std::string_view request_id) const;
  // Any page may read, as with AWS, where each request is signed with a known key; else
  // those that the front names.
  void add_cors(http::Reply& reply, const http::RequestHead& head) const;

 private:
  class Turn;

  http::Reply too_large() override;
  bool takes_long(const http::RequestHead& head) const override;
  http::Reply preflight(const http::RequestHead& head) const;
  http::Reply unknown_path(const http::RequestHead& head) const;

  const JsonProfile& json_;
};

// {"__type":"prefix#Name","message":"…", further members}
std::string render_json(const Error& error);

}  // namespace bodega::aws
