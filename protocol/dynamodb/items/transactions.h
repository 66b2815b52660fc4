// Transactions of writes as plain values: make them ready, then carry them out, all or nothing.
// What is wrong with one action against its table or item cancels the transaction, with a reason
// for each action.
#pragma once

#include <span>
#include <vector>

#include "engines/table/engine.h"
#include "protocol/dynamodb/items/write.h"
#include "protocol/dynamodb/items/write_request.h"

namespace bodega::dynamodb {

// `tables` is parallel to the requests. Throws Error.
std::vector<ItemWrite> prepare_transaction(std::vector<WriteRequest> requests,
                                           std::span<const table::OpenTable> tables);

// Throws Error: TransactionCanceledException.
table::ManyModified carry_out(table::Engine& engine, std::span<const ItemWrite> writes);

}  // namespace bodega::dynamodb
