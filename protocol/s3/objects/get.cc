// Reading one object: GetObject and HeadObject, with ranges, part numbers, conditions and
// overrides.
#include <array>
#include <memory>
#include <variant>

#include "engines/base/fault.h"
#include "engines/base/random.h"
#include "engines/base/text.h"
#include "engines/object/verify.h"
#include "protocol/http/ranges.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/conditions.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/parameters.h"
#include "protocol/s3/wire/reply.h"
#include "protocol/s3/wire/version_id.h"

namespace bodega::s3 {
namespace {

// Files held open at once for one reply; an object of more parts is streamed part by part instead.
constexpr std::size_t kMaxOpenFiles = 32;

// So much is held against its sums at once; for more the request goes to the executor.
constexpr std::uint64_t kVerifyAtOnceBytes = 128 * 1024;

class ContentSource final : public http::BodySource {
 public:
  ContentSource(object::Content content, std::uint64_t offset, std::uint64_t length_bytes)
      : reader_(std::move(content), offset, length_bytes) {}
  std::size_t read(std::span<char> buffer) override { return reader_.read(buffer); }

 private:
  object::ContentReader reader_;
};

http::ReplyBody body_of(const object::Content& content, std::uint64_t offset,
                        std::uint64_t length) {
  if (length == 0) return std::string();
  if (content.is_inline()) {
    return std::string(content.inline_bytes().substr(static_cast<std::size_t>(offset),
                                                     static_cast<std::size_t>(length)));
  }
  if (content.run_count(offset, length) <= kMaxOpenFiles) {
    std::vector<http::FileSlice> slices;
    bool all_files = true;
    for (const object::Content::Run& run : content.runs(offset, length)) {
      all_files = all_files && run.reader->fd() >= 0;
      slices.push_back({run.reader->fd(), run.offset, run.length_bytes, run.reader});
    }
    if (all_files) return slices;
  }
  return http::StreamBody{length, std::make_unique<ContentSource>(content, offset, length)};
}

// Which bytes are wanted.
struct Selection {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool partial = false;                // 206 with Content-Range
  const object::Part* part = nullptr;  // a part of a multipart object was asked for
};

Selection select_part(const object::ObjectVersion& version, int number) {
  const std::size_t count = version.parts.empty() ? 1 : version.parts.size();
  if (static_cast<std::size_t>(number) > count) {
    throw Error(Code::kInvalidPartNumber)
        .with("PartNumberRequested", std::to_string(number))
        .with("ActualPartCount", std::to_string(count));
  }
  if (version.parts.empty()) return {0, version.size_bytes, version.size_bytes > 0, nullptr};
  std::uint64_t offset = 0;
  const auto index = static_cast<std::size_t>(number - 1);
  for (std::size_t i = 0; i < index; ++i) offset += version.parts[i].size_bytes;
  const object::Part& part = version.parts[index];
  return {offset, part.size_bytes, part.size_bytes > 0, &part};
}

Selection select(const Call& call, const object::ObjectVersion& version) {
  const auto range = call.find_header("range");
  if (const auto part_number = call.query().get("partNumber")) {
    if (range) {
      throw invalid_request("Cannot specify both Range header and partNumber query parameter");
    }
    return select_part(version, read_part_number(call, *part_number));
  }
  if (!range) return {0, version.size_bytes, false, nullptr};
  const http::RangeAnswer answer = http::read_range(*range, version.size_bytes);
  switch (answer.kind) {
    case http::RangeAnswer::Kind::kWhole: return {0, version.size_bytes, false, nullptr};
    case http::RangeAnswer::Kind::kPart:
      return {answer.range.first, answer.range.length(), true, nullptr};
    case http::RangeAnswer::Kind::kUnsatisfiable: break;
  }
  // The service says the size in the body alone, without a Content-Range.
  throw Error(Code::kInvalidRange)
      .with("RangeRequested", *range)
      .with("ActualObjectSize", std::to_string(version.size_bytes));
}

struct Override {
  std::string_view parameter;
  std::string_view header;
};

constexpr std::array kOverrides = {
    Override{"response-content-type", "Content-Type"},
    Override{"response-content-language", "Content-Language"},
    Override{"response-expires", "Expires"},
    Override{"response-cache-control", "Cache-Control"},
    Override{"response-content-disposition", "Content-Disposition"},
    Override{"response-content-encoding", "Content-Encoding"},
};

// A header's value is Latin-1 and one line; the parameter is UTF-8 and may hold anything.
std::string as_latin1(std::string_view parameter, std::string_view value) {
  const auto refused = [&] {
    return invalid_argument("Header value cannot be represented using ISO-8859-1.", parameter,
                            value);
  };
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    if (byte < 0x80) {
      if ((byte < 0x20 && byte != '\t') || byte == 0x7F) throw refused();
      out.push_back(value[i]);
      continue;
    }
    // U+0080 to U+00FF are the two-byte forms that begin with C2 and C3.
    if ((byte != 0xC2 && byte != 0xC3) || i + 1 == value.size()) throw refused();
    const auto next = static_cast<unsigned char>(value[++i]);
    if ((next & 0xC0) != 0x80) throw refused();
    out.push_back(static_cast<char>(((byte & 0x03) << 6) | (next & 0x3F)));
  }
  return out;
}

void apply_overrides(const Call& call, http::Headers& headers) {
  if (call.query().empty()) return;
  for (const Override& override_row : kOverrides) {
    const auto value = call.query().get(override_row.parameter);
    if (!value) continue;
    if (call.caller.anonymous) {
      throw invalid_request(
          "Request specific response headers cannot be used for anonymous GET requests.");
    }
    headers.set(std::string(override_row.header), as_latin1(override_row.parameter, *value));
  }
}

void add_checksum(const Call& call, const object::ObjectVersion& version,
                  const Selection& selection, http::Headers& headers) {
  const auto mode = call.find_header("x-amz-checksum-mode");
  if (!mode) return;
  if (!base::equals_ignoring_case(*mode, "ENABLED")) {
    throw invalid_request("Value for x-amz-checksum-mode header is invalid.");
  }
  const bool composite = version.attributes.checksum.type == object::ChecksumType::kComposite;
  if (selection.part != nullptr && composite) {
    object::Checksum checksum = version.attributes.checksum;
    checksum.value = selection.part->checksum;
    add_checksum_headers(headers, checksum);
  } else if (selection.length == version.size_bytes) {
    // A range short of the whole has no checksum of its own, nor has a part of an object that is
    // summed as a whole.
    add_checksum_headers(headers, version.attributes.checksum);
  }
}

bool is_archived(const object::ObjectVersion& version) {
  const std::string& storage_class = version.attributes.storage_class;
  return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE";
}

// Status and headers of both operations.
http::Reply describe(const Call& call, const object::ObjectVersion& version,
                     const Selection& selection) {
  http::Reply reply;
  reply.status = selection.partial ? 206 : 200;
  add_object_headers(call, version, reply.headers);
  if (selection.partial) {
    reply.headers.add("Content-Range", "bytes " + std::to_string(selection.offset) + "-" +
                                           std::to_string(selection.offset + selection.length - 1) +
                                           "/" + std::to_string(version.size_bytes));
  }
  if (!version.parts.empty() && call.query().has("partNumber")) {
    reply.headers.add("x-amz-mp-parts-count", std::to_string(version.parts.size()));
  }
  add_checksum(call, version, selection, reply.headers);
  apply_overrides(call, reply.headers);
  return reply;
}

// No object is encrypted with a customer's key, so a request that brings one is mistaken.
void refuse_customer_key(const Call& call) {
  if (call.find_header("x-amz-server-side-encryption-customer-algorithm")) {
    throw invalid_request("The encryption parameters are not applicable to this object.");
  }
}

enum class Check : std::uint8_t { kSizes, kSums };

// Whether this read is one of the share that is held against the sums in the record.
Check draw_check(const Call& call, const object::Opened& opened, const Selection& selection) {
  const unsigned percent = call.shared.verify_reads_percent;
  const bool drawn = percent > 0 && selection.length > 0 &&
                     selection.length == opened.version.size_bytes &&
                     base::random_below(100) < percent;
  return drawn ? Check::kSums : Check::kSizes;
}

// The reply with its body. A head that is out cannot be taken back, so what can be known is looked
// for first: runs() and check_sizes() find blobs that are missing or too short.
http::Reply reply_with_body(const Call& call, const object::Opened& opened,
                            const Selection& selection, Check check) {
  const object::Content& content = opened.content;
  if (check == Check::kSums) {
    const auto damage = object::find_damage(opened.version, content, [] { return true; });
    if (damage) throw base::StorageFault(*damage);
  }
  if (content.run_count(selection.offset, selection.length) > kMaxOpenFiles) {
    content.check_sizes(selection.offset, selection.length);
  }
  http::Reply reply = describe(call, opened.version, selection);
  reply.body = body_of(content, selection.offset, selection.length);
  if (!std::holds_alternative<std::string>(reply.body)) reply.subject = call.exchange.resource;
  return reply;
}

http::Reply get_object(Call& call, std::string_view) {
  auto opened =
      value_or_throw(call.engine.open(call.bucket, call.key, read_version_id(call)), call);
  refuse_customer_key(call);
  check_read_conditions(call, opened.version);
  if (is_archived(opened.version)) {
    throw Error(Code::kInvalidObjectState)
        .with("StorageClass", opened.version.attributes.storage_class);
  }
  Selection selection = select(call, opened.version);
  const Check check = draw_check(call, opened, selection);
  const bool takes_long =
      (check == Check::kSums && selection.length > kVerifyAtOnceBytes) ||
      opened.content.run_count(selection.offset, selection.length) > kMaxOpenFiles;
  if (!takes_long) return reply_with_body(call, opened, selection, check);
  const auto kept = std::make_shared<const object::Opened>(std::move(opened));
  // The selection points into what moved.
  selection = select(call, kept->version);
  call.later = [&call, kept, selection, check] {
    return reply_with_body(call, *kept, selection, check);
  };
  return {};
}

http::Reply head_object(Call& call, std::string_view) {
  const auto version =
      value_or_throw(call.engine.head(call.bucket, call.key, read_version_id(call)), call);
  refuse_customer_key(call);
  check_read_conditions(call, version);
  const Selection selection = select(call, version);
  http::Reply reply = describe(call, version, selection);
  reply.headers.add("Content-Length", std::to_string(selection.length));
  return reply;
}

constexpr std::array kOperations = {
    Operation{.name = "GetObject", .method = "GET", .level = Level::kObject, .handler = get_object},
    Operation{
        .name = "HeadObject", .method = "HEAD", .level = Level::kObject, .handler = head_object},
};

}  // namespace

std::span<const Operation> get_operations() { return kOperations; }

}  // namespace bodega::s3
