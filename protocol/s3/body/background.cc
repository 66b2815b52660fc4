#include "protocol/s3/body/background.h"

#include <functional>
#include <utility>

#include "protocol/aws/front/background.h"
#include "protocol/s3/wire/operation.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

class BackgroundSink final : public http::BodySink {
 public:
  explicit BackgroundSink(std::unique_ptr<Call> call) : call_(std::move(call)) {}

  // These requests have no body; what comes nevertheless means nothing.
  Flow write(std::string_view) override { return Flow::kMore; }

  Flow end() override {
    reply_.start(call_->shared.executor, [call = call_] {
      return answer(
          *call, [&] { return call->later ? call->later() : call->operation.handler(*call, {}); });
    });
    return Flow::kWait;
  }

  void resume(std::function<void()> ready) override { reply_.resume(std::move(ready)); }

  http::Reply finish(const http::Headers&) override { return reply_.take(); }

 private:
  std::shared_ptr<Call> call_;  // with the task, which may outlive the sink
  aws::BackgroundReply reply_;
};

}  // namespace

std::unique_ptr<http::BodySink> make_background_sink(std::unique_ptr<Call> call) {
  return std::make_unique<BackgroundSink>(std::move(call));
}

}  // namespace bodega::s3
