#include "engines/base/digest_pipeline.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/mutex.h"

namespace bodega::base {
namespace {

// A task that has taken so many goes to the end of the executor's line, or one body that arrives as
// fast as it is digested would keep a thread to itself.
constexpr std::size_t kChunksPerTask = 4;

// A run of bytes that several lanes read and none changes. Guarded by the state's mutex except
// for the bytes, which are written before the chunk is queued.
struct Chunk {
  std::unique_ptr<char[]> bytes =
      std::make_unique_for_overwrite<char[]>(DigestPipeline::kChunkBytes);
  std::size_t size = 0;
  std::size_t lanes_left = 0;
};

// One slow digest and the chunks it has still to take. At any moment at most one thread works on it
// (`active`); at most one task for it is on its way through the executor (`posted`).
struct Lane {
  explicit Lane(DigestKind kind) : digest(kind) {}

  Digest digest;
  std::deque<std::shared_ptr<Chunk>> queue;
  bool active = false;
  bool posted = false;
};

}  // namespace

// Shared with the tasks, so that the pipeline may go while they still run.
struct DigestPipeline::State : std::enable_shared_from_this<State> {
  struct Place {
    bool slow;
    std::size_t index;
  };

  Executor* executor = nullptr;
  std::vector<Place> places;  // positional: where the digest of each kind is
  std::vector<Digest> crcs;   // the writing thread's
  std::vector<Lane> lanes;    // digests of lanes that are not active belong to the writing thread
  std::uint64_t taken_bytes = 0;
  std::shared_ptr<Chunk> open_chunk;  // the writing thread's, not full yet

  Mutex mutex;
  Condition changed;
  std::size_t queued_bytes GUARDED_BY(mutex) = 0;
  std::vector<std::shared_ptr<Chunk>> spare GUARDED_BY(mutex);
  std::function<void()> ready GUARDED_BY(mutex);
  std::optional<std::thread::id> calling GUARDED_BY(mutex);  // who is inside a callback
  bool abandoned GUARDED_BY(mutex) = false;

  Flow write(std::string_view bytes);
  std::shared_ptr<Chunk> take_chunk();
  void queue(std::shared_ptr<Chunk> chunk);
  void work(Lane& lane, std::size_t chunks) REQUIRES_LOCK(mutex);
  void run_task(std::size_t index);
  void finish_lanes();
  void abandon();
};

std::shared_ptr<Chunk> DigestPipeline::State::take_chunk() {
  {
    const Lock lock(mutex);
    if (!spare.empty()) {
      auto chunk = std::move(spare.back());
      spare.pop_back();
      return chunk;
    }
  }
  return std::make_shared<Chunk>();
}

void DigestPipeline::State::queue(std::shared_ptr<Chunk> chunk) {
  std::vector<std::size_t> to_post;
  {
    const Lock lock(mutex);
    chunk->lanes_left = lanes.size();
    queued_bytes += chunk->size;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      lanes[i].queue.push_back(chunk);
      if (lanes[i].active || lanes[i].posted) continue;
      lanes[i].posted = true;
      to_post.push_back(i);
    }
  }
  // Outside the lock: an executor may run the task at once.
  for (const std::size_t i : to_post) {
    executor->post([self = shared_from_this(), i] { self->run_task(i); });
  }
}

// Takes what is queued for the lane, in order, up to so many chunks; lets go of the mutex while it
// digests. REQUIRES: no other thread is active.
void DigestPipeline::State::work(Lane& lane, std::size_t chunks) {
  lane.active = true;
  for (; chunks > 0 && !lane.queue.empty() && !abandoned; --chunks) {
    const std::shared_ptr<Chunk> chunk = std::move(lane.queue.front());
    lane.queue.pop_front();
    mutex.unlock();
    lane.digest.update({chunk->bytes.get(), chunk->size});
    mutex.lock();
    if (--chunk->lanes_left > 0) continue;
    queued_bytes -= chunk->size;
    spare.push_back(chunk);
    if (!ready || abandoned || queued_bytes >= kQueueBytes / 2) continue;
    const std::function<void()> call = std::exchange(ready, nullptr);
    calling = std::this_thread::get_id();
    mutex.unlock();
    call();
    mutex.lock();
    calling.reset();
    changed.notify_all();
  }
  lane.active = false;
  changed.notify_all();
}

