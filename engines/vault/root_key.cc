#include "engines/vault/root_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engines/base/descriptor.h"
#include "engines/base/random.h"
#include "engines/base/sync_path.h"

namespace bodega::vault {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& file) {
  throw base::StorageFault("cannot " + what + " " + file.string() + ": " + std::strerror(errno));
}

}  // namespace

std::optional<Secret> RootKey::load() const {
  if (file_.empty()) return std::nullopt;
  const base::Descriptor file(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open()) fail("open", file_);
  std::string bytes(kSealKeyBytes + 1, '\0');  // one more shows a file that is too long
  const ssize_t length = ::read(file.get(), bytes.data(), bytes.size());
  if (length < 0) fail("read", file_);
  if (static_cast<std::size_t>(length) != kSealKeyBytes) {
    throw RootKeyDamaged(file_.string() + " is no root key: it has not 32 bytes");
  }
  bytes.resize(kSealKeyBytes);
  return Secret(std::move(bytes));
}

Secret RootKey::create() const {
  Secret key(base::secret_bytes(kSealKeyBytes));
  if (file_.empty()) return key;
  // Under another name until it is whole, so that a kill leaves no half of a key.
  std::filesystem::path unfinished = file_;
  unfinished += ".new";
  {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    const base::Descriptor file(::open(unfinished.c_str(), kFlags, S_IRUSR | S_IWUSR));
    if (!file.is_open()) fail("create", unfinished);
    if (!base::write_durably(file.get(), key.bytes())) fail("write", unfinished);
  }
  if (::rename(unfinished.c_str(), file_.c_str()) != 0) fail("create", file_);
  base::sync_path(file_.parent_path());
  return key;
}

void RootKey::set_aside() const {
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) return;
  std::filesystem::path aside;
  int number = 0;
  do {
    aside = file_.string() + ".damaged-" + std::to_string(++number);
  } while (std::filesystem::exists(aside, ignored));
  if (::rename(file_.c_str(), aside.c_str()) != 0) fail("set aside", file_);
  base::sync_path(file_.parent_path());
}

}  // namespace bodega::vault
