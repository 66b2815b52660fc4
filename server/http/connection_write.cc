// HttpConnection's writing half: reply heads, and the three kinds of bodies.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <charconv>
#include <cstring>
#include <exception>
#include <variant>

#include "engines/base/log.h"
#include "server/http/connection.h"

namespace bodega::server {
namespace {

// Pulled from a source and written in pieces of this size.
constexpr std::size_t kStreamChunkBytes = 256 * 1024;

// One sendfile call. A fast reader never makes us wait, so after each turn the loop's other
// connections get theirs.
constexpr std::size_t kFileTurnBytes = 2 * 1024 * 1024;

iovec part_of(std::string_view text) {
  // sendmsg only reads what iov_base points to; the type is C's.
  return {const_cast<char*>(text.data()), text.size()};
}

std::uint64_t length_of(const std::vector<http::FileSlice>& slices) {
  std::uint64_t sum = 0;
  for (const http::FileSlice& slice : slices) sum += slice.length_bytes;
  return sum;
}

// What came of a source: how many bytes, and what it threw.
struct Pulled {
  std::size_t bytes = 0;
  std::optional<std::string> fault;
};

// Fills the buffer as far as the source goes.
Pulled pull(http::BodySource& source, std::span<char> buffer) {
  Pulled pulled;
  try {
    while (pulled.bytes < buffer.size()) {
      const std::size_t count = source.read(buffer.subspan(pulled.bytes));
      if (count == 0) break;
      pulled.bytes += count;
    }
  } catch (const std::exception& fault) {
    pulled.fault = fault.what();
  }
  return pulled;
}

}  // namespace

ReplyPlan HttpConnection::plan_for(Transfer& transfer, const http::Reply& reply) const {
  ReplyPlan plan;
  const std::optional<std::uint64_t> length = body_length(reply.body);
  plan.send_body = !transfer.is_head && reply.status != 204 && reply.status != 304;
  if (reply.status == 204 || reply.status == 304) {
    plan.framing = Framing::kNone;
  } else if (length) {
    plan.length_bytes = *length;
  } else {
    plan.framing = transfer.version_minor >= 1 ? Framing::kChunked : Framing::kClose;
  }
  // The rest of a body is only worth reading when it is known to be small, and it will not come at
  // all when the client waits for a "100 Continue" that it never got.
  const bool rest_is_wanted =
      transfer.body_done ||
      (!transfer.awaits_continue && transfer.body_left <= loop_.limits().drain_bytes);
  if (reply.close || !rest_is_wanted || loop_.stopping() || plan.framing == Framing::kClose) {
    transfer.keep_alive = false;
  }
  plan.persistence = !transfer.keep_alive          ? Persistence::kClose
                     : transfer.version_minor == 0 ? Persistence::kKeepAlive
                                                   : Persistence::kKeep;
  return plan;
}

Task<bool> HttpConnection::send_reply(Transfer& transfer, http::Reply& reply) {
  enter(Phase::kReply, loop_.limits().stall);
  cut_short_ = false;
  const ReplyPlan plan = plan_for(transfer, reply);
  out_.clear();
  render_head(out_, reply, plan, loop_.date());
  if (!plan.send_body) co_return co_await write(out_);
  if (const auto* text = std::get_if<std::string>(&reply.body)) {
    // The usual case: everything goes out at once, without a further coroutine.
    std::array<iovec, 2> parts{part_of(out_), part_of(*text)};
    const Stream::Sent sent = stream_.write_now(parts);
    count_sent(sent.bytes);
    if (sent.status == Stream::Status::kDone) co_return true;
    if (sent.status == Stream::Status::kFailed) co_return false;
    co_return co_await write_rest(parts.data(), parts.size());
  }
  if (const auto* slices = std::get_if<std::vector<http::FileSlice>>(&reply.body)) {
    co_return co_await send_files(reply, *slices);
  }
  co_return co_await send_stream(reply, std::get<http::StreamBody>(reply.body), plan.framing);
}

// Of a reply whose head is out: nothing can tell the client but the end of the connection.
void HttpConnection::note_cut_short(const http::Reply& reply, std::string_view why) {
  cut_short_ = true;
  std::string line(reply.service);
  line.append(".").append(reply.operation).append(" ").append(reply.subject);
  const std::string_view request_id = reply.headers.get_or_empty("x-amz-request-id");
  if (!request_id.empty()) line.append(" (request ").append(request_id).append(")");
  log::error(line.append(": the reply broke off: ").append(why));
}

Task<bool> HttpConnection::send_files(const http::Reply& reply,
                                      const std::vector<http::FileSlice>& slices) {
  std::array<iovec, 1> parts{part_of(out_)};
  const bool bytes_follow = length_of(slices) > 0;
  const Stream::Sent sent =
      stream_.write_now(parts, bytes_follow ? Stream::More::kYes : Stream::More::kNo);
  count_sent(sent.bytes);
  if (sent.status == Stream::Status::kFailed) co_return false;
  if (sent.status == Stream::Status::kBlocked && !co_await write_rest(parts.data(), 1)) {
    co_return false;
  }
  for (const http::FileSlice& slice : slices) {
    std::uint64_t done = 0;
    while (done < slice.length_bytes) {
      const std::uint64_t left = slice.length_bytes - done;
      const auto turn = static_cast<std::size_t>(std::min<std::uint64_t>(left, kFileTurnBytes));
      const Stream::Sent piece = stream_.send_file_now(slice.fd, slice.offset + done, turn);
      count_sent(piece.bytes);
      done += piece.bytes;
      if (piece.bytes > 0) enter(Phase::kReply, loop_.limits().stall);
      if (piece.status == Stream::Status::kFailed) co_return false;
      if (piece.status == Stream::Status::kFileFailed) {
        note_cut_short(reply, piece.error == 0 ? "a file ended early" : std::strerror(piece.error));
        co_return false;
      }
      if (piece.status == Stream::Status::kBlocked) {
        if (!co_await wait_writable()) co_return false;
      } else if (done < slice.length_bytes) {
        const LoopExecutor executor = stream_.executor();
        co_await asio::post(executor, kAwait);
        if (expired_) co_return false;
      }
    }
  }
  co_return true;
}

Task<bool> HttpConnection::send_stream(const http::Reply& reply, http::StreamBody& body,
                                       Framing framing) {
  // A length that is not known counts as endless.
  std::uint64_t left = body.length_bytes;
  std::string piece(std::min<std::uint64_t>(left, kStreamChunkBytes), '\0');
  while (true) {
    const std::span<char> room(piece.data(), std::min<std::uint64_t>(left, piece.size()));
    const Pulled pulled = pull(*body.source, room);
    const bool early = framing == Framing::kLength && pulled.bytes < room.size();
    if (pulled.fault || early) {
      // A close in mid-body tells the client that it is not whole.
      note_cut_short(reply, pulled.fault ? *pulled.fault : "its source ended early");
      co_return false;
    }
    if (framing == Framing::kLength) left -= pulled.bytes;
    const bool last = left == 0 || pulled.bytes < room.size();
    const std::string_view bytes(piece.data(), pulled.bytes);
    if (framing == Framing::kChunked) {
      // The head, the last chunk's end and this chunk's size go out with its bytes.
      if (!bytes.empty()) {
        std::array<char, 20> hex{};
        const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), bytes.size(), 16).ptr;
        out_.append(hex.data(), end).append("\r\n");
      }
      if (!co_await write(out_, bytes)) co_return false;
      out_ = bytes.empty() ? "" : "\r\n";
      if (last) {
        out_.append("0\r\n\r\n");
        co_return co_await write(out_);
      }
    } else {
      if (!co_await write(out_, bytes)) co_return false;
      out_.clear();
      if (last) co_return true;
    }
    const LoopExecutor executor = stream_.executor();
    co_await asio::post(executor, kAwait);
    if (expired_) co_return false;
  }
}

Task<bool> HttpConnection::write(std::string_view first, std::string_view second) {
  std::array<iovec, 2> parts{part_of(first), part_of(second)};
  co_return co_await write_rest(parts.data(), parts.size());
}

// Writes until all parts are out. False: the peer is gone, or took nothing for too long.
Task<bool> HttpConnection::write_rest(iovec* parts, std::size_t count) {
  while (true) {
    const Stream::Sent sent = stream_.write_now(std::span(parts, count));
    count_sent(sent.bytes);
    if (sent.bytes > 0) reset_deadline(loop_.limits().stall);
    if (sent.status == Stream::Status::kDone) co_return true;
    if (sent.status == Stream::Status::kFailed) co_return false;
    if (!co_await wait_writable()) co_return false;
  }
}

Task<bool> HttpConnection::wait_writable() {
  const auto [error] = co_await stream_.writable();
  co_return !error && !expired_;
}

}  // namespace bodega::server
