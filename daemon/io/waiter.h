// Lets a coroutine wait for something that is no Asio operation: a thread, a callback of a C
// library.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace gonogo {

// Used only on the loop's thread. (Boost 1.81's any_completion_handler recurses for ever when it
// is move-assigned, so the handler is erased here.)
class Waiter {
 public:
  // Goes on with the coroutine; only the first call counts.
  void resume(boost::system::error_code error) {
    if (auto held = std::move(held_)) held->resume(error);
  }

  // Drops the coroutine: it is destroyed, at the latest with its io_context, and never resumed.
  void forget() { const auto held = std::move(held_); }

 private:
  template <typename Begin, typename Cancelled>
  friend boost::asio::awaitable<void> wait_for(std::shared_ptr<Waiter> waiter, Begin begin,
                                               Cancelled cancelled);

  struct Held {
    virtual ~Held() = default;
    virtual void resume(boost::system::error_code error) = 0;
  };
  template <typename Handler>
  struct HeldHandler : Held {
    explicit HeldHandler(Handler&& taken) : handler(std::move(taken)) {}
    void resume(boost::system::error_code error) override {
      boost::asio::get_associated_cancellation_slot(handler).clear();
      std::move(handler)(error);
    }
    Handler handler;
  };

  std::unique_ptr<Held> held_;
};

// Calls `begin` and waits until somebody resumes `waiter`; when the coroutine is cancelled
// meanwhile, `cancelled` is called, and then something has to resume `waiter` soon. Neither
// function may resume it from inside its own call. Throws system_error when resumed with an error.
template <typename Begin, typename Cancelled>
boost::asio::awaitable<void> wait_for(std::shared_ptr<Waiter> waiter, Begin begin,
                                      Cancelled cancelled) {
  namespace asio = boost::asio;
  auto initiate = [waiter, begin = std::move(begin),
                   cancelled = std::move(cancelled)](auto handler) mutable {
    auto slot = asio::get_associated_cancellation_slot(handler);
    waiter->held_ = std::make_unique<Waiter::HeldHandler<decltype(handler)>>(std::move(handler));
    if (slot.is_connected()) {
      slot.assign([cancelled = std::move(cancelled)](asio::cancellation_type) { cancelled(); });
    }
    begin();
  };
  auto operation =
      asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
          std::move(initiate), asio::use_awaitable);
  co_await std::move(operation);
}

}  // namespace gonogo
