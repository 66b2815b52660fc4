#include "server/tls/authority.h"

#include <fcntl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "engines/base/descriptor.h"
#include "engines/base/fault.h"
#include "engines/base/sync_path.h"

namespace bodega::server {
namespace {

// A key and a certificate of ours have about a thousand.
constexpr std::size_t kMaxFileBytes = 64 * 1024;

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& file) {
  throw base::StorageFault("cannot " + what + " " + file.string() + ": " + std::strerror(errno));
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw base::StorageFault(file.string() + " " + why +
                           ". Restore it, or remove it: then a new certificate authority is made, "
                           "which clients have to be given again (bodega ca)");
}

// Nothing when there is no such file.
std::optional<std::string> read_file(const std::filesystem::path& path) {
  const base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open()) fail("open", path);
  std::string text(kMaxFileBytes, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + length, text.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", path);
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  text.resize(length);
  return text;
}

// The file appears whole or not at all, and never in the place of one that is there: link() fails
// then, and this returns false. File systems without links, as some shared folders of virtual
// machines are, have rename() alone.
bool create_file(const std::filesystem::path& path, std::string_view text) {
  std::string unfinished = path.string() + ".XXXXXX";
  const base::Descriptor file(
      ::mkostemp(unfinished.data(), O_CLOEXEC));  // readable by its owner alone
  if (!file.is_open()) fail("create", unfinished);
  int linked = -1;
  int error = 0;
  try {
    if (!base::write_durably(file.get(), text)) fail("write", unfinished);
    linked = ::link(unfinished.c_str(), path.c_str());
    if (linked != 0 && errno != EEXIST) linked = ::rename(unfinished.c_str(), path.c_str());
    error = errno;
  } catch (...) {
    ::unlink(unfinished.c_str());
    throw;
  }
  ::unlink(unfinished.c_str());
  if (linked != 0 && error == EEXIST) return false;
  errno = error;
  if (linked != 0) fail("create", path);
  base::sync_path(path.parent_path());
  return true;
}

}  // namespace

std::filesystem::path authority_file(const std::filesystem::path& folder) {
  return folder / "ca.key";
}

std::optional<KeyedCertificate> load_authority(const std::filesystem::path& file) {
  const std::optional<std::string> text = read_file(file);
  if (!text) return std::nullopt;
  KeyedCertificate authority = parse_pem(*text);
  if (!authority.certificate || X509_check_ca(authority.certificate.get()) != 1) {
    refuse(file, "is damaged: it is no key and certificate of an authority");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(authority.certificate.get())) <= 0) {
    refuse(file, "is of no use: its certificate has expired");
  }
  return authority;
}

KeyedCertificate load_or_make_authority(const std::filesystem::path& file) {
  if (auto found = load_authority(file)) return *std::move(found);
  KeyedCertificate made = make_authority();
  if (create_file(file, to_pem(*made.key) + to_pem(*made.certificate))) return made;
  auto theirs = load_authority(file);
  if (!theirs) refuse(file, "went away while it was read");
  return *std::move(theirs);
}

}  // namespace bodega::server
