// The answers that the server gives by itself, when no service could: not HTTP, too slow, too many.
// They speak S3's XML, as S3 answers on this port when no other service claims a request.
#pragma once

#include <string_view>

#include "protocol/http/message.h"
#include "server/http/parser.h"

namespace bodega::server {

// REQUIRES: `code` and `message` need no escaping; `code` is static text.
http::Reply fault_reply(int status, std::string_view code, std::string_view message);
http::Reply fault_reply(const HttpParser::Fault& fault);

// 400 RequestTimeout, as S3 says it.
http::Reply slow_client_reply();

// 500 InternalError: a service threw, which it never should.
http::Reply internal_error_reply();

}  // namespace bodega::server
