// A request of KMS as its handlers get it, and readers of members that several of them share.
#pragma once

#include <string>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/vault/engine.h"
#include "protocol/aws/caller.h"
#include "protocol/json/json.h"

namespace bodega::kms {

// Characters of an encryption context, as JSON (the service's own limit).
inline constexpr std::size_t kMaxContextBytes = 8192;
// Tags of a key (the service's own limit).
inline constexpr std::size_t kMaxTags = 50;

struct Request {
  json::Node input;  // its types and constraints are checked
  const aws::Caller& caller;
  vault::Engine& engine;
  const base::Clock& clock;

  vault::Place place() const { return {caller.account, caller.region}; }
};

// The bytes of a blob; empty when absent.
std::string blob_member(json::Node input, std::string_view name);

// A map of strings; empty when absent.
vault::Fields fields_of(json::Node map);
// The same for an encryption context. Throws Error when it is too large.
vault::Fields encryption_context(const Request& request, std::string_view name);

// Tags as a list of {TagKey, TagValue}. Throws TagException.
vault::Fields read_tags(json::Node list);

// Where a list goes on, and how many elements a page has. Throws InvalidMarkerException.
vault::PageRequest read_page(const Request& request, std::size_t default_limit);

// "Truncated", and "NextMarker" where there is more.
void write_page_end(json::Object& out, std::string_view after);

// Seconds since the epoch with milliseconds, as the service writes dates.
void write_date(json::Object& out, std::string_view name, std::int64_t us);

// An empty reply body.
inline std::string nothing() { return "{}"; }

// Throws DryRunOperationException when the request is a dry run, which comes after all checks.
void end_of_dry_run(const Request& request);

// Throws for a Recipient, an enclave to which the answer would have to be encrypted.
void refuse_recipient(const Request& request);

}  // namespace bodega::kms
