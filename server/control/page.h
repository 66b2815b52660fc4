// The page for a person at /_bodega/: what the server is, holds and was asked for, lines to connect
// with, and the reset. page.html, beside this file, is its text. It lives on GET /_bodega/status
// and POST /_bodega/reset, so that it shows nothing that those who see it could not ask for.
#pragma once

#include <string>
#include <string_view>

#include "protocol/http/message.h"

namespace bodega::server {

// REQUIRES: the request was admitted (ControlService::add).
http::Reply page(const http::RequestHead& head);

// The Content-Security-Policy of a page with one style and one script, both in it: these two and
// what the page's own server answers, and nothing else.
std::string page_policy(std::string_view html);

}  // namespace bodega::server
