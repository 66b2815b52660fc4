// The file of the authority: made once, kept, refused when it is of no use.
#include "server/tls/authority.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "engines/base/fault.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using namespace bodega::server;

namespace {

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string refusal(const std::filesystem::path& path) {
  try {
    load_or_make_authority(path);
  } catch (const base::StorageFault& fault) {
    return fault.what();
  }
  return "";
}

}  // namespace

TEST_CASE("authority: it is made when it is asked for, and the same from then on") {
  const tests::ScratchFolder folder;
  const std::filesystem::path file = authority_file(folder.path());
  CHECK_FALSE(load_authority(file));
  const KeyedCertificate made = load_or_make_authority(file);
  const KeyedCertificate again = load_or_make_authority(file);
  CHECK(X509_cmp(made.certificate.get(), again.certificate.get()) == 0);
  CHECK(EVP_PKEY_eq(made.key.get(), again.key.get()) == 1);
  CHECK(load_authority(file));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("authority: its file is its owner's alone, whatever the umask") {
  const tests::ScratchFolder folder;
  const mode_t before = ::umask(0);
  load_or_make_authority(folder / "ca.key");
  ::umask(before);
  struct stat facts {};
  REQUIRE(::stat((folder / "ca.key").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("authority: those who make it at once agree") {
  const tests::ScratchFolder folder;
  std::vector<std::string> made(8);
  std::vector<std::thread> threads;
  for (std::string& one : made) {
    threads.emplace_back(
        [&one, &folder] { one = to_pem(*load_or_make_authority(folder / "ca.key").certificate); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(std::count(made.begin(), made.end(), made[0]) == 8);
}

TEST_CASE("authority: a damaged file is refused by name and stays as it is") {
  const tests::ScratchFolder folder;
  const std::filesystem::path file = folder / "ca.key";
  load_or_make_authority(file);
  const std::string whole = read(file);
  const std::string damaged =
      GENERATE_COPY(std::string(), std::string("x"), whole.substr(0, whole.size() / 2),
                    whole.substr(whole.size() / 2), std::string(1 << 20, '-'));
  write(file, damaged);
  const std::string said = refusal(file);
  CHECK(said.find(file.string() + " is damaged") != std::string::npos);
  CHECK(said.find("bodega ca") != std::string::npos);
  CHECK(read(file) == damaged);
}

TEST_CASE("authority: a server's certificate is none, and neither is one that has expired") {
  const tests::ScratchFolder folder;
  const std::filesystem::path file = folder / "ca.key";
  KeyedCertificate authority = make_authority();
  SECTION("a server's") {
    const CertificatePointer leaf = make_leaf(authority, *authority.key, {{"localhost"}, {}});
    write(file, to_pem(*authority.key) + to_pem(*leaf));
    CHECK(refusal(file).find("is damaged") != std::string::npos);
  }
  SECTION("expired") {
    X509_gmtime_adj(X509_getm_notAfter(authority.certificate.get()), -1);
    X509_sign(authority.certificate.get(), authority.key.get(), EVP_sha256());
    write(file, to_pem(*authority.key) + to_pem(*authority.certificate));
    CHECK(refusal(file).find("has expired") != std::string::npos);
  }
}

TEST_CASE("authority: a folder that is not there is told of") {
  const tests::ScratchFolder folder;
  CHECK(refusal(folder / "absent/ca.key").find("No such file") != std::string::npos);
}
