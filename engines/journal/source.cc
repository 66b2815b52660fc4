#include "engines/journal/source.h"

#include <algorithm>
#include <utility>

namespace bodega::journal {

bool is_recorded(const Source& source) {
  return std::any_of(source.subscriptions.begin(), source.subscriptions.end(),
                     [](const Subscription& one) { return !one.has_ended(); });
}

Images recorded_images(const Source& source) {
  Images images = Images::kKeysOnly;
  for (const Subscription& one : source.subscriptions) {
    if (!one.has_ended()) images = images | one.images;
  }
  return images;
}

void begin_subscription(Source& source, Subscription subscription, Sequence now) {
  subscription.since = now;
  subscription.until = kNoEnd;
  for (Subscription& one : source.subscriptions) {
    if (one.name != subscription.name || one.has_ended()) continue;
    subscription.since = one.since;
    one = std::move(subscription);
    return;
  }
  source.subscriptions.push_back(std::move(subscription));
}

bool end_subscription(Source& source, std::string_view name, Sequence now) {
  for (Subscription& one : source.subscriptions) {
    if (one.name != name || one.has_ended()) continue;
    one.until = now;
    return true;
  }
  return false;
}

void close_source(Source& source, Sequence now) {
  for (Subscription& one : source.subscriptions) {
    if (!one.has_ended()) one.until = now;
  }
  source.closed = true;
}

}  // namespace bodega::journal
