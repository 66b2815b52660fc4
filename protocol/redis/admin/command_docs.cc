#include "protocol/redis/admin/command_docs.h"

#include <string_view>
#include <vector>

#include "protocol/redis/admin/command_facts.h"
#include "protocol/redis/admin/command_syntax.h"

namespace bodega::redis {
namespace {

using Type = CommandArgument::Type;

std::string_view name_of(Group group) {
  switch (group) {
    case Group::kString: return "string";
    case Group::kHash: return "hash";
    case Group::kList: return "list";
    case Group::kSet: return "set";
    case Group::kSortedSet: return "sorted-set";
    case Group::kStream: return "stream";
    case Group::kBitmap: return "bitmap";
    case Group::kHyperloglog: return "hyperloglog";
    case Group::kGeo: return "geo";
    case Group::kGeneric: return "generic";
    case Group::kPubsub: return "pubsub";
    case Group::kTransactions: return "transactions";
    case Group::kScripting: return "scripting";
    case Group::kConnection: return "connection";
    case Group::kServer: return "server";
    case Group::kCluster: return "cluster";
  }
  return "";
}

std::string_view name_of(Type type) {
  switch (type) {
    case Type::kString: return "string";
    case Type::kInteger: return "integer";
    case Type::kDouble: return "double";
    case Type::kKey: return "key";
    case Type::kPattern: return "pattern";
    case Type::kUnixTime: return "unix-time";
    case Type::kPureToken: return "pure-token";
    case Type::kOneOf: return "oneof";
    case Type::kBlock: return "block";
  }
  return "";
}

std::vector<std::string_view> flags_of(const CommandArgument& argument) {
  std::vector<std::string_view> flags;
  if (argument.optional) flags.emplace_back("optional");
  if (argument.multiple) flags.emplace_back("multiple");
  if (argument.multiple_token) flags.emplace_back("multiple_token");
  return flags;
}

class ArgumentWriter {
 public:
  explicit ArgumentWriter(Reply& reply) : reply_(reply) {}

  void write(const std::vector<CommandArgument>& arguments) {
    reply_.array(arguments.size());
    for (const CommandArgument& argument : arguments) write(argument);
  }

 private:
  void write(const CommandArgument& argument) {
    const auto header = reply_.defer(Reply::Shape::kMap);
    std::size_t fields = 2;
    text("name", argument.name);
    text("type", name_of(argument.type));
    if (argument.parts.empty()) {
      text("display_text", argument.name);
      ++fields;
    }
    if (argument.type == Type::kKey) {
      reply_.bulk("key_spec_index");
      reply_.integer(keys_++);
      ++fields;
    }
    if (!argument.token.empty()) {
      text("token", argument.token);
      ++fields;
    }
    if (const auto flags = flags_of(argument); !flags.empty()) {
      reply_.bulk("flags");
      reply_.set(flags.size());
      for (const auto flag : flags) reply_.simple(flag);
      ++fields;
    }
    if (!argument.parts.empty()) {
      reply_.bulk("arguments");
      write(argument.parts);
      ++fields;
    }
    reply_.close(header, fields);
  }

  void text(std::string_view name, std::string_view value) {
    reply_.bulk(name);
    reply_.bulk(value);
  }

  Reply& reply_;
  std::int64_t keys_ = 0;  // how many specifications of keys were named
};

void reply_deprecation(Call& call, const Deprecation& deprecation) {
  call.reply.bulk("doc_flags");
  call.reply.set(1);
  call.reply.simple("deprecated");
  call.reply.bulk("deprecated_since");
  call.reply.bulk(deprecation.since);
  call.reply.bulk("replaced_by");
  call.reply.bulk(deprecation.replaced_by);
}

}  // namespace

void reply_docs(Call& call, const Command& row) {
  const auto header = call.reply.defer(Reply::Shape::kMap);
  std::size_t fields = 3;
  call.reply.bulk("summary");
  call.reply.bulk(row.summary);
  call.reply.bulk("since");
  call.reply.bulk(row.since);
  call.reply.bulk("group");
  call.reply.bulk(name_of(row.group));
  if (const Deprecation* deprecation = deprecation_of(row.name)) {
    reply_deprecation(call, *deprecation);
    fields += 3;
  }
  if (const std::string_view syntax = syntax_of(row.name); !syntax.empty()) {
    call.reply.bulk("arguments");
    ArgumentWriter(call.reply).write(parse_syntax(syntax));
    ++fields;
  }
  if (!row.subcommands.empty()) {
    call.reply.bulk("subcommands");
    call.reply.map(row.subcommands.size());
    for (const Command& child : row.subcommands) {
      call.reply.bulk(child.name);
      reply_docs(call, child);
    }
    ++fields;
  }
  call.reply.close(header, fields);
}

}  // namespace bodega::redis
