// ClientRequestToken: a transaction sent again with the same token within ten minutes succeeds
// without being applied again. Each world has its own (base::ServiceState), and forgets them by its
// own clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engines/base/job.h"
#include "engines/base/mutex.h"

namespace bodega::dynamodb {

inline constexpr std::int64_t kTokenLifetimeUs = 10LL * 60 * 1'000'000;
// Older tokens go first when there are more.
inline constexpr std::size_t kMaxTokens = 100'000;

// Thread-safe.
class Idempotency : public base::Job {
 public:
  enum class Verdict : std::uint8_t {
    kFirst,       // not seen; it is now in progress
    kRepeated,    // done before with the same request
    kMismatch,    // seen with another request
    kInProgress,  // another request with it has not ended yet
  };

  // `scope` is whose token it is (account and region), `digest` stands for the request.
  Verdict begin(const std::string& scope, const std::string& token, const std::string& digest,
                std::int64_t now_us);
  // Ends what begin() called kFirst. A request that failed may be sent again.
  enum class End : std::uint8_t { kDone, kFailed };
  void end(const std::string& scope, const std::string& token, End how);

  // Forgets what has ended, of the scopes that begin with `start`: what it was done to is gone.
  void forget(std::string_view start);

  // As a job it forgets what is past its time.
  std::optional<std::int64_t> next_due_us(std::int64_t now_us) override;
  void run(std::int64_t now_us, std::size_t budget) override;

  std::size_t size() const;

 private:
  struct Entry {
    std::string digest;
    std::int64_t since_us;
    bool done;
  };

  // At most so many.
  void forget_old(std::int64_t now_us, std::size_t budget) REQUIRES_LOCK(mutex_);

  mutable base::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Entry> entries_ GUARDED_BY(mutex_);
  std::multimap<std::int64_t, std::pair<std::string, std::string>> by_age_ GUARDED_BY(mutex_);
};

}  // namespace bodega::dynamodb
