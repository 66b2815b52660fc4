// Requests without sockets: a service over a memory store and a manual clock. Replies are read back
// as JSON, and errors as "Name: message".
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engines/base/clock.h"
#include "engines/base/selector.h"
#include "engines/kv/store.h"
#include "engines/table/engine.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/dynamodb/service.h"

namespace bodega::dynamodb {

using Json = nlohmann::json;

struct Answer {
  int status = 0;
  Json body;  // null when there is none
  http::Headers headers;
  std::string text;

  bool ok() const { return status == 200; }
  // The error's name without its namespace, e.g. "ValidationException".
  std::string error() const;
  std::string message() const;
  const Json& operator[](const char* name) const { return body.at(name); }
  bool has(const char* name) const { return body.is_object() && body.contains(name); }
};

class Harness {
 public:
  Harness();

  // Sends the operation with the request as JSON text, or as JSON.
  Answer run_text(std::string_view operation, std::string_view body);
  Answer run(std::string_view operation, const Json& body) {
    return run_text(operation, body.dump());
  }
  // Sends whatever is in `head`, signed unless it says otherwise.
  Answer send(http::RequestHead head, std::string_view body);
  http::RequestHead head(std::string_view target) const;

  // The message of a ValidationException, or a description of what came instead.
  std::string invalid(std::string_view operation, const Json& body);

  // Tables: one with a string hash key "pk"; one with "pk" and "sk"; both on demand.
  void create_hash_table(const std::string& name, const std::string& type = "S");
  void create_range_table(const std::string& name, const std::string& type = "S");
  void put(const std::string& table, const Json& item);
  Json get(const std::string& table, const Json& key);  // null when absent

  base::ManualClock clock;
  std::unique_ptr<kv::Store> store;
  std::unique_ptr<table::Engine> engine;
  std::unique_ptr<base::SingleSelector<table::Engine>> selector;
  aws::KeyRing keys;
  aws::Authenticator authenticator;
  std::unique_ptr<Service> service;
};

// {"S": text}, {"N": text}
Json S(std::string text);
Json N(std::string text);
// Without quotes around keys: pk("a") is {"pk":{"S":"a"}}.
Json pk(const std::string& text);
Json pk_sk(const std::string& hash, const std::string& range);

}  // namespace bodega::dynamodb
