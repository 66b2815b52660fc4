// What of a request may stand in a log: everything but what would let a reader of the log in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bodega::aws {

// A raw query string, with the values of signatures and session tokens (X-Amz-Signature,
// X-Amz-Security-Token, Signature) as "(redacted)". Names count as the services read them: decoded
// and, to be safe, in any case. The rest stays as sent.
std::string loggable_query(std::string_view raw);

// The beginning of a text that a client chose, on one line.
inline constexpr std::size_t kMaxLoggableBytes = 256;
std::string loggable_text(std::string_view text);

}  // namespace bodega::aws
