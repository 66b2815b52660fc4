// What of a request may stand in a log: everything but what would let a reader of the log in.
#pragma once

#include <string>
#include <string_view>

namespace bodega::aws {

// A raw query string, with the values of signatures and session tokens (X-Amz-Signature,
// X-Amz-Security-Token, Signature) as "(redacted)". Names count as the services read them: decoded
// and, to be safe, in any case. The rest stays as sent.
std::string loggable_query(std::string_view raw);

}  // namespace bodega::aws
