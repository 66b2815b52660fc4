// The metrics registry and the thread pool.
#include "server/control/metrics.h"

#include <atomic>
#include <future>
#include <thread>

#include "engines/base/figure.h"
#include "server/jobs/thread_pool.h"
#include "tests/catch.h"

using namespace bodega;
using namespace bodega::server;

namespace {

bool has(const std::string& text, std::string_view line) {
  return text.find("\n" + std::string(line) + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("Metrics: shards of several threads are added up") {
  Metrics metrics;
  Metrics::Shard& first = metrics.make_shard("http");
  Metrics::Shard& second = metrics.make_shard("http");
  Metrics::Shard& redis = metrics.make_shard("redis");
  std::thread one([&] {
    for (int i = 0; i < 1000; ++i) first.record("s3", "PutObject", Result::kOk, 40);
    first.connection_opened();
  });
  std::thread two([&] {
    for (int i = 0; i < 500; ++i) second.record("s3", "PutObject", Result::kClientError, 2'000);
    second.record("s3", "GetObject", Result::kServerError, 60'000'000);
    second.connection_opened();
    second.connection_closed();
    second.add_sent(17);
  });
  redis.after(observe::Batch{"redis", "GET", 10, 2, 1000});
  metrics.render();  // at the same time, for the thread sanitizer
  one.join();
  two.join();
  const std::string text = metrics.render();
  const std::string put = "{service=\"s3\",operation=\"PutObject\"";
  CHECK(has(text, "bodega_requests_total" + put + "} 1500"));
  CHECK(has(text, "bodega_errors_total" + put + ",side=\"client\"} 500"));
  CHECK(has(text, "bodega_request_duration_seconds_bucket" + put + ",le=\"5e-05\"} 1000"));
  CHECK(has(text, "bodega_request_duration_seconds_bucket" + put + ",le=\"0.001\"} 1000"));
  CHECK(has(text, "bodega_request_duration_seconds_bucket" + put + ",le=\"0.0025\"} 1500"));
  CHECK(has(text, "bodega_request_duration_seconds_bucket" + put + ",le=\"+Inf\"} 1500"));
  CHECK(has(text, "bodega_request_duration_seconds_sum" + put + "} 1.04"));
  const std::string get = "{service=\"s3\",operation=\"GetObject\"";
  CHECK(has(text, "bodega_request_duration_seconds_bucket" + get + ",le=\"10\"} 0"));
  CHECK(has(text, "bodega_errors_total" + get + ",side=\"server\"} 1"));
  CHECK(has(text, "bodega_requests_total{service=\"redis\",operation=\"GET\"} 10"));
  CHECK(has(text, "bodega_open_connections{listener=\"http\"} 1"));
  CHECK(has(text, "bodega_sent_bytes_total{listener=\"http\"} 17"));
  CHECK(text.find("process_resident_memory_bytes ") != std::string::npos);
}

TEST_CASE("Metrics: more operations than a shard holds are counted together") {
  Metrics metrics;
  Metrics::Shard& shard = metrics.make_shard("http");
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i) names.push_back("operation_" + std::to_string(i));
  for (const std::string& name : names) shard.record("s3", name, Result::kOk, 1);
  std::uint64_t sum = 0;
  const std::string text = metrics.render();
  for (std::size_t at = 0; (at = text.find("\nbodega_requests_total{", at)) != std::string::npos;) {
    at = text.find("} ", at) + 2;
    sum += std::stoull(text.substr(at));
  }
  CHECK(sum == 2000);
  CHECK(text.find("operation=\"other\"") != std::string::npos);
}

TEST_CASE("Metrics: figures of stores stand under their names") {
  Metrics metrics;
  for (const std::string label : {"database=\"a\"", "database=\"b\""}) {
    metrics.add_figures("bodega_rocksdb", label, [] {
      return std::vector<base::Figure>{{"memtable_bytes", 12.5}};
    });
  }
  CHECK(has(metrics.render(),
            "# TYPE bodega_rocksdb_memtable_bytes gauge\n"
            "bodega_rocksdb_memtable_bytes{database=\"a\"} 12.5\n"
            "bodega_rocksdb_memtable_bytes{database=\"b\"} 12.5"));
}

TEST_CASE("Thread pool: runs everything, also what was posted last") {
  std::atomic<int> done{0};
  std::promise<void> both;
  {
    ThreadPool pool(3);
    for (int i = 0; i < 200; ++i) pool.post([&done] { ++done; });
    // Two tasks that need each other run at the same time.
    pool.post([&both] { both.get_future().wait(); });
    pool.post([&both] { both.set_value(); });
  }
  CHECK(done == 200);
}
