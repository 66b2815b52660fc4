// The AWS services that are not here, by the names in their clients' signatures, so that a request
// for one of them is told so by name (unserved.h) instead of being taken for S3's.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/http/message.h"

namespace bodega::aws {

struct OtherService {
  // What its clients read where the request does not say. JSON with a target and CBOR say it.
  enum class Form : std::uint8_t { kJson, kXml, kQuery, kEc2 };

  std::string_view scope;  // the service in a credential scope: "sqs"
  std::string_view name;   // for people: "SQS"
  Form form = Form::kJson;
  std::string_view version = {};  // query: its Version parameter
};

// In the order of their scopes.
std::span<const OtherService> other_services();

// The service that the head of this request names, by the signature's scope or the Version of a
// query service's action in the URL. Null when it names none of them.
const OtherService* find_other_service(const http::RequestHead& head);

// SERVICE in "…/DATE/REGION/SERVICE/aws4_request…", a credential or a header that has one. Empty
// where there is none.
std::string_view scoped_service(std::string_view text);

}  // namespace bodega::aws
