// Says in the log that opening the data takes long, and in the end how long it took: a server that
// is silent for seconds looks as if it hung.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bodega::server {

// "1 request", "1,000,000 keys".
std::string counted(std::uint64_t count, std::string_view noun);

class LoadingNotice {
 public:
  // How many records of Redis data were read so far.
  void read(std::uint64_t records);

  // All is open. Says nothing when it was quick; from then on read() has nothing to say, because
  // what is reloaded later nobody waits for.
  void end(std::uint64_t keys);

 private:
  using Time = std::chrono::steady_clock::time_point;

  const Time began_ = std::chrono::steady_clock::now();
  Time due_ = began_ + std::chrono::seconds(1);
  bool ended_ = false;
};

}  // namespace bodega::server
