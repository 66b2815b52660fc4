#include "protocol/s3/body/sink.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/digest_pipeline.h"
#include "engines/base/number_text.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/operation.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

using base::DigestKind;
using base::DigestPipeline;

constexpr std::size_t kMd5Bytes = 16;

std::optional<std::uint64_t> parse_length(std::string_view text) {
  constexpr std::size_t kMaxDigits = 19;
  if (text.size() > kMaxDigits) return std::nullopt;
  return base::parse_integer<std::uint64_t>(text);
}

std::uint64_t limit_of(const BodyNeeds& needs) {
  return needs.limit_bytes != 0 ? needs.limit_bytes : kMaxPutBytes;
}

Error too_large(std::uint64_t size, std::uint64_t limit) {
  if (limit < kMaxPutBytes) {
    return Error(Code::kMaxMessageLengthExceeded)
        .with("MaxMessageLengthBytes", std::to_string(limit));
  }
  return Error(Code::kEntityTooLarge)
      .with("ProposedSize", std::to_string(size))
      .with("MaxSizeAllowed", std::to_string(limit));
}

class RequestSink final : public http::BodySink {
 public:
  RequestSink(std::unique_ptr<Call> call, std::unique_ptr<Consumer> consumer, BodyPromises promises)
      : call_(std::move(call)), promises_(std::move(promises)), consumer_(std::move(consumer)) {
    const BodyNeeds needs = consumer_->needs();
    limit_bytes_ = limit_of(needs);
    if (call_->payload.aws_chunked()) {
      decoder_.emplace(call_->payload.chunks_signed() ? call_->chunk_signing : std::nullopt);
    }
    const ChecksumAlgorithm* algorithm = promises_.checksum.algorithm;
    if (algorithm == nullptr && !needs.checksum.empty()) {
      algorithm = find_checksum(needs.checksum);
    }
    checksum_ = algorithm;
    if (needs.md5 || !promises_.md5.empty()) kinds_.push_back(DigestKind::kMd5);
    if (algorithm != nullptr && !wants(algorithm->kind)) kinds_.push_back(algorithm->kind);
    if (!promises_.sha256.empty() && !wants(DigestKind::kSha256)) {
      kinds_.push_back(DigestKind::kSha256);
    }
    if (!kinds_.empty()) pipeline_.emplace(kinds_, &call_->shared.executor);
  }

  Flow write(std::string_view bytes) override {
    if (refusal_) return Flow::kStop;
    full_ = false;
    refusal_ = aws::guarded(Renderer{*call_}, [&]() -> std::optional<http::Reply> {
      if (decoder_) {
        check_framing(decoder_->feed(bytes, [this](std::string_view run) { take(run); }));
      } else {
        take(bytes);
      }
      return std::nullopt;
    });
    if (!refusal_) return full_ ? Flow::kWait : Flow::kMore;
    drop();
    return Flow::kStop;
  }

  void resume(std::function<void()> ready) override {
    if (pipeline_) {
      pipeline_->when_drained(std::move(ready));
    } else {
      ready();
    }
  }

  http::Reply finish(const http::Headers& trailers) override {
    if (refusal_) return *std::move(refusal_);
    return answer(*call_, [&] { return consumer_->finish(verify(trailers)); });
  }

 private:
  bool wants(DigestKind kind) const {
    for (const DigestKind each : kinds_) {
      if (each == kind) return true;
    }
    return false;
  }

  void take(std::string_view bytes) {
    size_bytes_ += bytes.size();
    if (size_bytes_ > limit_bytes_) throw too_large(size_bytes_, limit_bytes_);
    if (promises_.length && size_bytes_ > *promises_.length) throw Error(Code::kIncompleteBody);
    if (pipeline_ && pipeline_->write(bytes) == DigestPipeline::Flow::kFull) full_ = true;
    consumer_->write(bytes);
  }

  static void check_framing(aws::AwsChunkedDecoder::State state) {
    switch (state) {
      case aws::AwsChunkedDecoder::State::kMore:
      case aws::AwsChunkedDecoder::State::kDone: return;
      case aws::AwsChunkedDecoder::State::kMalformed: throw Error(Code::kIncompleteBody);
      case aws::AwsChunkedDecoder::State::kBadSignature: throw Error(Code::kSignatureDoesNotMatch);
    }
  }

  // Gives back what a refused body has already cost.
  void drop() {
    consumer_.reset();
    pipeline_.reset();
  }

