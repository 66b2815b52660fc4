// Query parameters that several operations share: numbers, page sizes, encoding-type, opaque
// tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/s3/wire/call.h"
#include "protocol/xml/writer.h"

namespace bodega::s3 {

inline constexpr std::size_t kMaxPage = 1000;

// A page size such as max-keys: what is shown in the reply, and what is served, which kMaxPage
// bounds.
struct PageSize {
  std::size_t asked = kMaxPage;
  std::size_t served = kMaxPage;
};

// kMaxPage when absent or empty. Throws InvalidArgument. A negative size is complained about under
// `negative_name` (the service calls max-keys "maxKeys" there), or without any when that is empty.
PageSize read_page_size(const Call& call, std::string_view name, std::string_view negative_name);

// A number that must lie between 1 and 10,000. Throws InvalidArgument.
int read_part_number(const Call& call, std::string_view value);

// An opaque continuation token that carries any bytes and needs no escape in a URL.
std::string make_token(std::string_view content);
std::optional<std::string> read_token(std::string_view token);

// encoding-type of a list: writes keys either as they are or percent-encoded.
class KeyEncoding {
 public:
  // Throws InvalidArgument for anything but "url", in any case.
  explicit KeyEncoding(const Call& call);

  bool url() const { return url_; }
  std::string encode(std::string_view key) const;
  void element(xml::Writer& out, std::string_view name, std::string_view key) const;
  // <EncodingType>url</EncodingType>, where it was asked for.
  void write_type(xml::Writer& out) const;

 private:
  bool url_ = false;
  std::string as_sent_;  // "url" in any case
};

}  // namespace bodega::s3
