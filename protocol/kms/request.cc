#include "protocol/kms/request.h"

#include "engines/base/bytes.h"
#include "engines/base/text.h"
#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"

namespace bodega::kms {
namespace {

constexpr std::string_view kMarkerPrefix = "page:";

}  // namespace

std::string blob_member(json::Node input, std::string_view name) {
  return base::from_base64(input.find(name).text()).value_or("");
}

vault::Fields fields_of(json::Node map) {
  vault::Fields fields;
  for (json::Node name = map.first(); name.exists(); name = name.next()) {
    const std::string key(name.text());
    name = name.next();
    fields[key] = name.text();
  }
  return fields;
}

vault::Fields encryption_context(const Request& request, std::string_view name) {
  vault::Fields context = fields_of(request.input.find(name));
  std::string text;
  {
    json::Object out(text);
    for (const auto& [key, value] : context) out.string(key, value);
  }
  if (text.size() > kMaxContextBytes) {
    throw validation("Encryption context is too large: its JSON may have " +
                     std::to_string(kMaxContextBytes) + " bytes.");
  }
  return context;
}

vault::Fields read_tags(json::Node list) {
  vault::Fields tags;
  for (json::Node tag = list.first(); tag.exists(); tag = tag.next()) {
    const std::string_view key = tag.find("TagKey").text();
    if (base::to_lower(key).starts_with("aws:")) {
      throw Error(Code::kTagException, "Tags beginning with aws: are reserved");
    }
    if (!tags.emplace(key, tag.find("TagValue").text()).second) {
      throw Error(Code::kTagException, "Duplicate tag keys");
    }
  }
  if (tags.size() > kMaxTags) throw Error(Code::kTagException, "Too many tags");
  return tags;
}

vault::PageRequest read_page(const Request& request, std::size_t default_limit) {
  vault::PageRequest page;
  const auto limit = aws::integer_member(request.input, "Limit");
  page.limit = limit ? static_cast<std::size_t>(*limit) : default_limit;
  const auto marker = aws::string_member(request.input, "Marker");
  if (!marker) return page;
  const auto place = base::from_base64(*marker);
  if (!place || !place->starts_with(kMarkerPrefix)) throw invalid_marker();
  page.after = place->substr(kMarkerPrefix.size());
  return page;
}

void write_page_end(json::Object& out, std::string_view after) {
  if (!after.empty()) {
    out.string("NextMarker", base::to_base64(std::string(kMarkerPrefix).append(after)));
  }
  out.boolean("Truncated", !after.empty());
}

void write_date(json::Object& out, std::string_view name, std::int64_t us) {
  out.number(name, static_cast<double>(us / 1000) / 1000.0);
}

void end_of_dry_run(const Request& request) {
  if (!aws::flag_member(request.input, "DryRun")) return;
  throw Error(Code::kDryRunOperationException,
              "The request would have succeeded, but the DryRun option is set.");
}

void refuse_recipient(const Request& request) {
  if (aws::has_member(request.input, "Recipient")) {
    throw unsupported("The parameter Recipient is not implemented");
  }
}

}  // namespace bodega::kms
