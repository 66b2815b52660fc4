#include "server/command/version.h"

#include <gnu/libc-version.h>
#include <openssl/crypto.h>
#include <spdlog/version.h>
#include <sys/auxv.h>
#include <yaml.h>
#include <zlib.h>

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <lua.hpp>
#include <nlohmann/json_fwd.hpp>
#include <pugixml.hpp>

#include "bodega_commit.h"
#include "engines/kv/database_version.h"

// Of jemalloc, where it is linked.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old, std::size_t* old_size_bytes,
                                     void* fresh, std::size_t fresh_size_bytes);

namespace bodega::server {
namespace {

// No interpreter has loaded it: it is linked statically.
bool is_static() { return getauxval(AT_BASE) == 0; }

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

// "5.3.0-0-g54eaed1d8b56b1aa528be3bdd1877e59c56fa90c", of which the first part is the version.
std::string allocator() {
  const char* version = nullptr;
  std::size_t size_bytes = sizeof version;
  if (mallctl == nullptr || mallctl("version", &version, &size_bytes, nullptr, 0) != 0) {
    return "";
  }
  const std::string_view text = version;
  return ", jemalloc " + std::string(text.substr(0, text.find('-')));
}

std::string libraries() {
  std::string text = kv::database_version();
  text.append(", OpenSSL ").append(OpenSSL_version(OPENSSL_VERSION_STRING));
  text.append(", zlib ").append(zlibVersion());
  text += ", Boost " +
          dotted(BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1'000, BOOST_VERSION % 100);
  text += ", pugixml " + std::to_string(PUGIXML_VERSION / 1'000) + "." +
          std::to_string(PUGIXML_VERSION % 1'000 / 10);
  text.append(", libyaml ").append(yaml_get_version_string()).append(", " LUA_RELEASE);
  text += ", spdlog " + dotted(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH);
  text += ", CLI11 " CLI11_VERSION;
  text += ", nlohmann/json " + dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                      NLOHMANN_JSON_VERSION_PATCH);
  text.append(", glibc ").append(gnu_get_libc_version()).append(allocator());
  return text;
}

}  // namespace

std::string version_text() {
  std::string text = "bodega " BODEGA_VERSION "\n";
  text += "commit " BODEGA_COMMIT "\n";
  text.append("build " BODEGA_BUILD_TYPE).append(is_static() ? ", static" : ", shared libraries");
#ifdef __clang__
  text += ", clang " __clang_version__ "\n";
#else
  text += ", g++ " __VERSION__ "\n";
#endif
  return text + "libraries " + libraries() + "\n";
}

}  // namespace bodega::server
