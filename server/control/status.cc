#include "server/control/status.h"

#include <utility>

#include "protocol/http/dates.h"
#include "protocol/json/json.h"
#include "server/control/inventory.h"
#include "server/control/key_counts.h"
#include "server/control/missing.h"
#include "server/control/recent.h"
#include "server/control/service.h"

namespace bodega::server {
namespace {

constexpr std::string_view kOperation = "Status";

void write_list(std::string& out, const std::vector<std::string>& texts) {
  json::Array array(out);
  for (const std::string& text : texts) json::write_string(array.next(), text);
}

}  // namespace

// Waits until what is stored has been counted; a body means nothing.
class StatusService::Sink final : public http::BodySink {
 public:
  explicit Sink(const StatusService& service) : service_(service) {}

  Flow write(std::string_view) override { return Flow::kMore; }
  Flow end() override { return Flow::kWait; }
  void resume(std::function<void()> ready) override {
    service_.parts_.inventory.refresh(std::move(ready));
  }
  http::Reply finish(const http::Headers&) override {
    return control_reply(200, "application/json", service_.json(), kOperation);
  }

 private:
  const StatusService& service_;
};

StatusService::StatusService(const Parts& parts, std::function<Facts()> facts)
    : parts_(parts), facts_(std::move(facts)), started_us_(parts.clock.now_us()) {}

http::Begun StatusService::begin(const http::RequestHead& head) const {
  if (is_read(head)) return std::make_unique<Sink>(*this);
  return only_reads(kOperation);
}

std::string StatusService::json() const {
  const Facts facts = facts_();
  std::string out;
  json::Object object(out);
  object.string("version", BODEGA_VERSION);
  object.string("started", http::iso_time(started_us_));
  object.integer("uptime_seconds", (parts_.clock.now_us() - started_us_) / 1'000'000);
  write_list(object.name("addresses"), facts.addresses);
  write_list(object.name("services"), facts.services);
  object.string("data", facts.data);
  object.string("durability", facts.durability);
  object.string("auth", facts.auth);
  object.name("stored") += parts_.inventory.json();
  object.name("redis") += parts_.keys.json();
  object.name("requests") += parts_.recent.json();
  object.name("missing") += parts_.missing.json();
  object.close();
  return out += '\n';
}

}  // namespace bodega::server
