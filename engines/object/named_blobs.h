// Which blobs the records of a store name, read without an engine.
#pragma once

#include <functional>

#include "engines/blob/store.h"
#include "engines/kv/store.h"

namespace bodega::object {

// Calls `visit` for every blob that a record of an object or of an upload's part names (a blob may
// come twice): what blob::Store::sweep keeps. It sees the records as they are when it begins, so
// others may go on; a blob that they name later on is a new one, or one that was named here. Throws
// StorageFault.
void named_blobs(const kv::Store& store, const std::function<void(blob::BlobId)>& visit);

}  // namespace bodega::object
