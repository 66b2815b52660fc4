#include "server/control/verify_service.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "server/control/service.h"

namespace bodega::server {
namespace {

// So many damages are listed and logged; all are counted.
constexpr std::size_t kMaxListed = 1000;

// Shorter than what a connection waits for a service (HttpLimits::sink).
constexpr std::chrono::minutes kLongestWait{4};

using Time = std::chrono::steady_clock::time_point;

http::Reply json_reply(int status, std::string body) {
  return control_reply(status, "application/json", std::move(body), "Verify");
}

// A key may hold any bytes; what is no UTF-8 is replaced.
std::string dump(const nlohmann::json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string status(const char* word) {
  nlohmann::json json;
  json["status"] = word;
  return dump(json);
}

nlohmann::json to_json(const object::Damage& damage) {
  nlohmann::json json;
  json["what"] = damage.what;
  if (!damage.bucket.empty()) {
    json["bucket"] = damage.bucket;
    json["key"] = damage.key;
  }
  if (!damage.version_id.empty()) json["version"] = damage.version_id;
  if (damage.part_number != 0) json["part"] = damage.part_number;
  return json;
}

std::string report_of(const world::VerifyReport& report, const nlohmann::json& listed) {
  nlohmann::json json;
  json["status"] = report.damages > 0 ? "damaged" : report.finished ? "ok" : "stopped";
  json["objects"] = report.objects.objects;
  json["parts"] = report.objects.parts;
  json["bytes"] = report.objects.size_bytes;
  json["items"] = report.items;
  json["keys"] = report.keys;
  json["records"] = report.records;
  json["unnamed_blobs"] = report.objects.unnamed_blobs;
  json["damages"] = report.damages;
  json["damaged"] = listed;
  return dump(json);
}

}  // namespace

// What the requests and the run share. The run may outlive the service.
class VerifyService::State : public std::enable_shared_from_this<VerifyService::State> {
 public:
  State(const world::Worlds& worlds, base::Executor& executor)
      : worlds_(worlds), executor_(executor) {}

  // Starts a run unless one is at work.
  void start() {
    {
      const base::Lock lock(mutex_);
      if (std::exchange(running_, true)) return;
    }
    try {
      executor_.post([self = shared_from_this()] { self->run(); });
    } catch (...) {
      {
        const base::Lock lock(mutex_);
        running_ = false;
      }
      call_back(Time::max());  // those who came meanwhile wait for this run
      throw;
    }
  }

  // Calls `ready` once, when the run has ended or has taken long.
  void when_ready(std::function<void()> ready) {
    {
      const base::Lock lock(mutex_);
      if (running_) {
        waiting_.push_back({std::chrono::steady_clock::now(), std::move(ready)});
        return;
      }
    }
    ready();
  }

  http::Reply answer() {
    const base::Lock lock(mutex_);
    if (running_) return json_reply(202, status("running"));
    if (last_.empty()) return json_reply(200, status("never run"));
    return json_reply(200, last_);
  }

  void stop() { stopping_ = true; }

 private:
  struct Waiting {
    Time since;
    std::function<void()> ready;
  };

  void run() {
    nlohmann::json listed = nlohmann::json::array();
    world::VerifyRequest request;
    request.damaged = [&listed](object::Damage&& damage) {
      if (listed.size() == kMaxListed) return;
      log::error("damaged: " + world::line_of(damage));
      listed.push_back(to_json(damage));
    };
    request.go_on = [this] { return go_on(); };
    std::string report;
    try {
      report = report_of(worlds_.verify(request), listed);
    } catch (const std::exception& fault) {
      log::error(std::string("the verification could not be finished: ") + fault.what());
      nlohmann::json failed;
      failed["status"] = "failed";
      failed["what"] = fault.what();
      report = dump(failed);
    }
    {
      const base::Lock lock(mutex_);
      running_ = false;
      last_ = std::move(report);
    }
    call_back(Time::max());
  }

  bool go_on() {
    const Time now = std::chrono::steady_clock::now();
    if (now > next_look_) {
      next_look_ = now + std::chrono::seconds(1);
      call_back(now - kLongestWait);
    }
    return !stopping_;
  }

  // Calls those back who have waited since then or longer.
  void call_back(Time since) {
    std::vector<std::function<void()>> due;
    {
      const base::Lock lock(mutex_);
      for (Waiting& one : waiting_) {
        if (one.since <= since) due.push_back(std::exchange(one.ready, nullptr));
      }
      std::erase_if(waiting_, [](const Waiting& one) { return one.ready == nullptr; });
    }
    for (const auto& ready : due) ready();
  }

  const world::Worlds& worlds_;
  base::Executor& executor_;
  std::atomic<bool> stopping_ = false;
  Time next_look_{};  // the run's own
  base::Mutex mutex_;
  bool running_ GUARDED_BY(mutex_) = false;
  std::string last_ GUARDED_BY(mutex_);  // the report of the last run
  std::vector<Waiting> waiting_ GUARDED_BY(mutex_);
};

namespace {

// Waits for the run; what comes as a body means nothing.
template <class State>
class VerifySink final : public http::BodySink {
 public:
  explicit VerifySink(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Flow write(std::string_view) override { return Flow::kMore; }
  Flow end() override {
    state_->start();
    return Flow::kWait;
  }
  void resume(std::function<void()> ready) override { state_->when_ready(std::move(ready)); }
  http::Reply finish(const http::Headers&) override { return state_->answer(); }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace

VerifyService::VerifyService(const world::Worlds& worlds, base::Executor& executor)
    : state_(std::make_shared<State>(worlds, executor)) {}
VerifyService::~VerifyService() = default;

http::Begun VerifyService::begin(const http::RequestHead& head) {
  if (head.method == "POST") return std::make_unique<VerifySink<State>>(state_);
  if (head.method == "GET" || head.method == "HEAD") return state_->answer();
  http::Reply refused = json_reply(405, status("only GET, HEAD and POST"));
  refused.headers.add("Allow", "GET, HEAD, POST");
  return refused;
}

void VerifyService::stop() { state_->stop(); }

}  // namespace bodega::server
