#include "server/control/missing.h"

#include "engines/base/log.h"
#include "protocol/http/dates.h"
#include "protocol/json/json.h"

namespace bodega::server {

namespace {

// What clients try at the start of a connection and go on without: listed, and not worth a line.
constexpr std::string_view kProbe = "CLIENT MAINT_NOTIFICATIONS";

}  // namespace

void Missing::count(const observe::Exchange& exchange) {
  const std::int64_t now_us = clock_.now_us();
  std::string line;
  {
    const base::Lock lock(mutex_);
    const std::pair name{std::string(exchange.service), exchange.missing.substr(0, kMaxTextBytes)};
    auto found = kinds_.find(name);
    Kind* kind = found == kinds_.end() ? &others_ : &found->second;
    if (found == kinds_.end() && kinds_.size() < kMaxKinds) {
      kind = &kinds_[name];
      kind->service = name.first;
      kind->operation = name.second;
      kind->message = exchange.error_message.substr(0, kMaxTextBytes);
    }
    if (kind->count++ == 0) {
      kind->first_us = now_us;
      line = kind == &others_ ? "not implemented: more kinds, from here on without a line for each"
                              : "not implemented: " + name.first + " " + name.second;
    }
    kind->last_us = now_us;
  }
  if (!line.empty() && exchange.missing != kProbe) log::warn(line + where_);
}

std::vector<Missing::Kind> Missing::kinds() const {
  const base::Lock lock(mutex_);
  std::vector<Kind> out;
  for (const auto& [name, kind] : kinds_) out.push_back(kind);
  if (others_.count > 0) {
    Kind others = others_;
    others.service = others.operation = "other";
    others.message = "More kinds than are told apart.";
    out.push_back(std::move(others));
  }
  return out;
}

std::string Missing::json() const {
  std::string out;
  json::Array array(out);
  for (const Kind& kind : kinds()) {
    json::Object object(array.next());
    object.string("service", kind.service);
    object.string("operation", kind.operation);
    object.string("message", kind.message);
    object.integer("count", static_cast<std::int64_t>(kind.count));
    object.string("first", http::iso_time(kind.first_us));
    object.string("last", http::iso_time(kind.last_us));
  }
  array.close();
  return out;
}

std::vector<base::Figure> Missing::figures() const {
  double count = 0;
  const std::vector<Kind> all = kinds();
  for (const Kind& kind : all) count += static_cast<double>(kind.count);
  return {{"missing_kinds", static_cast<double>(all.size())}, {"missing_requests", count}};
}

}  // namespace bodega::server
