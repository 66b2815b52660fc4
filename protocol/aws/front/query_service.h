// The skeleton of a service of the AWS query protocol: a form, in the body or the URL, with Action
// and Version; the answer is XML. Like JsonService it does what needs no engine; a service is a
// table of operations, a catalogue of errors and handlers:
//
//   struct Request { json::Node input; const aws::Caller& caller; identity::Engine& engine; };
//   struct Operation : aws::OperationRow { void (*run)(const Request&, xml::Writer& result); };
//   const aws::QueryProfile kProfile{{.service = "sts", .catalogue = …, .model = …},
//                                    "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"};
//
//   class Service final : public aws::QueryService {
//    public:
//     explicit Service(const aws::Front& front) : QueryService(front, kProfile) {}
//     const aws::OperationRow* find_operation(std::string_view action) const override;
//     base::Pinned<void> pin(std::string_view access_key_id) override;
//     void run(const aws::OperationRow& row, const aws::ServiceRequest& request,
//              xml::Writer& result) override;  // as in json_service.h
//   };
//
// The input is checked and read as JSON services' is: form.h makes the same tree of it. A handler
// writes what stands inside <ActionResult>.
//
// The catalogue has, besides the service's own, the errors of the front: those of
// kQueryAuthErrors, AccessDenied, InternalFailure, InvalidAction, MalformedInput, MissingAction,
// NotImplemented and ValidationError.
#pragma once

#include <string_view>

#include "protocol/aws/front/buffered_service.h"
#include "protocol/xml/writer.h"

namespace bodega::aws {

struct QueryProfile : ServiceProfile {
  std::string_view version;  // "2011-06-15"
  std::string_view xmlns;    // of replies
};

class QueryService : public BufferedService {
 public:
  http::Reply refuse(const http::RequestHead& head, std::string_view why) override;
  http::Begun begin(http::RequestHead head) override;
  http::Reply handle(const http::RequestHead& head, std::string body) override;

  // The row of an Action, null when the service has no such operation.
  virtual const OperationRow* find_operation(std::string_view action) const = 0;
  // Writes the result. Throws Error.
  virtual void run(const OperationRow& row, const ServiceRequest& request, xml::Writer& result) = 0;

 protected:
  QueryService(const Front& front, const QueryProfile& profile);

 private:
  class Turn;

  http::Reply too_large() override;
  http::Reply make_reply(int status, std::string body, std::string_view request_id) const;
  std::string render_error(const Error& error, std::string_view request_id) const;

  const QueryProfile& query_;
};

}  // namespace bodega::aws
