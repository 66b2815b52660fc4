#include "server/net/ask.h"

#include <array>
#include <boost/asio/write.hpp>

#include "server/net/asio.h"

namespace bodega::server {
namespace {

constexpr std::size_t kMaxAnswerBytes = 4096;

tcp::endpoint endpoint_of(const Address& address) {
  auto host = asio::ip::make_address(address.host);
  if (host.is_unspecified()) {
    host = host.is_v4() ? asio::ip::address(asio::ip::address_v4::loopback())
                        : asio::ip::address(asio::ip::address_v6::loopback());
  }
  return {host, address.port};
}

class Question {
 public:
  Question(const Address& address, std::string_view request, std::string_view end)
      : request_(request), end_(end) {
    socket_.async_connect(endpoint_of(address), [this](const boost::system::error_code& error) {
      if (!error) send();
    });
  }

  std::optional<std::string> run_for(std::chrono::milliseconds limit) {
    context_.run_for(limit);
    if (!complete_) return std::nullopt;
    return std::move(answer_);
  }

 private:
  void send() {
    asio::async_write(socket_, asio::buffer(request_),
                      [this](const boost::system::error_code& error, std::size_t) {
                        if (!error) read();
                      });
  }

  void read() {
    socket_.async_read_some(
        asio::buffer(room_), [this](const boost::system::error_code& error, std::size_t bytes) {
          answer_.append(room_.data(), bytes);
          const bool found = !end_.empty() && answer_.find(end_) != std::string::npos;
          complete_ = found || answer_.size() >= kMaxAnswerBytes ||
                      (end_.empty() && error == asio::error::eof);
          if (!complete_ && !error) read();
        });
  }

  asio::io_context context_;
  Socket socket_{context_.get_executor()};
  const std::string request_;
  const std::string end_;
  std::array<char, 1024> room_;
  std::string answer_;
  bool complete_ = false;
};

}  // namespace

std::optional<std::string> ask(const Address& address, std::string_view request,
                               std::string_view end, std::chrono::milliseconds limit) {
  return Question(address, request, end).run_for(limit);
}

}  // namespace bodega::server
