// The Asio types of the process, with the concrete executor of io_context: the type-erased default
// costs an allocation or an indirect call at every step of a coroutine.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace bodega::server {

namespace asio = boost::asio;
using asio::ip::tcp;

using LoopExecutor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, LoopExecutor>;
using Acceptor = asio::basic_socket_acceptor<tcp, LoopExecutor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;

template <class T>
using Task = asio::awaitable<T, LoopExecutor>;

// `auto [error, n] = co_await socket.async_read_some(buffer, kAwait);`: a peer that goes away is an
// error code, not an exception.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<LoopExecutor>> kAwait{};

}  // namespace bodega::server
