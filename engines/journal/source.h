// What becomes of a source as subscriptions come and go. `now` is a sequence number that was taken
// (Journal::take) while nothing of the source was being committed.
#pragma once

#include <string_view>

#include "engines/journal/model.h"

namespace bodega::journal {

// Whether anyone reads what happens from now on.
bool is_recorded(const Source& source);

// The images that the live subscriptions ask for together.
Images recorded_images(const Source& source);

// Begins it, or changes what the live one of that name asks for.
void begin_subscription(Source& source, Subscription subscription, Sequence now);

// Ends the live one of that name; its events stay readable. Whether there was one.
bool end_subscription(Source& source, std::string_view name, Sequence now);

// The bucket or table is deleted: ends all of them.
void close_source(Source& source, Sequence now);

}  // namespace bodega::journal
