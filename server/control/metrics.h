// What /_bodega/metrics tells. Each thread writes to a shard of its own, with plain relaxed stores
// and no lock; rendering the text reads all shards and adds them up. Names of services and
// operations are static text (the rows of the operation tables), so a shard finds a series by the
// address of its name.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/figure.h"
#include "engines/base/mutex.h"
#include "protocol/observe/observer.h"

namespace bodega::server {

enum class Result : std::uint8_t { kOk, kClientError, kServerError };

class Metrics {
 public:
  // Upper bounds of the latency histogram's buckets; one more catches the rest.
  static constexpr std::array<std::uint64_t, 17> kBucketsUs{
      50,     100,     250,     500,     1'000,     2'500,     5'000,     10'000,    25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

  // The counters of one listener on one thread. REQUIRES: one thread at a time writes to it.
  class Shard final : public observe::Observer {
   public:
    Shard(std::string_view listener, std::string endpoint);
    ~Shard() override;
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    void after(const observe::Exchange& exchange) override;
    void after(const observe::Batch& batch) override;

    // One request or command is done. REQUIRES: `service` and `operation` are static text.
    void record(std::string_view service, std::string_view operation, Result result,
                std::uint64_t elapsed_us);

    void add_received(std::uint64_t bytes) { add(received_bytes_, bytes); }
    void add_sent(std::uint64_t bytes) { add(sent_bytes_, bytes); }
    void connection_opened() { add(connections_opened_, 1); }
    void connection_closed() { add(connections_closed_, 1); }
    // Of the connections: those whose TLS handshake is done, and those that TLS failed on.
    void tls_begun() { add(tls_begun_, 1); }
    void tls_failed() { add(tls_failed_, 1); }

   private:
    friend class Metrics;
    struct Series;

    // More than all operations and commands of all services, so the table never fills in practice;
    // what does not fit any more is counted under "other".
    static constexpr std::size_t kSlots = 1024;

    // A single writer needs no read-modify-write instruction.
    static void add(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
      counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    Series& series(std::string_view service, std::string_view operation);

    const std::string_view listener_;
    const std::string endpoint_;
    std::unique_ptr<std::array<std::atomic<Series*>, kSlots>> slots_;
    std::size_t used_slots_ = 0;
    std::atomic<std::uint64_t> received_bytes_{0};
    std::atomic<std::uint64_t> sent_bytes_{0};
    std::atomic<std::uint64_t> connections_opened_{0};
    std::atomic<std::uint64_t> connections_closed_{0};
    std::atomic<std::uint64_t> tls_begun_{0};
    std::atomic<std::uint64_t> tls_failed_{0};
  };

  // A new shard for one thread of a listener ("http", "redis"; static text). What it counts carries
  // the label endpoint="…", unless that is empty. It lives as long as the Metrics. Thread-safe.
  Shard& make_shard(std::string_view listener, std::string endpoint = {});

  // Adds figures that are read when the text is asked for, such as a store's. `labels` is written
  // between the braces, e.g. `database="shared"`; each figure becomes the gauge `prefix_name`.
  // `read` is called from any thread and must stay valid as long as the Metrics. Thread-safe.
  void add_figures(std::string prefix, std::string labels,
                   std::function<std::vector<base::Figure>()> read);

  // Everything in the Prometheus text format, version 0.0.4. Thread-safe.
  std::string render() const;

 private:
  struct Figures {
    std::string prefix;
    std::string labels;
    std::function<std::vector<base::Figure>()> read;
  };

  void render_series(std::string& out) const REQUIRES_LOCK(mutex_);
  void render_listeners(std::string& out) const REQUIRES_LOCK(mutex_);
  void render_figures(std::string& out) const REQUIRES_LOCK(mutex_);

  mutable base::Mutex mutex_;
  std::vector<std::unique_ptr<Shard>> shards_ GUARDED_BY(mutex_);  // the list, not the counters
  std::vector<Figures> figures_ GUARDED_BY(mutex_);
};

}  // namespace bodega::server
