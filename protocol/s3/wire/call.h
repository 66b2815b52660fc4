// One request under way, and what all requests share. Handlers get a Call and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/executor.h"
#include "engines/base/selector.h"
#include "engines/object/engine.h"
#include "protocol/aws/signature/aws_chunked.h"
#include "protocol/aws/signature/payload.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/http/message.h"
#include "protocol/observe/gate.h"
#include "protocol/s3/wire/address.h"

namespace bodega::s3 {

struct Operation;

// What every request of one service has at hand.
struct Shared {
  base::Selector<object::Engine>& engines;
  base::Executor& executor;
  const aws::Authenticator& authenticator;
  observe::Gate* gate = nullptr;
  Addressing addressing;
  unsigned verify_reads_percent = 0;  // how many of 100 whole reads are held against their sums
};

// Who asks.
struct Identity {
  std::string access_key_id;  // empty: anonymous
  std::string account;        // 12 digits
  std::string region;
  bool anonymous = true;
  std::optional<aws::ChunkSigning> chunk_signing;  // set where chunk signatures are to be checked
};

struct Call {
  Call(const Shared& shared_state, http::RequestHead request)
      : shared(shared_state), head(std::move(request)) {}

  const Shared& shared;
  http::RequestHead head;
  // The head as it came, where take_presigned_headers() has added to it.
  std::optional<http::RequestHead> head_as_sent;
  std::string bucket;
  std::string key;
  bool virtual_host = false;
  Identity identity;
  aws::Payload payload;
  const Operation* operation = nullptr;
  // Set once the identity is known. Pins the world for as long as the call lives.
  std::shared_ptr<object::Engine> engine;
  std::string request_id;
  std::string host_id;
  // What a handler leaves to the executor, because it takes long: it sets this and returns an empty
  // reply, and the request's answer is what this returns. It may refer to the call.
  std::function<http::Reply()> later;

  // A header's value, or an empty view; header() cannot tell absent from empty, find_header() can.
  std::string_view header(std::string_view name) const { return head.headers.get_or_empty(name); }
  std::optional<std::string_view> find_header(std::string_view name) const {
    return head.headers.get(name);
  }
  const http::Query& query() const { return head.query; }
  std::string_view param(std::string_view name) const { return query().get_or_empty(name); }

  // The bucket of the request. Throws NoSuchBucket.
  std::shared_ptr<const object::Bucket> require_bucket() const;
};

// The canonical user id of an account: 64 hexadecimal digits, always the same for the same account.
std::string canonical_id(std::string_view account);

}  // namespace bodega::s3
