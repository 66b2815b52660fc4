// One page of a Query or Scan: rows are counted as they are read, filtered, and written as JSON at
// once, so that a page costs its text and nothing more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engines/table/engine.h"
#include "protocol/dynamodb/items/query_request.h"
#include "protocol/dynamodb/wire/capacity.h"

namespace bodega::dynamodb {

struct Page {
  std::string items;         // as JSON, with commas between; empty where only the count is wanted
  std::int64_t count = 0;    // items that passed the filter
  std::int64_t scanned = 0;  // items that were read
  ConsumedCapacity capacity;
  // Where the next page starts, in the form of QueryRequest::start; nothing behind the last page.
  std::optional<table::Item> last;
};

// Checks the request against the table and fills the page. Throws Error.
Page read_page(const table::Engine& engine, const QueryRequest& request,
               const table::OpenTable& table);

}  // namespace bodega::dynamodb