void DigestPipeline::State::run_task(std::size_t index) {
  {
    const Lock lock(mutex);
    Lane& lane = lanes[index];
    lane.posted = false;
    if (lane.active) return;
    work(lane, kChunksPerTask);
    if (lane.queue.empty() || lane.active || lane.posted || abandoned) return;
    lane.posted = true;
  }
  executor->post([self = shared_from_this(), index] { self->run_task(index); });
}

DigestPipeline::Flow DigestPipeline::State::write(std::string_view bytes) {
  for (Digest& crc : crcs) crc.update(bytes);
  if (lanes.empty()) return Flow::kMore;

  taken_bytes += bytes.size();
  if (executor == nullptr || taken_bytes <= kInlineBytes) {
    for (Lane& lane : lanes) lane.digest.update(bytes);
    return Flow::kMore;
  }
  while (!bytes.empty()) {
    if (!open_chunk) {
      open_chunk = take_chunk();
      open_chunk->size = 0;
    }
    const std::size_t length = std::min(bytes.size(), kChunkBytes - open_chunk->size);
    std::copy_n(bytes.data(), length, open_chunk->bytes.get() + open_chunk->size);
    open_chunk->size += length;
    bytes.remove_prefix(length);
    if (open_chunk->size == kChunkBytes) queue(std::move(open_chunk));
  }
  const Lock lock(mutex);
  return queued_bytes >= kQueueBytes ? Flow::kFull : Flow::kMore;
}

// The caller does what no thread has begun with and waits only for what one is busy with, so that
// this ends even if the executor never runs another task.
void DigestPipeline::State::finish_lanes() {
  const Lock lock(mutex);
  for (;;) {
    bool busy = false;
    bool worked = false;
    for (Lane& lane : lanes) {
      if (lane.active) {
        busy = true;
      } else if (!lane.queue.empty()) {
        work(lane, lane.queue.size());
        worked = true;
      }
    }
    if (worked) continue;
    if (!busy) return;
    changed.wait(mutex);
  }
}

void DigestPipeline::State::abandon() {
  const Lock lock(mutex);
  abandoned = true;
  ready = nullptr;
  for (Lane& lane : lanes) lane.queue.clear();
  // A callback may itself destroy the pipeline; then there is nothing to wait for.
  while (calling && *calling != std::this_thread::get_id()) changed.wait(mutex);
}

DigestPipeline::DigestPipeline(std::span<const DigestKind> kinds, Executor* executor)
    : state_(std::make_shared<State>()) {
  state_->executor = executor;
  for (const DigestKind kind : kinds) {
    if (is_crc(kind)) {
      state_->places.push_back({false, state_->crcs.size()});
      state_->crcs.emplace_back(kind);
    } else {
      state_->places.push_back({true, state_->lanes.size()});
      state_->lanes.emplace_back(kind);
    }
  }
}

DigestPipeline::~DigestPipeline() { state_->abandon(); }

DigestPipeline::Flow DigestPipeline::write(std::string_view bytes) { return state_->write(bytes); }

void DigestPipeline::when_drained(std::function<void()> ready) {
  {
    const Lock lock(state_->mutex);
    BODEGA_CHECK(!state_->ready);
    if (state_->queued_bytes >= kQueueBytes / 2) {
      state_->ready = std::move(ready);
      return;
    }
  }
  ready();
}

std::vector<std::string> DigestPipeline::finish() {
  State& state = *state_;
  if (state.open_chunk) state.queue(std::move(state.open_chunk));
  state.finish_lanes();
  std::vector<std::string> digests;
  digests.reserve(state.places.size());
  for (const State::Place& place : state.places) {
    digests.push_back(place.slow ? state.lanes[place.index].digest.finish()
                                 : state.crcs[place.index].finish());
  }
  return digests;
}

}  // namespace bodega::base
