#include "protocol/redis/replication/stream.h"

#include <algorithm>
#include <utility>

#include "engines/base/random.h"

namespace bodega::redis {
namespace {

std::string new_id() { return base::random_string(40, "0123456789abcdef"); }

}  // namespace

ReplicationStream::ReplicationStream() : id_(new_id()) {}

void ReplicationStream::listen() {
  if (std::exchange(listened_, true)) return;
  id_ = new_id();
}

void ReplicationStream::stop() {
  listened_ = false;
  backlog_ = {};
  noted_.clear();
  said_.clear();
  db_.reset();
}

void ReplicationStream::ran(const Call& call, std::string_view reply) {
  for (ReplicatedCommand& command : replicated(call, reply)) {
    noted_.push_back({call.db, std::move(command), false});
  }
}

void ReplicationStream::removed(unsigned db, std::string_view key) {
  noted_.push_back({db, {"DEL", std::string(key)}, true});
}

void ReplicationStream::fields_removed(unsigned db, std::string_view key,
                                       std::span<const std::string> fields) {
  ReplicatedCommand removal{"HDEL", std::string(key)};
  removal.insert(removal.end(), fields.begin(), fields.end());
  noted_.push_back({db, std::move(removal), true});
}

void ReplicationStream::say(const ReplicatedCommand& command) { put_command(said_, command); }

void ReplicationStream::select(std::string& out, unsigned db) {
  if (db_ == db) return;
  put_command(out, {"SELECT", std::to_string(db)});
  db_ = db;
}

std::string ReplicationStream::take() {
  std::string out;
  // Keys whose time came on the way are no part of a transaction.
  const bool whole =
      noted_.size() > 1 &&
      std::any_of(noted_.begin(), noted_.end(), [](const Noted& one) { return !one.by_itself; });
  if (whole) {
    select(out, noted_.front().db);
    put_command(out, {"MULTI"});
  }
  for (const Noted& one : noted_) {
    select(out, one.db);
    put_command(out, one.command);
  }
  if (whole) put_command(out, {"EXEC"});
  noted_.clear();
  out += std::exchange(said_, {});
  offset_ += out.size();
  backlog_ += out;
  // Cut now and then, so that each byte is moved about once.
  if (backlog_.size() > backlog_limit_ * 2) backlog_.erase(0, backlog_.size() - backlog_limit_);
  return out;
}

void ReplicationStream::limit_backlog(std::size_t bytes) { backlog_limit_ = bytes; }

std::optional<std::string_view> ReplicationStream::since(std::uint64_t offset) const {
  if (!listened_ || offset < backlog_offset() || offset > offset_) return std::nullopt;
  return std::string_view(backlog_).substr(offset - backlog_offset());
}

}  // namespace bodega::redis
