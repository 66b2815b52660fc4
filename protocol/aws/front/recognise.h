// Whose request it is: one table for all AWS services, read from what every request carries in its
// head. In this order: the prefix of X-Amz-Target, the service in the signature's scope; for the
// root path also the host, the Version of a query service's action, and the body's media type.
// What no row takes is a service's that is not here, where it names one (other_services.h), else
// S3's. The table is at the end of recognise.cc; a new service adds a row:
//
//   {.service = "kms", .scope = "kms", .hosts = kKmsHosts, .targets = kKmsTargets},
//   {.service = "sts", .scope = "sts", .hosts = kStsHosts, .version = "2011-06-15"},
//
// (RPC v2 CBOR names its service in the path, /service/NAME/operation/…: a column more when a
// service speaks it.)
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/http/message.h"

namespace bodega::aws {

struct ServiceRow {
  // Forms whose head names no service, because they are not signed: those of one service only.
  enum class Forms : std::uint8_t { kNamed, kUnnamed };

  std::string_view service;                        // as http::Service::name()
  std::string_view scope;                          // the service in a credential scope
  std::span<const std::string_view> hosts = {};    // what its host names start with: "sts."
  std::span<const std::string_view> targets = {};  // json: prefixes of X-Amz-Target
  std::string_view media_type = {};                // json: of a POST that says nothing else
  std::string_view version = {};                   // query: its Version parameter
  Forms forms = Forms::kNamed;                     // query
};

inline constexpr std::string_view kDefaultService = "s3";
// All the services of AWS that are not here (unserved.h).
inline constexpr std::string_view kUnservedServices = "unserved";

// The name of the service that has this request. `rows`: the services to choose from, besides S3.
std::string_view recognise(const http::RequestHead& head, std::span<const ServiceRow> rows);

// The services of this server.
std::span<const ServiceRow> service_rows();

}  // namespace bodega::aws
