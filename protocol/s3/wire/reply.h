// What all of S3's replies have in common: ids, the Server header, XML, the one place where errors
// are rendered.
#pragma once

#include <functional>
#include <string>

#include "engines/base/fault.h"
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

// Runs `make` and turns what it throws into a reply: an Error as it says, a StorageFault into
// InternalError. Adds what every reply carries.
http::Reply answer(const Call& call, const std::function<http::Reply()>& make);

// The same for an error at hand.
http::Reply answer_error(const Call& call, const Error& error);

// "bucket/key", for the log: control characters of the key are question marks.
std::string subject_of(const Call& call);
// One line about a fault of the storage that a request met.
void log_fault(const Call& call, const base::StorageFault& fault);

// "\"etag\""
std::string quote_etag(std::string_view etag);
// Without quotes and a weak mark.
std::string_view unquote_etag(std::string_view etag);

}  // namespace bodega::s3
