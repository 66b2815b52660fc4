// KeyMetadata, what CreateKey and DescribeKey say of a key.
#pragma once

#include <string>

#include "engines/vault/model.h"
#include "protocol/json/json.h"

namespace bodega::kms {

// The list of the key's algorithms, under the name that its usage has.
void write_algorithms(json::Object& out, const vault::Key& key);

// {"KeyMetadata":{…}}
std::string key_metadata_body(const vault::Key& key);

}  // namespace bodega::kms
