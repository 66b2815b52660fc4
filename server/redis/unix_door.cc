#include "server/redis/unix_door.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engines/base/log.h"
#include "server/net/start_error.h"

namespace bodega::server {
namespace {

using Protocol = asio::local::stream_protocol;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw StartError("cannot listen on unix:" + path + " (--redis): " + why);
}

// A file of a server that still answers stays, and so does what is no socket.
void remove_leftover(asio::io_context& context, const std::string& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return;
  if (!S_ISSOCK(facts.st_mode)) fail(path, "there is a file that is no socket");
  asio::basic_stream_socket<Protocol, LoopExecutor> probe(context.get_executor());
  boost::system::error_code error;
  probe.connect(Protocol::endpoint(path), error);
  if (!error) fail(path, "it is taken by another process");
  ::unlink(path.c_str());
}

}  // namespace

UnixDoor::UnixDoor(asio::io_context& context, const UnixPlace& place)
    : path_(place.path), acceptor_(context.get_executor()) {
  constexpr std::size_t kMaxPathBytes = 107;  // what sockaddr_un holds
  if (path_.size() > kMaxPathBytes) fail(path_, "the path has more than 107 bytes");
  remove_leftover(context, path_);
  boost::system::error_code error;
  acceptor_.open(Protocol(), error);
  if (!error) acceptor_.bind(Protocol::endpoint(path_), error);
  // Nobody can connect before listen(), so nobody comes in by the mode that bind() made.
  if (!error && ::chmod(path_.c_str(), place.mode) != 0) fail(path_, std::strerror(errno));
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) fail(path_, error.message());
  log::info("redis: clients may also come in through unix:" + path_);
}

UnixDoor::~UnixDoor() {
  close();
  ::unlink(path_.c_str());
}

void UnixDoor::accept(Adopt adopt) {
  adopt_ = std::move(adopt);
  accept_next();
}

void UnixDoor::accept_next() {
  acceptor_.async_accept([this](const boost::system::error_code& error, auto socket) {
    accepting_ = false;
    if (error == asio::error::operation_aborted) return;
    if (error) {
      log::warn("redis: cannot accept a connection at unix:" + path_ + ": " + error.message());
      return;
    }
    adopt_(StreamSocket(std::move(socket)));
    if (acceptor_.is_open()) accept_next();
  });
  accepting_ = true;
}

void UnixDoor::close() {
  boost::system::error_code error;
  acceptor_.close(error);
}

}  // namespace bodega::server
