// All of S3's operations: the families, and how a request finds its row.
#pragma once

#include <span>
#include <string_view>

#include "protocol/s3/wire/operation.h"

namespace bodega::s3 {

// The families, each in the file of its name.
std::span<const Operation> acl_operations();
std::span<const Operation> bucket_operations();
std::span<const Operation> copy_operations();
std::span<const Operation> delete_operations();
std::span<const Operation> get_operations();
std::span<const Operation> listing_operations();
std::span<const Operation> multipart_operations();
std::span<const Operation> object_attributes_operations();
std::span<const Operation> part_operations();
std::span<const Operation> put_operations();
std::span<const Operation> tagging_operations();
std::span<const Operation> unconfigured_operations();
std::span<const Operation> versioning_operations();
std::span<const Operation> not_implemented_operations();

// All rows, in the order they are tried: those with more conditions first.
std::span<const Operation* const> all_operations();

// Whether a query parameter of that name, by being there, makes a request one for a sub-resource:
// another operation than without it.
bool is_sub_resource(std::string_view name);

// The row for a request whose address and query are known. Throws MethodNotAllowed and S3's special
// refusals for sub-resources in the wrong place.
const Operation& find_operation(const Request& request);

}  // namespace bodega::s3
