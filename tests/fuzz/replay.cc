// All targets in the ordinary tests: every seed as it is, then mutations of them from a fixed
// random sequence, so that a parser which falls over falls over for everybody.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/catch.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

constexpr std::array kTargets{
    &kAwsChunked, &kBrowser,    &kDynamodbExpression, &kDynamodbItem, &kJournal,
    &kJson,       &kKmsRequest, &kDynamodbRequest,    &kHttpFields,   &kHttpMessage,
    &kInflate,    &kNumber,     &kRedisRdb,           &kRedisText,    &kResp,
    &kS3Address,  &kSignature,  &kWebToken,           &kXml};
constexpr int kMutations = 2000;  // of each target
constexpr std::size_t kMaxInputBytes = 4096;

// What a parser is most likely to trip over.
constexpr std::array<std::string_view, 16> kTokens{"0",
                                                   "-1",
                                                   "18446744073709551616",
                                                   "\r\n",
                                                   std::string_view("\0", 1),
                                                   "\xff",
                                                   "\xed\xa0\x80",
                                                   "%",
                                                   "\"",
                                                   "{}",
                                                   "[",
                                                   ":",
                                                   " ",
                                                   "e999999999",
                                                   "<a>",
                                                   ","};

const char* running = "";
std::string input;

// Which input it was, for whoever wants to run it again.
void tell(int) {
  std::fprintf(stderr, "fuzz target %s fell over these %zu bytes:\n", running, input.size());
  for (const char c : input) std::fprintf(stderr, "\\x%02x", static_cast<unsigned char>(c));
  std::fputc('\n', stderr);
  std::_Exit(1);
}

class Mutator {
 public:
  explicit Mutator(const Target& target) : seeds_(target.seeds) {}

  std::string next() {
    std::string bytes(seeds_[below(seeds_.size())]);
    for (std::size_t left = 1 + below(4); left > 0; --left) change(bytes);
    bytes.resize(std::min(bytes.size(), kMaxInputBytes));
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void change(std::string& bytes) {
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(bytes.size() - at, 16) + 1);
    switch (below(6)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1: bytes.erase(at, length); break;
      case 2: bytes.insert(at, kTokens[below(kTokens.size())]); break;
      case 3: bytes.insert(at, bytes.substr(at, length)); break;
      case 4: bytes.resize(at); break;
      default: {
        const std::string_view other = seeds_[below(seeds_.size())];
        bytes.replace(at, length, other.substr(below(other.size() + 1)));
      }
    }
  }

  std::span<const std::string_view> seeds_;
  std::mt19937_64 random_{20260101};
};

}  // namespace

TEST_CASE("fuzz: no seed and no mutation of one makes a parser fall over") {
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(signal, tell);
  for (const Target* target : kTargets) {
    running = target->name.data();
    REQUIRE_FALSE(target->seeds.empty());
    for (const std::string_view seed : target->seeds) {
      input = seed;
      CHECK_NOTHROW(target->run(input));
    }
    Mutator mutator(*target);
    for (int i = 0; i < kMutations; ++i) {
      input = mutator.next();
      INFO(target->name);
      CHECK_NOTHROW(target->run(input));
    }
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(signal, SIG_DFL);
}

}  // namespace bodega::fuzz
