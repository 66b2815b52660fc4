// What JSON and query services have in common: they need the whole body, walk the steps of walk.h,
// and hand a checked request to the handler of a row.
//
// A service that derives from JsonService or QueryService pins the world of a key (pin) and
// runs a row in it (run); everything else it gives as a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "engines/base/selector.h"
#include "protocol/aws/caller.h"
#include "protocol/aws/error.h"
#include "protocol/aws/front/front.h"
#include "protocol/aws/front/identify.h"
#include "protocol/aws/shape/shape.h"
#include "protocol/http/message.h"
#include "protocol/json/json.h"
#include "protocol/observe/exchange.h"
#include "protocol/observe/gate.h"

namespace bodega::aws {

// The part of an operation's row that the front reads. A service's own row derives from it and adds
// the handler: `struct Operation : aws::OperationRow { std::string (*run)(const Request&); };`.
struct OperationRow {
  enum class Access : std::uint8_t {
    kSigned,
    kAnyone,  // a signature is not asked for (AssumeRoleWithWebIdentity)
  };
  enum class Cost : std::uint8_t {
    kSmall,
    kLarge,  // may keep a thread for tenths of a second (the making of an RSA key)
  };

  std::string_view name;
  const Shape* input = nullptr;  // a structure; null: known and not implemented
  Access access = Access::kSigned;
  Cost cost = Cost::kSmall;
};

// The row of that name; null when no family has one.
template <class Operation>
const Operation* find_row(std::span<const std::span<const Operation>> families,
                          std::string_view name) {
  for (const auto family : families) {
    for (const Operation& row : family) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

// A request whose sender is known and whose input is checked.
struct ServiceRequest {
  json::Node input;       // the input as a tree, whatever it was sent as
  std::string_view text;  // the body as it was sent
  const http::RequestHead& head;
  const Caller& caller;
  const base::Pinned<void>& world;  // as pin() gave it
};

// What a service is to the front, besides its operations.
struct ServiceProfile {
  std::string_view service;  // static text: in metrics, and in credential scopes
  Catalogue catalogue;       // every error that it answers with
  Model model;
  std::string_view internal_error = "InternalFailure";  // what a failing disk looks like
  std::string_view internal_message = {};
  std::size_t max_body_bytes = 1024 * 1024;
  // The member of a JSON input that names what a request is about, for observers.
  std::string_view resource_member = {};
};

class BufferedService : public http::Service {
 public:
  std::string_view name() const override { return profile_.service; }
  http::Exposure exposure() const override;

  // The whole request at once: what the body sink calls in the end, and tests. Takes the body,
  // because a compressed one is given back before what was in it is read.
  virtual http::Reply handle(const http::RequestHead& head, std::string body) = 0;

  const ServiceProfile& profile() const { return profile_; }
  const Front& front() const { return front_; }

  // The world of that key (empty: anonymous), with the service's own engine. It is held until the
  // answer is rendered. Thread-safe.
  virtual base::Pinned<void> pin(std::string_view access_key_id) = 0;

 protected:
  BufferedService(const Front& front, const ServiceProfile& profile)
      : front_(front), profile_(profile) {}

  // A catalogue without one of the errors that the wire form answers with is a bug, and aborts.
  void require_errors(const AuthErrors& auth, std::initializer_list<std::string_view> others) const;

  // Collects the body, then calls handle(), on the executor where takes_long() says so;
  // too_large() when it is larger than the profile allows.
  http::Begun collect(http::RequestHead head);
  virtual http::Reply too_large() = 0;
  virtual bool takes_long(const http::RequestHead&) const { return false; }

 private:
  class Sink;

  const Front front_;
  const ServiceProfile& profile_;
};

}  // namespace bodega::aws
