#include "protocol/dynamodb/expression/parameters.h"

#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/request.h"

namespace bodega::dynamodb {

namespace {

std::string joined(const std::vector<std::string_view>& words, std::string_view between) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

template <class Work>
auto with_kind(std::string_view member, const Work& work) {
  try {
    return work();
  } catch (const ExpressionFault& fault) {
    throw validation("Invalid " + std::string(member) + ": " + fault.message);
  }
}

}  // namespace

void check_exclusive(json::Node request, std::initializer_list<std::string_view> expressions,
                     std::initializer_list<std::string_view> legacy) {
  std::vector<std::string_view> used;
  for (const std::string_view member : expressions) {
    if (has_member(request, member)) used.push_back(member);
  }
  std::vector<std::string_view> old;
  for (const std::string_view member : legacy) {
    // KeyConditions may stand beside a FilterExpression, just not beside a KeyConditionExpression.
    if (member == "KeyConditions" && !has_member(request, "KeyConditionExpression")) continue;
    if (has_member(request, member)) old.push_back(member);
  }
  if (!used.empty() && !old.empty()) {
    throw validation(
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {" +
        joined(old, ", ") + "} Expression parameters: {" + joined(used, ", ") + "}");
  }
  if (used.empty() && has_member(request, "ExpressionAttributeNames")) {
    throw validation("ExpressionAttributeNames can only be specified when using expressions");
  }
  if (!has_member(request, "ExpressionAttributeValues")) return;
  std::vector<std::string_view> takers;
  bool any = false;
  for (const std::string_view member : expressions) {
    if (member == "ProjectionExpression") continue;
    takers.push_back(member);
    any = any || has_member(request, member);
  }
  if (!any && !takers.empty()) {
    throw validation("ExpressionAttributeValues can only be specified when using expressions: " +
                     joined(takers, " and ") + (takers.size() > 1 ? " are null" : " is null"));
  }
}

std::optional<BoundCondition> ExpressionParameters::condition(std::string_view member) {
  const auto text = string_member(request_, member);
  if (!text) return std::nullopt;
  return with_kind(member, [&] {
    auto tree = cache_.condition(*text);
    Bindings bindings = bind(*tree, placeholders_);
    return BoundCondition{std::move(tree), std::move(bindings)};
  });
}

std::optional<BoundUpdate> ExpressionParameters::update(std::string_view member) {
  const auto text = string_member(request_, member);
  if (!text) return std::nullopt;
  return with_kind(member, [&] {
    auto tree = cache_.update(*text);
    Bindings bindings = bind(*tree, placeholders_);
    return BoundUpdate{std::move(tree), std::move(bindings)};
  });
}

std::optional<BoundProjection> ExpressionParameters::projection(std::string_view member) {
  const auto text = string_member(request_, member);
  if (!text) return std::nullopt;
  return with_kind(member, [&] {
    auto tree = cache_.projection(*text);
    const Bindings bindings = bind(*tree, placeholders_);
    std::vector<ResolvedPath> paths;
    paths.reserve(tree->paths.size());
    for (const Path& path : tree->paths) paths.push_back(resolve(path, bindings));
    return BoundProjection{std::move(tree), std::move(paths)};
  });
}

std::vector<std::string_view> nested_heads(const BoundCondition& condition) {
  std::vector<std::string_view> found;
  for (const Node& node : condition.tree->nodes) {
    if (node.kind == NodeKind::kPath && node.path.size() > 1) {
      found.push_back(head(node.path, condition.bindings));
    }
  }
  return found;
}

std::vector<std::string_view> heads(const BoundCondition& condition) {
  std::vector<std::string_view> found;
  for (const Node& node : condition.tree->nodes) {
    if (node.kind == NodeKind::kPath) found.push_back(head(node.path, condition.bindings));
  }
  return found;
}

}  // namespace bodega::dynamodb
