// What every service answers, as the page docs/operations.md has it. The page is made from the
// tables that requests are routed by, so it cannot promise more than they do.
#pragma once

#include <string>

namespace bodega::server {

std::string operations_as_markdown();

}  // namespace bodega::server
