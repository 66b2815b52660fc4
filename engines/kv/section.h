// Section: a range of another store's keys as a store of its own. Worlds and keyspaces that share
// the databases of one folder are sections of them, so that a further one costs no database.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engines/kv/store.h"

namespace bodega::kv {

// The keys of `whole` that begin with `prefix`, which its users do not see. With `end`, only those
// whose rest is less: what lies behind belongs to others. An empty prefix costs a commit nothing,
// any other a copy of the batch. fault(), recover(), sync() and figures() are those of the whole.
// `whole`, which is a store of `database`, must outlive the section.
std::unique_ptr<Store> make_section(Store& whole, Database database, std::string prefix,
                                    std::string_view end = {});

}  // namespace bodega::kv
