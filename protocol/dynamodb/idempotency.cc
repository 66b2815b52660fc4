#include "protocol/dynamodb/idempotency.h"

namespace bodega::dynamodb {

Idempotency::Verdict Idempotency::begin(const std::string& scope, const std::string& token,
                                        const std::string& digest, std::int64_t now_us) {
  const base::Lock lock(mutex_);
  forget_old(now_us, by_age_.size());
  const auto key = std::make_pair(scope, token);
  const auto [entry, fresh] = entries_.try_emplace(key, Entry{digest, now_us, false});
  if (fresh) {
    by_age_.emplace(now_us, key);
    return Verdict::kFirst;
  }
  if (entry->second.digest != digest) return Verdict::kMismatch;
  return entry->second.done ? Verdict::kRepeated : Verdict::kInProgress;
}

void Idempotency::end(const std::string& scope, const std::string& token, End how) {
  const base::Lock lock(mutex_);
  const auto found = entries_.find(std::make_pair(scope, token));
  if (found == entries_.end()) return;
  if (how == End::kDone) {
    found->second.done = true;
  } else {
    entries_.erase(found);  // what by_age_ still says of it does no harm
  }
}

// What by_age_ still says of them does no harm.
void Idempotency::forget(std::string_view start) {
  const base::Lock lock(mutex_);
  std::erase_if(entries_, [start](const auto& entry) {
    return entry.second.done && entry.first.first.starts_with(start);
  });
}

std::optional<std::int64_t> Idempotency::next_due_us(std::int64_t) {
  const base::Lock lock(mutex_);
  if (by_age_.empty()) return std::nullopt;
  return by_age_.begin()->first + kTokenLifetimeUs;
}

void Idempotency::run(std::int64_t now_us, std::size_t budget) {
  const base::Lock lock(mutex_);
  forget_old(now_us, budget);
}

std::size_t Idempotency::size() const {
  const base::Lock lock(mutex_);
  return entries_.size();
}

void Idempotency::forget_old(std::int64_t now_us, std::size_t budget) {
  for (; budget > 0 && !by_age_.empty() &&
         (by_age_.begin()->first + kTokenLifetimeUs <= now_us || by_age_.size() > kMaxTokens);
       --budget) {
    const auto found = entries_.find(by_age_.begin()->second);
    if (found != entries_.end() && found->second.since_us <= by_age_.begin()->first) {
      entries_.erase(found);
    }
    by_age_.erase(by_age_.begin());
  }
}

}  // namespace bodega::dynamodb
