#include "server/control/metrics.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <tuple>
#include <utility>

#include "engines/base/figure.h"
#include "engines/base/mutex.h"
#include "server/control/process_figures.h"

namespace bodega::server {
namespace {

std::string number(double value) {
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.15g", value);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string seconds(std::uint64_t us) { return number(static_cast<double>(us) / 1e6); }

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  out.append(name).append(" ").append(type).append("\n");
}

std::string endpoint_label(std::string_view endpoint) {
  return endpoint.empty() ? std::string() : ",endpoint=\"" + std::string(endpoint) + "\"";
}

void sample(std::string& out, std::string_view name, std::string_view labels,
            std::string_view value) {
  out.append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

}  // namespace

struct Metrics::Shard::Series {
  std::string_view service;
  std::string_view operation;
  std::atomic<std::uint64_t> count{0};
  std::atomic<std::uint64_t> client_errors{0};
  std::atomic<std::uint64_t> server_errors{0};
  std::atomic<std::uint64_t> total_us{0};
  std::array<std::atomic<std::uint64_t>, kBucketsUs.size() + 1> buckets{};
};

Metrics::Shard::Shard(std::string_view listener, std::string endpoint)
    : listener_(listener),
      endpoint_(std::move(endpoint)),
      slots_(std::make_unique<std::array<std::atomic<Series*>, kSlots>>()) {}

Metrics::Shard::~Shard() {
  for (auto& slot : *slots_) delete slot.load(std::memory_order_relaxed);
}

// Open addressing on the addresses of the names. Only the owning thread inserts; a reader sees a
// series once the release store below has published it.
Metrics::Shard::Series& Metrics::Shard::series(std::string_view service,
                                               std::string_view operation) {
  const auto address = reinterpret_cast<std::uintptr_t>(operation.data());
  const auto salt = reinterpret_cast<std::uintptr_t>(service.data());
  const auto mixed = ((address >> 2) ^ salt) * 0x9E3779B97F4A7C15U;
  std::size_t index = (mixed >> 20) % kSlots;
  for (;; index = (index + 1) % kSlots) {
    auto& slot = (*slots_)[index];
    Series* found = slot.load(std::memory_order_relaxed);
    if (found == nullptr) {
      // Three quarters full: from here on everything new shares one series.
      if (used_slots_ >= kSlots * 3 / 4 && operation != "other") return series(service, "other");
      auto fresh = std::make_unique<Series>();
      fresh->service = service;
      fresh->operation = operation;
      found = fresh.release();
      ++used_slots_;
      slot.store(found, std::memory_order_release);
      return *found;
    }
    if (found->operation.data() == operation.data() && found->service.data() == service.data() &&
        found->operation.size() == operation.size()) {
      return *found;
    }
  }
}

void Metrics::Shard::record(std::string_view service, std::string_view operation, Result result,
                            std::uint64_t elapsed_us) {
  Series& s = series(service, operation);
  add(s.count, 1);
  add(s.total_us, elapsed_us);
  if (result == Result::kClientError) add(s.client_errors, 1);
  if (result == Result::kServerError) add(s.server_errors, 1);
  const auto bound = std::lower_bound(kBucketsUs.begin(), kBucketsUs.end(), elapsed_us);
  add(s.buckets[static_cast<std::size_t>(bound - kBucketsUs.begin())], 1);
}

void Metrics::Shard::after(const observe::Exchange& exchange) {
  const bool failed = exchange.status >= 500 || exchange.end == observe::Exchange::End::kBrokeOff;
  record(exchange.service, exchange.operation,
         failed                   ? Result::kServerError
         : exchange.status >= 400 ? Result::kClientError
                                  : Result::kOk,
         exchange.elapsed_us);
}

// Each of a batch counts as the average.
void Metrics::Shard::after(const observe::Batch& batch) {
  if (batch.count == 0) return;
  Series& s = series(batch.service, batch.operation);
  add(s.count, batch.count);
  add(s.total_us, batch.total_us);
  add(s.client_errors, batch.errors);
  const auto bound =
      std::lower_bound(kBucketsUs.begin(), kBucketsUs.end(), batch.total_us / batch.count);
  add(s.buckets[static_cast<std::size_t>(bound - kBucketsUs.begin())], batch.count);
}

Metrics::Shard& Metrics::make_shard(std::string_view listener, std::string endpoint) {
  const base::Lock lock(mutex_);
  return *shards_.emplace_back(std::make_unique<Shard>(listener, std::move(endpoint)));
}

void Metrics::add_figures(std::string prefix, std::string labels,
                          std::function<std::vector<base::Figure>()> read) {
  const base::Lock lock(mutex_);
  figures_.push_back({std::move(prefix), std::move(labels), std::move(read)});
}

std::string Metrics::render() const {
  std::string out;
  const base::Lock lock(mutex_);
  render_series(out);
  render_listeners(out);
  render_figures(out);
  return out;
}

void Metrics::render_series(std::string& out) const {
  struct Sum {
    std::uint64_t count = 0;
    std::uint64_t client_errors = 0;
    std::uint64_t server_errors = 0;
    std::uint64_t total_us = 0;
    std::array<std::uint64_t, kBucketsUs.size() + 1> buckets{};
  };
  // By text, because one name may have several addresses.
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, Sum> sums;
  for (const auto& shard : shards_) {
    for (const auto& slot : *shard->slots_) {
      const Shard::Series* series = slot.load(std::memory_order_acquire);
      if (series == nullptr) continue;
      Sum& sum = sums[{series->service, series->operation, shard->endpoint_}];
      sum.client_errors += series->client_errors.load(std::memory_order_relaxed);
      sum.server_errors += series->server_errors.load(std::memory_order_relaxed);
      sum.total_us += series->total_us.load(std::memory_order_relaxed);
      for (std::size_t i = 0; i < sum.buckets.size(); ++i) {
        const std::uint64_t count = series->buckets[i].load(std::memory_order_relaxed);
        sum.buckets[i] += count;
        sum.count += count;  // from the buckets, so that a histogram agrees with itself
      }
    }
  }
  const auto labels_of = [](const auto& name) {
    const auto& [service, operation, endpoint] = name;
    return "service=\"" + std::string(service) + "\",operation=\"" + std::string(operation) + "\"" +
           endpoint_label(endpoint);
  };
  head(out, "bodega_requests_total", "counter", "Requests and commands answered.");
  for (const auto& [name, sum] : sums) {
    sample(out, "bodega_requests_total", labels_of(name), std::to_string(sum.count));
  }
  head(out, "bodega_errors_total", "counter", "Requests and commands answered with an error.");
  for (const auto& [name, sum] : sums) {
    sample(out, "bodega_errors_total", labels_of(name) + ",side=\"client\"",
           std::to_string(sum.client_errors));
    sample(out, "bodega_errors_total", labels_of(name) + ",side=\"server\"",
           std::to_string(sum.server_errors));
  }
  head(out, "bodega_request_duration_seconds", "histogram",
       "From the end of the request's head to the end of the reply.");
  for (const auto& [name, sum] : sums) {
    const std::string labels = labels_of(name);
    std::uint64_t running = 0;
    for (std::size_t i = 0; i < sum.buckets.size(); ++i) {
      running += sum.buckets[i];
      const std::string bound = i < kBucketsUs.size() ? seconds(kBucketsUs[i]) : "+Inf";
      sample(out, "bodega_request_duration_seconds_bucket", labels + ",le=\"" + bound + "\"",
             std::to_string(running));
    }
    sample(out, "bodega_request_duration_seconds_sum", labels, seconds(sum.total_us));
    sample(out, "bodega_request_duration_seconds_count", labels, std::to_string(running));
  }
}

void Metrics::render_listeners(std::string& out) const {
  struct Sum {
    std::uint64_t received = 0, sent = 0, opened = 0, closed = 0, tls_begun = 0, tls_failed = 0;
  };
  std::map<std::pair<std::string_view, std::string_view>, Sum> sums;
  for (const auto& shard : shards_) {
    Sum& sum = sums[{shard->listener_, shard->endpoint_}];
    sum.received += shard->received_bytes_.load(std::memory_order_relaxed);
    sum.sent += shard->sent_bytes_.load(std::memory_order_relaxed);
    sum.closed += shard->connections_closed_.load(std::memory_order_relaxed);
    sum.opened += shard->connections_opened_.load(std::memory_order_relaxed);
    sum.tls_begun += shard->tls_begun_.load(std::memory_order_relaxed);
    sum.tls_failed += shard->tls_failed_.load(std::memory_order_relaxed);
  }
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                        auto value) {
    head(out, name, type, help);
    for (const auto& [of, sum] : sums) {
      sample(out, name, "listener=\"" + std::string(of.first) + "\"" + endpoint_label(of.second),
             std::to_string(value(sum)));
    }
  };
  each("bodega_received_bytes_total", "counter", "Bytes read from clients.",
       [](const Sum& sum) { return sum.received; });
  each("bodega_sent_bytes_total", "counter", "Bytes written to clients.",
       [](const Sum& sum) { return sum.sent; });
  each("bodega_connections_total", "counter", "Connections accepted.",
       [](const Sum& sum) { return sum.opened; });
  each("bodega_tls_connections_total", "counter", "Connections whose TLS handshake was done.",
       [](const Sum& sum) { return sum.tls_begun; });
  each("bodega_tls_failures_total", "counter", "Connections that ended because TLS failed.",
       [](const Sum& sum) { return sum.tls_failed; });
  each("bodega_open_connections", "gauge", "Connections open now.",
       [](const Sum& sum) { return sum.opened - std::min(sum.opened, sum.closed); });
}

void Metrics::render_figures(std::string& out) const {
  head(out, "bodega_info", "gauge", "Always 1; the label tells the version.");
  sample(out, "bodega_info", "version=\"" BODEGA_VERSION "\"", "1");
  for (const base::Figure& figure : process_figures()) {
    sample(out, "process_" + figure.name, {}, number(figure.value));
  }
  // A metric's samples must stand together under its one TYPE line.
  std::map<std::string, std::string> samples;
  for (const Figures& figures : figures_) {
    for (const base::Figure& figure : figures.read()) {
      const std::string name = figures.prefix + "_" + figure.name;
      sample(samples[name], name, figures.labels, number(figure.value));
    }
  }
  for (const auto& [name, lines] : samples) {
    out.append("# TYPE ").append(name).append(" gauge\n").append(lines);
  }
}

}  // namespace bodega::server
