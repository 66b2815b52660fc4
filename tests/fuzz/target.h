// A fuzz target: one parser of bytes from outside, and a few inputs to start from. The same target
// runs under libFuzzer (entry.cc, a program each) and in the ordinary tests (replay.cc, all of them
// with a fixed number of mutations).
//
// run() returns for whatever bytes; a crash, a sanitizer's word or a failed BODEGA_CHECK is a find.
// Where there is an oracle the target uses it: the same input in pieces, what was written read
// back.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace bodega::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
  std::span<const std::string_view> seeds;
};

extern const Target kAwsChunked;
extern const Target kBrowser;
extern const Target kDynamodbExpression;
extern const Target kDynamodbItem;
extern const Target kJournal;
extern const Target kJson;
extern const Target kKmsRequest;
extern const Target kDynamodbRequest;
extern const Target kHttpFields;
extern const Target kHttpMessage;
extern const Target kInflate;
extern const Target kNumber;
extern const Target kRedisRdb;
extern const Target kRedisText;
extern const Target kResp;
extern const Target kS3Address;
extern const Target kSignature;
extern const Target kWebToken;
extern const Target kXml;

// Takes the first line off `bytes`, without its end.
inline std::string_view take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  return line;
}

// Takes the first byte off, as a number; 0 when there is none.
inline std::size_t take_byte(std::string_view& bytes) {
  if (bytes.empty()) return 0;
  const auto byte = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  return byte;
}

}  // namespace bodega::fuzz
