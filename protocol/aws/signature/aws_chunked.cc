#include "protocol/aws/signature/aws_chunked.h"

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/text.h"

namespace bodega::aws {
namespace {

using base::Digest;
using base::DigestKind;

constexpr std::string_view kChunkSignature = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";
// A chunk cannot be larger than the largest object part; 16 hex digits would not fit the sum.
constexpr std::size_t kMaxSizeDigits = 12;

std::optional<std::uint64_t> parse_hex_size(std::string_view digits) {
  if (digits.empty() || digits.size() > kMaxSizeDigits) return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : digits) {
    std::uint64_t nibble = 0;
    if (digit >= '0' && digit <= '9') {
      nibble = static_cast<std::uint64_t>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      nibble = static_cast<std::uint64_t>(digit - 'a' + 10);
    } else if (digit >= 'A' && digit <= 'F') {
      nibble = static_cast<std::uint64_t>(digit - 'A' + 10);
    } else {
      return std::nullopt;
    }
    value = value * 16 + nibble;
  }
  return value;
}

}  // namespace

struct AwsChunkedDecoder::Machine {
  // Where in the framing the next byte stands.
  enum class Step : std::uint8_t { kSizeLine, kData, kDataEnd, kTrailers, kEnd };

  std::optional<ChunkSigning> signing;
  std::string previous_signature;
  Step step = Step::kSizeLine;
  State state = State::kMore;
  bool last_chunk_seen = false;
  std::string line;  // a line that is not whole yet
  std::size_t trailer_bytes = 0;
  std::uint64_t left_in_chunk = 0;
  std::uint64_t decoded = 0;
  std::string promised_signature;  // of the chunk under way
  std::optional<Digest> chunk_hash;
  std::string canonical_trailers;
  std::string trailer_signature;
  http::Headers trailers;

  // Moves bytes of `input` into `line` until a LF; true when the line is whole (without CR LF).
  bool take_line(std::string_view& input) {
    const std::size_t end = input.find('\n');
    const std::size_t taken = end == std::string_view::npos ? input.size() : end;
    if (line.size() + taken > kMaxLineBytes) {
      state = State::kMalformed;
      return false;
    }
    line.append(input.substr(0, taken));
    input.remove_prefix(end == std::string_view::npos ? taken : taken + 1);
    if (end == std::string_view::npos) return false;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return true;
  }

  void begin_chunk() {
    const std::string_view text = line;
    const std::size_t semicolon = text.find(';');
    const auto size = parse_hex_size(base::trim(text.substr(0, semicolon)));
    if (!size) {
      state = State::kMalformed;
      return;
    }
    promised_signature.clear();
    if (semicolon != std::string_view::npos) {
      const std::string_view extension = base::trim(text.substr(semicolon + 1));
      if (extension.starts_with(kChunkSignature)) {
        promised_signature = extension.substr(kChunkSignature.size());
      }
    }
    left_in_chunk = *size;
    if (signing) chunk_hash.emplace(DigestKind::kSha256);
    line.clear();
    if (*size > 0) {
      step = Step::kData;
      return;
    }
    last_chunk_seen = true;
    if (check_chunk()) step = Step::kTrailers;
  }

  // The signature of the chunk whose bytes have all been seen.
  bool check_chunk() {
    if (!signing) return true;
    const std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n" + signing->timestamp + "\n" +
                             signing->scope + "\n" + previous_signature + "\n" +
                             base::to_hex(base::sha256("")) + "\n" +
                             base::to_hex(chunk_hash->finish());
    const std::string expected = base::to_hex(base::hmac_sha256(signing->signing_key, text));
    if (!base::equal_in_constant_time(expected, promised_signature)) {
      state = State::kBadSignature;
      return false;
    }
    previous_signature = expected;
    return true;
  }

  void take_data(std::string_view& input, const std::function<void(std::string_view)>& data) {
    const std::size_t taken = static_cast<std::size_t>(
        std::min<std::uint64_t>(left_in_chunk, static_cast<std::uint64_t>(input.size())));
    const std::string_view run = input.substr(0, taken);
    if (chunk_hash) chunk_hash->update(run);
    decoded += taken;
    left_in_chunk -= taken;
    data(run);
    input.remove_prefix(taken);
    if (left_in_chunk == 0 && check_chunk()) step = Step::kDataEnd;
  }

  void take_trailer() {
    trailer_bytes += line.size();
    if (trailer_bytes > kMaxTrailerBytes) {
      state = State::kMalformed;
      return;
    }
    if (line.empty()) {
      end();
      return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) {
      state = State::kMalformed;
      return;
    }
    const std::string name = base::to_lower(base::trim(std::string_view(line).substr(0, colon)));
    const std::string value(base::trim(std::string_view(line).substr(colon + 1)));
    line.clear();
    if (name == kTrailerSignature) {
      trailer_signature = value;
      return;
    }
    canonical_trailers += name + ":" + value + "\n";
    trailers.add(name, value);
  }

  void end() {
    line.clear();
    step = Step::kEnd;
    if (signing && !canonical_trailers.empty()) {
      const std::string text = "AWS4-HMAC-SHA256-TRAILER\n" + signing->timestamp + "\n" +
                               signing->scope + "\n" + previous_signature + "\n" +
                               base::to_hex(base::sha256(canonical_trailers));
      const std::string expected = base::to_hex(base::hmac_sha256(signing->signing_key, text));
      if (!base::equal_in_constant_time(expected, trailer_signature)) {
        state = State::kBadSignature;
        return;
      }
    }
    state = State::kDone;
  }

  State feed(std::string_view input, const std::function<void(std::string_view)>& data) {
    while (!input.empty() && state == State::kMore) {
      switch (step) {
        case Step::kSizeLine:
          if (take_line(input)) begin_chunk();
          break;
        case Step::kData: take_data(input, data); break;
        case Step::kDataEnd:
          if (!take_line(input)) break;
          if (!line.empty()) state = State::kMalformed;
          step = Step::kSizeLine;
          break;
        case Step::kTrailers:
          if (take_line(input)) take_trailer();
          break;
        case Step::kEnd: return state;
      }
    }
    return state;
  }

  State finish() {
    if (state != State::kMore) return state;
    if (!last_chunk_seen) return state = State::kMalformed;
    // The closing empty line is missing; what stands in `line` is a trailer without its CRLF.
    if (!line.empty()) take_trailer();
    if (state == State::kMore) end();
    return state;
  }
};

AwsChunkedDecoder::AwsChunkedDecoder(std::optional<ChunkSigning> signing)
    : machine_(std::make_unique<Machine>()) {
  if (signing) machine_->previous_signature = signing->seed_signature;
  machine_->signing = std::move(signing);
}

AwsChunkedDecoder::~AwsChunkedDecoder() = default;
AwsChunkedDecoder::AwsChunkedDecoder(AwsChunkedDecoder&&) noexcept = default;
AwsChunkedDecoder& AwsChunkedDecoder::operator=(AwsChunkedDecoder&&) noexcept = default;

AwsChunkedDecoder::State AwsChunkedDecoder::feed(
    std::string_view input, const std::function<void(std::string_view)>& data) {
  return machine_->feed(input, data);
}

AwsChunkedDecoder::State AwsChunkedDecoder::finish() { return machine_->finish(); }
const http::Headers& AwsChunkedDecoder::trailers() const { return machine_->trailers; }
std::uint64_t AwsChunkedDecoder::decoded_bytes() const { return machine_->decoded; }

}  // namespace bodega::aws
