// One request under way, in two stages: a Request is what its head says, a Call what is known once
// the request is recognised and its sender identified. Handlers get a Call and nothing else.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/base/executor.h"
#include "engines/base/selector.h"
#include "engines/object/engine.h"
#include "protocol/aws/caller.h"
#include "protocol/aws/front/front.h"
#include "protocol/aws/signature/aws_chunked.h"
#include "protocol/aws/signature/payload.h"
#include "protocol/http/message.h"
#include "protocol/observe/exchange.h"
#include "protocol/s3/wire/address.h"

namespace bodega::s3 {

struct Operation;

// What every request of one service has at hand.
struct Shared {
  base::Selector<object::Engine>& engines;
  base::Executor& executor;
  const aws::Front front;
  Addressing addressing;
  unsigned verify_reads_percent = 0;  // how many of 100 whole reads are held against their sums

  // Whether signatures are checked, and with them who owns a bucket.
  bool verifies() const { return front.authenticator.mode() == aws::Authenticator::Mode::kVerify; }
};

struct Request {
  Request(const Shared& shared_state, http::RequestHead request_head);

  const Shared& shared;
  http::RequestHead head;
  // How many of the headers came as headers; the others stood in a presigned link's query.
  std::size_t headers_as_sent;
  std::string bucket;
  std::string key;
  bool virtual_host = false;
  std::string host_id;
  observe::Exchange exchange;

  // A header's value, or an empty view; header() cannot tell absent from empty, find_header() can.
  std::string_view header(std::string_view name) const { return head.headers.get_or_empty(name); }
  std::optional<std::string_view> find_header(std::string_view name) const {
    return head.headers.get(name);
  }
  const http::Query& query() const { return head.query; }
  std::string_view param(std::string_view name) const { return head.query.get_or_empty(name); }
};

// Who sent a request, and what of its body is signed.
struct Identified {
  aws::Caller caller;
  aws::Payload payload;
  std::optional<aws::ChunkSigning> chunk_signing;  // set where chunk signatures are to be checked
  base::Pinned<object::Engine> world;              // the one that the caller's key picks
};

struct Call : Request {
  Call(Request request, const Operation& row, Identified identified);

  const Operation& operation;
  const aws::Caller caller;
  const aws::Payload payload;
  std::optional<aws::ChunkSigning> chunk_signing;
  // Pins the world for as long as the call lives.
  const base::Pinned<object::Engine> world;
  object::Engine& engine;
  // What a handler leaves to the executor, because it takes long: it sets this and returns an empty
  // reply, and the request's answer is what this returns. It may refer to the call.
  std::function<http::Reply()> later;

  // The bucket of the request as it is at the first of these calls, or null.
  const std::shared_ptr<const object::Bucket>& find_bucket() const;
  // The same. Throws NoSuchBucket.
  const std::shared_ptr<const object::Bucket>& require_bucket() const;

 private:
  mutable std::optional<std::shared_ptr<const object::Bucket>> found_bucket_;
};

// The canonical user id of an account: 64 hexadecimal digits, always the same for the same account.
std::string canonical_id(std::string_view account);

}  // namespace bodega::s3
