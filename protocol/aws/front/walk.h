// The walk of a request through an AWS service: one list of steps for all of them, and the one
// place where what they throw is caught.
//
//   recognise   which operation it is
//   identify    which caller signed it
//   authorize   whether the caller may
//   (gate)      whether something answers in the service's place
//   check_input whether what was sent can be understood
//   run         the operation
//   render      errors, in the service's form
//
// A service's turn is a class with these functions, besides `Error` (the type that it throws),
// exchange() (what is known so far), error_named(answer) and internal_error(). Before the walk the
// router has found the service (recognise.h); after it the server tells the observers.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "engines/base/fault.h"
#include "protocol/observe/exchange.h"
#include "protocol/observe/gate.h"

namespace bodega::aws {

// Writes what the store said to the log. It is never for clients.
void log_fault(const observe::Exchange& exchange, const base::StorageFault& fault);

// What `run` returns, or the rendered error of what it throws. Later parts of a request (its body,
// a task in the background) come through here as well.
template <class Turn, class Run>
auto guarded(Turn&& turn, Run&& run) -> decltype(run()) {
  try {
    return std::forward<Run>(run)();
  } catch (const typename std::remove_cvref_t<Turn>::Error& error) {
    return turn.render(error);
  } catch (const base::StorageFault& fault) {
    log_fault(turn.exchange(), fault);
    return turn.render(turn.internal_error());
  }
}

template <class Turn>
auto walk(Turn& turn, observe::Gate* gate) {
  return guarded(turn, [&] {
    turn.recognise();
    turn.identify();
    turn.authorize();
    if (gate != nullptr) {
      if (const auto answer = gate->before(turn.exchange())) throw turn.error_named(*answer);
    }
    turn.check_input();
    return turn.run();
  });
}

}  // namespace bodega::aws
