// What clients asked for and Bodega does not have: each kind once in the log, all of them with
// their counts at GET /_bodega/missing. The reason why an application fails often stands here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/figure.h"
#include "engines/base/mutex.h"
#include "protocol/observe/observer.h"

namespace bodega::server {

class Missing final : public observe::Observer {
 public:
  // More kinds are counted together, without a line in the log for each: a client that makes up
  // names must fill neither memory nor log.
  static constexpr std::size_t kMaxKinds = 256;
  static constexpr std::size_t kMaxTextBytes = 256;

  struct Kind {
    std::string service;    // "s3"
    std::string operation;  // "PutBucketCors", "PutObject: the header x-amz-…"
    std::string message;    // what the client was told
    std::uint64_t count = 0;
    std::int64_t first_us = 0;
    std::int64_t last_us = 0;
  };

  // `clock` must outlive it. `where` is said in the log's lines: "; see /_bodega/missing", or
  // nothing where that cannot be asked.
  Missing(const base::Clock& clock, std::string where) : clock_(clock), where_(std::move(where)) {}

  // Costs a request that was answered one look at an empty string.
  void after(const observe::Exchange& exchange) override {
    if (!exchange.missing.empty()) count(exchange);
  }
  void after(const observe::Batch&) override {}

  // In the order of service and operation. Thread-safe, as what follows.
  std::vector<Kind> kinds() const;
  // The kinds as JSON: an array of objects.
  std::string json() const;
  // How often something was missing, and how many kinds there are of it.
  std::vector<base::Figure> figures() const;

 private:
  void count(const observe::Exchange& exchange);

  const base::Clock& clock_;
  const std::string where_;
  mutable base::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Kind> kinds_ GUARDED_BY(mutex_);
  Kind others_ GUARDED_BY(mutex_);
};

}  // namespace bodega::server
