// Tags of keys: add, remove, list.
#include <array>

#include "protocol/kms/errors.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/shapes.h"

namespace bodega::kms {
namespace {

constexpr std::size_t kDefaultTagsPage = 50;

std::string tag_resource(const Request& request) {
  const vault::Fields tags = read_tags(request.input.find("Tags"));
  change_key(request, [&](vault::Key& key) {
    require_customer_managed(request, key, "TagResource");
    require_not_pending_deletion(key);
    for (const auto& [name, value] : tags) key.tags[name] = value;
    if (key.tags.size() > kMaxTags) throw Error(Code::kTagException, "Too many tags");
  });
  return nothing();
}

std::string untag_resource(const Request& request) {
  change_key(request, [&](vault::Key& key) {
    require_customer_managed(request, key, "UntagResource");
    require_not_pending_deletion(key);
    const json::Node names = request.input.find("TagKeys");
    for (json::Node name = names.first(); name.exists(); name = name.next()) {
      key.tags.erase(std::string(name.text()));
    }
  });
  return nothing();
}

std::string list_tags(const Request& request) {
  const vault::Key key = find_key(request, "KeyId", Accept::kKeys);
  const vault::PageRequest page = read_page(request, kDefaultTagsPage);
  std::string last;
  std::string after;
  std::size_t count = 0;
  std::string body;
  json::Object reply(body);
  json::Array tags(reply.name("Tags"));
  for (auto tag = key.tags.upper_bound(page.after); tag != key.tags.end(); ++tag) {
    if (count++ == page.limit) {
      after = last;
      break;
    }
    json::Object entry(tags.next());
    entry.string("TagKey", tag->first);
    entry.string("TagValue", tag->second);
    last = tag->first;
  }
  tags.close();
  write_page_end(reply, after);
  reply.close();
  return body;
}

using namespace shapes;
using enum Shape::Type;

constexpr Member kTagMembers[] = {{"KeyId", &kKeyId, kNotNull}, {"Tags", &kTags, kNotNull}};
constexpr Shape kTag{.type = kStructure, .name = "TagResourceRequest", .members = kTagMembers};
constexpr Member kUntagMembers[] = {{"KeyId", &kKeyId, kNotNull}, {"TagKeys", &kTagKeys, kNotNull}};
constexpr Shape kUntag{
    .type = kStructure, .name = "UntagResourceRequest", .members = kUntagMembers};
constexpr Member kListMembers[] = {
    {"KeyId", &kKeyId, kNotNull}, {"Limit", &kLimit}, {"Marker", &kMarker}};
constexpr Shape kListTags{
    .type = kStructure, .name = "ListResourceTagsRequest", .members = kListMembers};

constexpr std::array kRows{
    Operation{{"ListResourceTags", &kListTags}, list_tags},
    Operation{{"TagResource", &kTag}, tag_resource},
    Operation{{"UntagResource", &kUntag}, untag_resource},
};

}  // namespace

std::span<const Operation> tag_operations() { return kRows; }

}  // namespace bodega::kms
