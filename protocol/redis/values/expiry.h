// Expiry arguments (EX, PX, EXAT, PXAT and those of the EXPIRE family) turned into instants.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

enum class TimeUnit : std::uint8_t { kSeconds, kMilliseconds };
enum class TimeBase : std::uint8_t { kRelative, kAbsolute };

// The instant in milliseconds since the epoch. Throws "invalid expire time in 'x' command" when it
// does not fit, and with Past::kRefuse when the text's number is not positive.
enum class Past : std::uint8_t { kRefuse, kAllow };
std::int64_t expiry_instant(const Call& call, std::string_view text, TimeUnit unit, TimeBase base,
                            Past past);

}  // namespace bodega::redis
