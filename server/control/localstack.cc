#include "server/control/localstack.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engines/base/random.h"
#include "engines/base/text.h"
#include "protocol/http/dates.h"
#include "protocol/json/json.h"
#include "server/control/service.h"

namespace bodega::server {
namespace {

constexpr int kNotImplemented = 501;

struct Stage {
  std::string_view name;
  bool InitState::*completed;
};

constexpr std::array kStages{
    Stage{"BOOT", &InitState::booted},
    Stage{"START", &InitState::started},
    Stage{"READY", &InitState::is_ready},
    Stage{"SHUTDOWN", &InitState::shut_down},
};

// Docker and Podman leave these files in every container.
bool is_in_container() {
  std::error_code ignored;
  return std::filesystem::exists("/.dockerenv", ignored) ||
         std::filesystem::exists("/run/.containerenv", ignored);
}

// Of one stage, or of all when `stage` is empty.
void write_scripts(std::string& out, const InitState& state, std::string_view stage) {
  json::Array array(out);
  for (const InitState::Script& script : state.scripts) {
    if (!stage.empty() && script.stage != stage) continue;
    json::Object object(array.next());
    object.string("stage", script.stage);
    object.string("name", script.name);
    object.string("state", script.state);
  }
}

// LocalStack can be told to restart or to end; here that is the business of who started the
// process.
http::Begun refuse_action(const http::RequestHead&) {
  http::Reply reply = control_reply(
      kNotImplemented, "application/json",
      "{\"error\": \"Bodega is not restarted or ended over HTTP; end its process\"}\n", "Health");
  reply.error_code = "NotImplemented";
  return reply;
}

}  // namespace

LocalStackPages::LocalStackPages(std::vector<std::string> services, const base::Clock& clock,
                                 std::function<InitState()> init)
    : services_(std::move(services)),
      clock_(clock),
      init_(std::move(init)),
      started_us_(clock.now_us()),
      session_id_(base::random_uuid()) {}

void LocalStackPages::add_to(ControlService& control) const {
  control.add("/_localstack/health", refuse_action);
  control.add_page("/_localstack/info", "Info", [this] { return info(); });
  control.add_page("/_localstack/diagnose", "Diagnose", [this] { return diagnose(); });
  control.add_page("/_localstack/init", "Init", [this] { return init(); });
  for (const Stage& stage : kStages) {
    control.add_page("/_localstack/init/" + base::to_lower(stage.name), "Init",
                     [this, name = stage.name] { return init_of(name); });
  }
}

std::string LocalStackPages::info() const {
  constexpr std::size_t kSecondsLength = std::string_view("2026-01-02T03:04:05").size();
  std::string out;
  json::Object object(out);
  object.string("version", BODEGA_VERSION);
  object.string("edition", "community");
  object.boolean("is_license_activated", false);
  object.string("session_id", session_id_);
  object.string("system", "linux");
  object.boolean("is_docker", is_in_container());
  object.string("server_time_utc", http::iso_date(clock_.now_s()).substr(0, kSecondsLength));
  object.integer("uptime", (clock_.now_us() - started_us_) / 1'000'000);
  object.close();
  return out;
}

std::string LocalStackPages::init() const {
  const InitState state = init_();
  std::string out;
  json::Object object(out);
  {
    json::Object completed(object.name("completed"));
    for (const Stage& stage : kStages) completed.boolean(stage.name, state.*stage.completed);
  }
  write_scripts(object.name("scripts"), state, {});
  object.close();
  return out;
}

std::string LocalStackPages::init_of(std::string_view stage) const {
  const InitState state = init_();
  std::string out;
  json::Object object(out);
  for (const Stage& row : kStages) {
    if (row.name == stage) object.boolean("completed", state.*row.completed);
  }
  write_scripts(object.name("scripts"), state, stage);
  object.close();
  return out;
}

std::string LocalStackPages::diagnose() const {
  std::string out;
  json::Object object(out);
  json::Object(object.name("version")).string("bodega", BODEGA_VERSION);
  object.name("info") += info();
  {
    json::Object services(object.name("services"));
    for (const std::string& service : services_) services.string(service, "running");
  }
  object.name("init") += init();
  object.close();
  return out;
}

}  // namespace bodega::server
