// What all of S3's replies have in common: ids, the Server header, XML, the one place where errors
// are rendered.
#pragma once

#include <string>

#include "protocol/aws/front/walk.h"
#include "protocol/http/message.h"
#include "protocol/s3/wire/call.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/xml/writer.h"

namespace bodega::s3 {

// The namespace of every document.
inline constexpr std::string_view kXmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

// A reply with that document as its body.
http::Reply xml_reply(xml::Writer& document, int status = 200);

// A reply without a body.
http::Reply empty_reply(int status);

// Adds what every reply carries, the request's exchange among it.
void finish_reply(Request& request, http::Reply& reply);

// The reply that an error is.
http::Reply answer_error(Request& request, const Error& error);

// How what is thrown on the way of a request is rendered, for aws::guarded.
struct Renderer {
  using Error = s3::Error;

  Request& request;

  const observe::Exchange& exchange() const { return request.exchange; }
  Error internal_error() const { return Error(Code::kInternalError); }
  http::Reply render(const Error& error) const { return answer_error(request, error); }
};

// The finished reply that `make` returns, or that what it throws is.
template <class Make>
http::Reply answer(Request& request, const Make& make) {
  return aws::guarded(Renderer{request}, [&] {
    http::Reply reply = make();
    finish_reply(request, reply);
    return reply;
  });
}

// "bucket/key", for the log: control characters of the key are question marks.
std::string subject_of(const Request& request);

// "\"etag\""
std::string quote_etag(std::string_view etag);
// Without quotes and a weak mark.
std::string_view unquote_etag(std::string_view etag);

}  // namespace bodega::s3
