#include "protocol/dynamodb/items/key.h"

#include <algorithm>

namespace bodega::dynamodb {

namespace {

using table::KeyFault;
using table::KeyProblem;

constexpr std::string_view kMismatch = "The provided key element does not match the schema";

std::string empty_value(const KeyProblem& problem) {
  return std::string("The AttributeValue for a key attribute cannot contain an empty ") +
         (problem.attribute->type == table::Type::kString ? "string" : "binary") + " value. ";
}

Error too_long(const KeyProblem& problem) {
  if (problem.is_range) {
    return invalid_parameter(
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
  }
  return invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
}

Error empty_key(const KeyProblem& problem) {
  return validation("One or more parameter values are not valid. " + empty_value(problem) +
                    "Key: " + problem.attribute->name);
}

}  // namespace

table::ItemKey lookup_key(const table::Table& table, const table::Item& key) {
  const std::size_t expected = table.keys.hash.size() + table.keys.range.size();
  if (key.size() != expected) throw validation(std::string(kMismatch));
  if (const auto problem = table::check_primary_key(table, key)) {
    switch (problem->fault) {
      case KeyFault::kMissing:
      case KeyFault::kWrongType: throw validation(std::string(kMismatch));
      case KeyFault::kEmpty: throw empty_key(*problem);
      case KeyFault::kTooLong: throw too_long(*problem);
    }
  }
  return table::item_key(table, key);
}

table::ItemKey stored_key(const table::Table& table, const table::Item& item) {
  if (const auto problem = table::check_primary_key(table, item)) {
    switch (problem->fault) {
      case KeyFault::kMissing:
        throw invalid_parameter("Missing the key " + problem->attribute->name + " in the item");
      case KeyFault::kWrongType:
        throw invalid_parameter(
            "Type mismatch for key " + problem->attribute->name +
            " expected: " + std::string(table::type_name(problem->attribute->type)) +
            " actual: " + std::string(table::type_name(problem->actual)));
      case KeyFault::kEmpty: throw empty_key(*problem);
      case KeyFault::kTooLong: throw too_long(*problem);
    }
  }
  check_index_keys(table, item, Writer::kPut);
  return table::item_key(table, item);
}

void check_index_keys(const table::Table& table, const table::Item& item, Writer writer) {
  if (table.indexes.empty()) return;
  const auto problem = table::check_index_keys(table, item);
  if (!problem) return;
  const std::string& attribute = problem->attribute->name;
  const std::string& index = problem->index->name;
  switch (problem->fault) {
    case KeyFault::kMissing: return;
    case KeyFault::kWrongType:
      throw invalid_parameter(
          "Type mismatch for Index Key " + attribute +
          " Expected: " + std::string(table::type_name(problem->attribute->type)) +
          " Actual: " + std::string(table::type_name(problem->actual)) + " IndexName: " + index);
    case KeyFault::kEmpty:
      if (writer == Writer::kUpdate) {
        throw validation(
            "One or more parameter values are not valid. The update expression attempted to update "
            "a secondary index key to a value that is not supported. " +
            empty_value(*problem) + "IndexName: " + index + ", IndexKey: " + attribute);
      }
      throw validation(
          "One or more parameter values are not valid. A value specified for a secondary index key "
          "is not supported. " +
          empty_value(*problem) + "IndexName: " + index + ", IndexKey: " + attribute);
    case KeyFault::kTooLong: throw too_long(*problem);
  }
}

void check_no_key_updates(const table::Table& table, std::span<const std::string_view> attributes) {
  const auto check = [&](const std::vector<table::KeyAttribute>& keys) {
    for (const table::KeyAttribute& key : keys) {
      if (std::find(attributes.begin(), attributes.end(), key.name) == attributes.end()) continue;
      throw invalid_parameter("Cannot update attribute " + key.name +
                              ". This attribute is part of the key");
    }
  };
  check(table.keys.hash);
  check(table.keys.range);
}

void check_no_nested_keys(const table::Table& table, std::span<const std::string_view> attributes) {
  if (attributes.empty()) return;
  const auto check = [&](const table::KeySchema& keys, std::string_view what) {
    for (const std::string_view attribute : attributes) {
      if (!keys.contains(attribute)) continue;
      throw validation(
          "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
          "allowed: " +
          std::string(what) + ": " + std::string(attribute));
    }
  };
  check(table.keys, "Key");
  for (const table::Index& index : table.indexes) check(index.keys, "IndexKey");
}

}  // namespace bodega::dynamodb
