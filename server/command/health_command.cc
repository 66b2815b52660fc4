#include "server/command/health_command.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "server/net/ask.h"

namespace bodega::server {
namespace {

// Less than the limit that health checks have by habit.
constexpr std::chrono::milliseconds kLimit{1'800};

// The arguments of process 1, if it is this program. They are what "docker run IMAGE --http ..."
// gave, which no variable tells.
std::vector<std::string> first_process_words() {
  std::error_code error;
  const auto mine = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error || ::getpid() == 1) return {};
  const auto its = std::filesystem::read_symlink("/proc/1/exe", error);
  if (error || its != mine) return {};
  std::ifstream file("/proc/1/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  if (!words.empty()) words.erase(words.begin());
  return words;
}

Config read_settings(Arguments arguments) {
  if (!arguments.empty()) return read_config(arguments, process_environment());
  const std::vector<std::string> words = first_process_words();
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return read_config(pointers, process_environment());
}

int say(bool well, const std::string& sentence) {
  std::fprintf(well ? stdout : stderr, "%s%s\n", well ? "" : "bodega: ", sentence.c_str());
  return well ? 0 : 1;
}

int ask_http(const Address& address) {
  const std::string where = "http://" + address.text();
  const auto answer =
      ask(address, "GET /_bodega/health HTTP/1.0\r\nHost: localhost\r\n\r\n", "", kLimit);
  if (!answer) return say(false, "nothing answers at " + where);
  const std::size_t body = answer->find("\r\n\r\n");
  if (!answer->starts_with("HTTP/1.") || body == std::string::npos) {
    return say(false, "what answers at " + where + " is no Bodega");
  }
  const bool well = answer->substr(0, answer->find("\r\n")).find(" 200 ") != std::string::npos;
  return say(well,
             where + " " + answer->substr(body + 4, answer->find_last_not_of('\n') - body - 3));
}

int ask_redis(const Address& address) {
  const std::string where = "redis://" + address.text();
  const auto answer = ask(address, "PING\r\n", "\r\n", kLimit);
  if (!answer) return say(false, "nothing answers at " + where);
  // A server that wants a password first is there as well.
  const bool well = answer->starts_with("+PONG") || answer->starts_with("-NOAUTH");
  return say(well, where + " " + answer->substr(0, answer->find("\r\n")));
}

}  // namespace

int health_command(Arguments arguments) {
  const Config config = read_settings(arguments);
  const Address address = config.http.empty() ? config.redis.front().address : config.http.front();
  if (address.port == 0) {
    throw UsageError(
        "port 0 does not tell where the server is; name its port, as in bodega health "
        "--http 127.0.0.1:4566");
  }
  return config.http.empty() ? ask_redis(address) : ask_http(address);
}

}  // namespace bodega::server
