#include "server/control/inventory.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "protocol/http/dates.h"
#include "protocol/json/json.h"

namespace bodega::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kFresh{1};
// Counting takes at most one part in so many of a thread's time, however often it is asked for.
constexpr int kRestFactor = 20;

std::int64_t integer(std::size_t value) { return static_cast<std::int64_t>(value); }

struct Sum {
  std::uint64_t objects = 0;
  std::uint64_t size_bytes = 0;
  bool is_whole = true;
};

// The current objects of a bucket, at most `most` of them.
Sum count_objects(const object::Engine& engine, const std::string& bucket, std::uint64_t most) {
  Sum sum;
  object::ObjectQuery query;
  query.bucket = bucket;
  while (sum.objects < most) {
    const auto page = engine.list_objects(query);
    if (!page) return sum;  // it was deleted meanwhile
    for (const object::ListedObject& object : page->objects) sum.size_bytes += object.size_bytes;
    sum.objects += page->objects.size();
    if (!page->truncated) return sum;
    query.from = page->next;
  }
  sum.is_whole = false;
  return sum;
}

void write_buckets(json::Object& out, const object::Engine& engine) {
  json::Object s3(out.name("s3"));
  object::BucketQuery query;
  query.max = Inventory::kMaxBuckets;
  const object::BucketPage page = engine.list_buckets(query);
  Sum all;
  {
    json::Array array(s3.name("buckets"));
    for (const object::Bucket& bucket : page.buckets) {
      const Sum sum = count_objects(engine, bucket.name, Inventory::kMaxObjects - all.objects);
      all.objects += sum.objects;
      all.size_bytes += sum.size_bytes;
      all.is_whole = all.is_whole && sum.is_whole;
      json::Object object(array.next());
      object.string("name", bucket.name);
      object.string("created", http::iso_date(bucket.created_ms / 1000));
      object.integer("objects", integer(sum.objects));
      object.integer("bytes", integer(sum.size_bytes));
      object.boolean("at_least", !sum.is_whole);
    }
  }
  s3.integer("objects", integer(all.objects));
  s3.integer("bytes", integer(all.size_bytes));
  s3.boolean("at_least", !all.is_whole || page.truncated);
}

void write_tables(json::Object& out, const table::Engine& engine) {
  json::Object dynamodb(out.name("dynamodb"));
  table::Counts all;
  {
    json::Array array(dynamodb.name("tables"));
    for (const table::OpenTable& table : engine.open_tables(Inventory::kMaxTables)) {
      const auto described = engine.describe_table(table);
      if (!described) continue;  // it was deleted meanwhile
      const table::TableName& name = described->table.name;
      all.items += described->counts.items;
      all.size_bytes += described->counts.size_bytes;
      json::Object object(array.next());
      object.string("name", name.name);
      object.string("account", name.account);
      object.string("region", name.region);
      object.string("created", http::iso_date(described->table.created_us / 1'000'000));
      object.integer("items", described->counts.items);
      object.integer("bytes", described->counts.size_bytes);
      object.integer("indexes", integer(described->indexes.size()));
    }
  }
  dynamodb.integer("items", all.items);
  dynamodb.integer("bytes", all.size_bytes);
  dynamodb.boolean("at_least", engine.table_count() > Inventory::kMaxTables);
}

void write_keys(json::Object& out, const vault::Engine& engine) {
  const std::size_t keys = engine.count_keys(Inventory::kMaxKeys);
  json::Object kms(out.name("kms"));
  kms.integer("keys", integer(keys));
  kms.boolean("at_least", keys == Inventory::kMaxKeys);
}

std::string count(world::World& world) {
  std::string out;
  json::Object object(out);
  write_buckets(object, world.objects());
  write_tables(object, world.tables());
  write_keys(object, world.vault());
  object.close();
  return out;
}

std::string count_or_fault(world::World& world) {
  try {
    return count(world);
  } catch (const std::exception& fault) {
    log::error(std::string("what is stored could not be counted: ") + fault.what());
    return R"({"fault":"What is stored could not be counted; the log says why."})";
  }
}

}  // namespace

// What the requests and the task share. The task may outlive the inventory.
class Inventory::State : public std::enable_shared_from_this<Inventory::State> {
 public:
  State(world::Worlds& worlds, base::Executor& executor) : worlds_(worlds), executor_(executor) {}

  void refresh(std::function<void()> ready) {
    if (is_fresh()) return ready();
    {
      const base::Lock lock(mutex_);
      waiting_.push_back(std::move(ready));
      if (std::exchange(running_, true)) return;
    }
    try {
      executor_.post([self = shared_from_this()] { self->run(); });
    } catch (...) {
      finish(std::nullopt, {});
      throw;
    }
  }

  std::string json() const {
    const base::Lock lock(mutex_);
    return json_;
  }

 private:
  bool is_fresh() const {
    const base::Lock lock(mutex_);
    return !running_ && SteadyClock::now() < fresh_until_;
  }

  void run() {
    const auto begun = SteadyClock::now();
    std::string counted = count_or_fault(*worlds_.main());
    const auto took = SteadyClock::now() - begun;
    finish(std::move(counted),
           SteadyClock::now() + std::max<SteadyClock::duration>(kFresh, took * kRestFactor));
  }

  void finish(std::optional<std::string> counted, SteadyClock::time_point fresh_until) {
    std::vector<std::function<void()>> waiting;
    {
      const base::Lock lock(mutex_);
      running_ = false;
      fresh_until_ = fresh_until;
      if (counted) json_ = *std::move(counted);
      waiting.swap(waiting_);
    }
    for (const auto& ready : waiting) ready();
  }

  world::Worlds& worlds_;
  base::Executor& executor_;
  mutable base::Mutex mutex_;
  bool running_ GUARDED_BY(mutex_) = false;
  SteadyClock::time_point fresh_until_ GUARDED_BY(mutex_){};
  std::string json_ GUARDED_BY(mutex_);
  std::vector<std::function<void()>> waiting_ GUARDED_BY(mutex_);
};

Inventory::Inventory(world::Worlds& worlds, base::Executor& executor)
    : state_(std::make_shared<State>(worlds, executor)) {}
Inventory::~Inventory() = default;

void Inventory::refresh(std::function<void()> ready) { state_->refresh(std::move(ready)); }
std::string Inventory::json() const { return state_->json(); }

}  // namespace bodega::server
