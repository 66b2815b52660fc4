#include "server/command/operations_page.h"

#include <set>
#include <string_view>

#include "protocol/dynamodb/operations.h"
#include "protocol/kms/operations.h"
#include "protocol/redis/command_table.h"
#include "protocol/s3/operations.h"
#include "protocol/sts/operations.h"

namespace bodega::server {
namespace {

constexpr std::size_t kMaxColumns = 110;

using Names = std::set<std::string, std::less<>>;

struct Operations {
  Names implemented;
  Names missing;
};

void add_names(std::string& out, const Names& names) {
  std::size_t column = 0;
  for (const std::string& name : names) {
    const bool last = name == *names.rbegin();
    const std::string word = "`" + name + (last ? "`" : "`,");
    if (column + 1 + word.size() > kMaxColumns) {
      out += "\n";
      column = 0;
    }
    if (column > 0) out += " ";
    out += word;
    column += word.size() + 1;
  }
  out += "\n";
}

void add_service(std::string& out, std::string_view title, const Operations& operations) {
  const std::size_t implemented = operations.implemented.size();
  out.append("\n## ").append(title).append("\n\n");
  out += std::to_string(implemented) + " of " +
         std::to_string(implemented + operations.missing.size()) + " operations:\n\n";
  add_names(out, operations.implemented);
  if (operations.missing.empty()) return;
  out += "\nNot implemented:\n\n";
  add_names(out, operations.missing);
}

// Some operations have several rows, by what the request carries; one that has a handler counts.
Operations s3_operations() {
  Operations out;
  for (const s3::Operation* row : s3::all_operations()) {
    if (row->implemented() && !row->refuses_only) out.implemented.emplace(row->name);
  }
  for (const s3::Operation* row : s3::all_operations()) {
    if (!out.implemented.contains(row->name)) out.missing.emplace(row->name);
  }
  return out;
}

template <class Families>
Operations operations_of(const Families& families) {
  Operations out;
  for (const auto& family : families) {
    for (const auto& row : family) {
      (row.input != nullptr ? out.implemented : out.missing).emplace(row.name);
    }
  }
  return out;
}

void add_redis(std::string& out) {
  redis::CommandTable table;
  Names names;
  for (const redis::CommandTable::Slot& slot : table.slots()) {
    std::string name(slot.row->name);
    if (const auto bar = name.find('|'); bar != std::string::npos) name[bar] = ' ';
    names.insert(std::move(name));
  }
  out += "\n## Redis\n\n" + std::to_string(table.command_count()) +
         " commands, with their sub-commands:\n\n";
  add_names(out, names);
}

}  // namespace

std::string operations_as_markdown() {
  std::string out =
      "# Supported operations\n\n"
      "`bodega --operations-markdown` prints this page; a test compares the two. What is listed as "
      "not\n"
      "implemented answers HTTP 501 or `NotImplementedException`, and an unknown Redis command "
      "`-ERR "
      "unknown\ncommand`.\n";
  add_service(out, "S3", s3_operations());
  add_service(out, "DynamoDB", operations_of(dynamodb::operation_families()));
  add_service(out, "KMS", operations_of(kms::operation_families()));
  add_service(out, "STS", operations_of(sts::operation_families()));
  add_redis(out);
  return out;
}

}  // namespace bodega::server
