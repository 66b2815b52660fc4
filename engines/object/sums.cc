// Reading the bytes of one version against the sums in its record, all of them in one pass.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/fault.h"
#include "engines/object/verify.h"

namespace bodega::object {
namespace {

using base::Digest;
using base::DigestKind;

constexpr std::size_t kReadBufferBytes = 256 * 1024;
constexpr std::size_t kMd5HexCharacters = 32;

// The wire's names, as records have them.
constexpr std::array<std::pair<std::string_view, DigestKind>, 7> kAlgorithms{{
    {"CRC64NVME", DigestKind::kCrc64Nvme},
    {"CRC32", DigestKind::kCrc32},
    {"CRC32C", DigestKind::kCrc32c},
    {"SHA1", DigestKind::kSha1},
    {"SHA256", DigestKind::kSha256},
    {"SHA512", DigestKind::kSha512},
    {"MD5", DigestKind::kMd5},
}};

std::optional<DigestKind> kind_of(std::string_view algorithm) {
  for (const auto& [name, kind] : kAlgorithms) {
    if (name == algorithm) return kind;
  }
  return std::nullopt;
}

// A sum in the making, and what it has to be.
struct Sum {
  std::string name;
  std::string expected;  // raw bytes
  Digest digest;
};

// Some bytes in a row (the whole, or one part) and their sums.
class Section {
 public:
  void expect_etag(std::string_view etag) {
    // Any other form is no MD5 of these bytes.
    if (etag.size() != kMd5HexCharacters) return;
    if (auto raw = base::from_hex(etag)) {
      sums_.push_back({"MD5", *std::move(raw), Digest(DigestKind::kMd5)});
    }
  }
  void expect_checksum(std::string_view algorithm, std::string_view value) {
    const std::optional<DigestKind> kind = kind_of(algorithm);
    if (!kind || value.empty()) return;
    auto raw = base::from_base64(value);
    sums_.push_back({std::string(algorithm), raw ? *std::move(raw) : std::string(), Digest(*kind)});
  }
  void update(std::string_view bytes) {
    for (Sum& sum : sums_) sum.digest.update(bytes);
  }
  // What is wrong, or nothing.
  std::optional<std::string> finish() {
    for (Sum& sum : sums_) {
      if (sum.digest.finish() != sum.expected) return "its bytes do not have its " + sum.name;
    }
    return std::nullopt;
  }

 private:
  std::vector<Sum> sums_;
};

Section whole_of(const ObjectVersion& version) {
  Section whole;
  const Checksum& checksum = version.attributes.checksum;
  if (version.parts.empty()) whole.expect_etag(version.attributes.etag);
  if (checksum.type != ChecksumType::kComposite) {
    whole.expect_checksum(checksum.algorithm, checksum.value);
  }
  return whole;
}

Section part_of(const ObjectVersion& version, const Part& part) {
  Section section;
  section.expect_etag(part.etag);
  section.expect_checksum(version.attributes.checksum.algorithm, part.checksum);
  return section;
}

std::optional<std::string> read_against_sums(const ObjectVersion& version, const Content& content,
                                             const std::function<bool()>& go_on) {
  Section whole = whole_of(version);
  ContentReader reader(content, 0, content.size_bytes());
  std::string buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(content.size_bytes(), kReadBufferBytes)),
      '\0');
  // Reads so many bytes into the whole and the section; false when it is to end.
  const auto read = [&](std::uint64_t left, Section* section) {
    while (left > 0) {
      if (!go_on()) return false;
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
      const std::size_t count = reader.read(std::span(buffer).first(want));
      if (count == 0) throw base::StorageFault("it ends early");
      const std::string_view bytes(buffer.data(), count);
      whole.update(bytes);
      if (section != nullptr) section->update(bytes);
      left -= count;
    }
    return true;
  };
  if (version.parts.empty()) {
    if (!read(content.size_bytes(), nullptr)) return std::nullopt;
    return whole.finish();
  }
  for (const Part& part : version.parts) {
    Section section = part_of(version, part);
    if (!read(part.size_bytes, &section)) return std::nullopt;
    if (auto wrong = section.finish()) {
      return "part " + std::to_string(part.number) + ": " + *std::move(wrong);
    }
  }
  return whole.finish();
}

}  // namespace

std::optional<std::string> find_damage(const ObjectVersion& version, const Content& content,
                                       const std::function<bool()>& go_on) {
  std::uint64_t of_parts = 0;
  for (const Part& part : version.parts) of_parts += part.size_bytes;
  if (content.size_bytes() != version.size_bytes ||
      (!version.parts.empty() && of_parts != version.size_bytes)) {
    return "its record contradicts itself about its size";
  }
  try {
    return read_against_sums(version, content, go_on);
  } catch (const base::StorageFault& fault) {
    return fault.what();
  }
}

}  // namespace bodega::object
