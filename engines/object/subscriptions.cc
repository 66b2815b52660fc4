// Subscriptions to the changes of a bucket: who has its objects' changes recorded in the journal,
// and what is recorded of one.
#include <utility>

#include "engines/base/check.h"
#include "engines/base/mutex.h"
#include "engines/journal/source.h"
#include "engines/object/events.h"
#include "engines/object/inside.h"

namespace bodega::object {
namespace {

std::string incarnation_of(const Bucket& bucket) { return std::to_string(bucket.created_ms); }

// The names of those that are in one of the two only, or differ.
std::vector<std::string> differing(const Fields& some, const Fields& others) {
  std::vector<std::string> names;
  for (const auto& [name, value] : some) {
    const auto at = others.find(name);
    if (at == others.end() || at->second != value) names.push_back(name);
  }
  for (const auto& [name, value] : others) {
    if (!some.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace

// Finds for each bucket what was subscribed to it. Called by the constructor.
void Engine::Core::load_sources() {
  if (journal == nullptr) return;
  const base::Lock lock(bucket_writes);
  for (journal::Source& source : journal->sources(journal::SourceKind::kBucket)) {
    if (source.closed) continue;
    const auto bucket = find_bucket(source.name);
    if (bucket == nullptr || incarnation_of(*bucket) != source.incarnation) continue;
    auto changed = std::make_shared<Bucket>(*bucket);
    changed->source = std::make_shared<const journal::Source>(std::move(source));
    swap_bucket(changed->name, changed);
  }
}

void Engine::Core::close_source(kv::Batch& batch, const Bucket& bucket) const {
  if (bucket.source == nullptr) return;
  journal::Source source = *bucket.source;
  journal::close_source(source, journal->take());
  journal->put_source(batch, source);
}

void Engine::Core::record(Change& change, const Bucket& bucket, ObjectChange what,
                          std::string_view key, const format::VersionRecord& version,
                          const journal::Cause& cause, const Attributes* before) const {
  if (bucket.source == nullptr || !journal::is_recorded(*bucket.source)) return;
  ObjectEvent event;
  event.change = what;
  event.key = key;
  event.version_id = version.version_id();
  event.is_delete_marker = version.is_delete_marker;
  event.etag = version.attributes.etag;
  event.size_bytes = version.size_bytes;
  event.versioning = bucket.versioning;
  if (before != nullptr) {
    event.properties = differing(before->properties, version.attributes.properties);
  }
  change.events.push_back({bucket.source->id, cause, encode_event(event)});
}

Result<void> Engine::Core::resubscribe(std::string_view name,
                                       const std::function<void(journal::Source&)>& edit) {
  BODEGA_CHECK(journal != nullptr);
  const base::Lock lock(bucket_writes);
  const auto bucket = find_bucket(name);
  if (bucket == nullptr) return Refusal{Outcome::kNoSuchBucket};
  // All stripes: nothing of the bucket is being committed.
  const auto all = lock_all_stripes();
  journal::Source source;
  if (bucket->source != nullptr) {
    source = *bucket->source;
  } else {
    source.id = journal->take();
    source.kind = journal::SourceKind::kBucket;
    source.account = bucket->owner;
    source.region = bucket->region;
    source.name = bucket->name;
    source.incarnation = incarnation_of(*bucket);
  }
  edit(source);
  Change change;
  journal->put_source(change.batch, source);
  commit(change);
  auto changed = std::make_shared<Bucket>(*bucket);
  changed->source = std::make_shared<const journal::Source>(std::move(source));
  swap_bucket(changed->name, changed);
  return {};
}

Result<void> Engine::subscribe(std::string_view bucket, journal::Subscription subscription) {
  return core_->resubscribe(bucket, [&](journal::Source& source) {
    journal::begin_subscription(source, std::move(subscription), core_->journal->take());
  });
}

Result<void> Engine::unsubscribe(std::string_view bucket, std::string_view name) {
  return core_->resubscribe(bucket, [&](journal::Source& source) {
    journal::end_subscription(source, name, core_->journal->take());
  });
}

}  // namespace bodega::object
