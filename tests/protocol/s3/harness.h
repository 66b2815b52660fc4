// S3 requests without sockets: a whole service over a world in memory with a clock that stands
// still.
//
//   World world;
//   world.run("PUT", "/bucket");
//   auto reply = world.run("PUT", "/bucket/key", "body", {{"content-type", "text/plain"}});
//   CHECK(reply.status == 200);
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/base/executor.h"
#include "engines/base/selector.h"
#include "engines/blob/store.h"
#include "engines/kv/store.h"
#include "engines/object/engine.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/s3/service.h"
#include "protocol/xml/reader.h"
#include "tests/faulty_blobs.h"

namespace bodega::s3::test {

// A reply with its body read to the end.
struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string code;  // the error code of the reply, for metrics and logs
  std::string operation;
  bool from_files = false;  // the body came as file slices

  std::string header(std::string_view name) const {
    return std::string(headers.get_or_empty(name));
  }
  // The body as XML. REQUIRES: it is.
  xml::Document xml() const;
  // The text of an element below the root, by path: "Owner/ID". Empty when absent.
  std::string at(std::string_view path) const;
  // The texts of `leaf` in every `list` element below the root: all("Contents", "Key").
  std::vector<std::string> all(std::string_view list, std::string_view leaf) const;
};

struct WorldOptions {
  aws::Authenticator::Mode mode = aws::Authenticator::Mode::kAcceptAny;
  std::vector<aws::Credential> credentials;
  std::vector<std::string> domains;
  unsigned verify_reads_percent = 0;
  observe::Gate* gate = nullptr;
};

class World {
 public:
  explicit World(WorldOptions options = {});
  ~World();

  // Sends a request, target as on the request line ("/bucket/key?versions"). Content-Length is
  // added; Host is "localhost" unless given. Signed by nobody unless `headers` has an
  // Authorization.
  Answer run(std::string_view method, std::string_view target, std::string_view body = {},
             std::vector<http::Header> headers = {});

  // The same, the body given to the sink in pieces of `piece_bytes`.
  Answer run_in_pieces(std::string_view method, std::string_view target, std::string_view body,
                       std::size_t piece_bytes, std::vector<http::Header> headers = {});

  // For what run() would not send: a chunked body, a missing length.
  Answer send(http::RequestHead head, std::string_view body, std::size_t piece_bytes = 65536);

  object::Engine& engine() { return *engine_; }
  Service& service() { return *service_; }
  tests::FaultyBlobs& blobs() { return *blobs_; }
  base::ManualClock clock;

 private:
  std::unique_ptr<kv::Store> store_;
  std::unique_ptr<tests::FaultyBlobs> blobs_;
  std::unique_ptr<object::Engine> engine_;
  std::unique_ptr<base::SingleSelector<object::Engine>> selector_;
  base::InlineExecutor executor_;
  aws::KeyRing keys_;
  std::unique_ptr<aws::Authenticator> authenticator_;
  std::unique_ptr<Service> service_;
};

// The head of a request, for World::send.
http::RequestHead head_of(std::string_view method, std::string_view target,
                          std::vector<http::Header> headers = {});

// An Authorization header that claims this key and region and signs nothing.
http::Header claim(std::string_view access_key, std::string_view region = "us-east-1");

// Content-MD5 of a body.
http::Header content_md5(std::string_view body);

// `size` bytes that differ from place to place.
std::string pattern(std::size_t size, unsigned seed = 1);

}  // namespace bodega::s3::test