  Received verify(const http::Headers& trailers) {
    if (decoder_) check_framing(decoder_->finish());
    if (promises_.length && size_bytes_ != *promises_.length) throw Error(Code::kIncompleteBody);
    Received received;
    received.size_bytes = size_bytes_;
    if (!pipeline_) return received;
    const std::vector<std::string> digests = pipeline_->finish();
    const auto digest_of = [&](DigestKind kind) -> const std::string& {
      for (std::size_t i = 0; i < kinds_.size(); ++i) {
        if (kinds_[i] == kind) return digests[i];
      }
      BODEGA_CHECK(false);
    };
    if (!promises_.sha256.empty() && digest_of(DigestKind::kSha256) != promises_.sha256) {
      throw Error(Code::kXAmzContentSHA256Mismatch)
          .with("ClientComputedContentSHA256", base::to_hex(promises_.sha256))
          .with("S3ComputedContentSHA256", base::to_hex(digest_of(DigestKind::kSha256)));
    }
    if (wants(DigestKind::kMd5)) received.md5 = digest_of(DigestKind::kMd5);
    if (!promises_.md5.empty() && received.md5 != promises_.md5) {
      throw Error(Code::kBadDigest)
          .with("CalculatedDigest", base::to_base64(received.md5))
          .with("ExpectedDigest", call_->operation.digest_text == DigestText::kHex
                                      ? base::to_hex(promises_.md5)
                                      : base::to_base64(promises_.md5));
    }
    if (checksum_ != nullptr) {
      received.checksum.algorithm = checksum_->name;
      received.checksum.value = base::to_base64(digest_of(checksum_->kind));
      received.checksum_claimed = promises_.checksum.algorithm != nullptr;
      if (received.checksum_claimed) check_checksum(received.checksum.value, trailers);
    }
    return received;
  }

  void check_checksum(const std::string& calculated, const http::Headers& trailers) const {
    std::string_view claimed = promises_.checksum.value;
    if (promises_.checksum.in_trailer) {
      const http::Headers& fields = decoder_ ? decoder_->trailers() : trailers;
      const auto value = fields.get(checksum_->header);
      if (!value) throw Error(Code::kMalformedTrailerError);
      if (!is_checksum_value(*checksum_, *value)) {
        throw invalid_request("Value for " + std::string(checksum_->header) +
                              " trailing header is invalid.");
      }
      claimed = *value;
    }
    if (claimed == calculated) return;
    throw Error(Code::kBadDigest, "The " + std::string(checksum_->name) +
                                      " you specified did not match the calculated checksum.");
  }

  std::unique_ptr<Call> call_;
  BodyPromises promises_;
  std::unique_ptr<Consumer> consumer_;
  std::uint64_t limit_bytes_ = 0;
  std::vector<DigestKind> kinds_;
  const ChecksumAlgorithm* checksum_ = nullptr;
  std::optional<DigestPipeline> pipeline_;
  std::optional<aws::AwsChunkedDecoder> decoder_;
  std::optional<http::Reply> refusal_;  // the answer, once the body has shown to be wrong
  std::uint64_t size_bytes_ = 0;
  bool full_ = false;
};

class Collector final : public Consumer {
 public:
  explicit Collector(Call& call) : call_(call) {
    if (call.operation.checksum == ChecksumRule::kRequired && !call.find_header("content-md5") &&
        read_checksum_claim(call).algorithm == nullptr) {
      throw invalid_request(
          "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
    }
  }
  BodyNeeds needs() const override { return {.limit_bytes = call_.operation.body_limit_bytes}; }
  void write(std::string_view bytes) override { body_.append(bytes); }
  http::Reply finish(Received) override { return call_.operation.handler(call_, body_); }

 private:
  Call& call_;  // owned by the sink that owns this
  std::string body_;
};

}  // namespace

BodyPromises read_body_promises(const Call& call, const BodyNeeds& needs) {
  BodyPromises promises;
  if (const auto header = call.find_header("content-md5")) {
    auto bytes = base::from_base64(*header);
    if (!bytes || bytes->size() != kMd5Bytes) {
      throw Error(Code::kInvalidDigest).with("Content-MD5", *header);
    }
    promises.md5 = *std::move(bytes);
  }
  if (call.payload.mode == aws::PayloadMode::kSha256) {
    promises.sha256 = base::from_hex(call.payload.sha256_hex).value_or("");
  }
  if (call.operation.body_checksum == BodyChecksum::kOfTheBody) {
    promises.checksum = read_checksum_claim(call);
  }
  if (call.payload.aws_chunked()) {
    if (const auto header = call.find_header("x-amz-decoded-content-length")) {
      promises.length = parse_length(*header);
      if (!promises.length) {
        throw invalid_argument("Invalid value for x-amz-decoded-content-length",
                               "x-amz-decoded-content-length", *header);
      }
    }
  } else {
    promises.length = call.head.content_length;
  }
  const std::uint64_t limit = limit_of(needs);
  if (promises.length && *promises.length > limit) throw too_large(*promises.length, limit);
  return promises;
}

std::unique_ptr<http::BodySink> make_body_sink(std::unique_ptr<Call> call,
                                               std::unique_ptr<Consumer> consumer,
                                               BodyPromises promises) {
  return std::make_unique<RequestSink>(std::move(call), std::move(consumer), std::move(promises));
}

std::unique_ptr<Consumer> make_collector(Call& call) { return std::make_unique<Collector>(call); }

}  // namespace bodega::s3
