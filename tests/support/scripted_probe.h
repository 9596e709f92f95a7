// Probes that do as a test says.
#pragma once

#include <boost/asio/error.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>

#include "daemon/core/probe.h"
#include "daemon/io/waiter.h"

namespace gonogo {

class ScriptedProbe : public Probe {
 public:
  using Act = std::function<Finding()>;

  explicit ScriptedProbe(Act act) : act_(std::move(act)) {}

  static std::shared_ptr<ScriptedProbe> answering(Finding finding) {
    return std::make_shared<ScriptedProbe>([finding] { return finding; });
  }
  static std::shared_ptr<ScriptedProbe> throwing(std::string what) {
    return std::make_shared<ScriptedProbe>([what]() -> Finding { throw std::runtime_error(what); });
  }
  // Waits until it is cancelled.
  static std::shared_ptr<ScriptedProbe> hanging() {
    auto probe = std::make_shared<ScriptedProbe>([] { return Finding::pass(); });
    probe->hangs_ = true;
    return probe;
  }
  // Waits and does not even heed being cancelled, until released.
  static std::shared_ptr<ScriptedProbe> stubborn() {
    auto probe = hanging();
    probe->heeds_cancellation_ = false;
    return probe;
  }

  boost::asio::awaitable<Finding> run(Attempt& attempt) override {
    ++runs;
    attempt.enter(Stage::connect);
    if (hangs_) {
      auto waiter = std::make_shared<Waiter>();
      waiter_ = waiter;
      const bool heeds = heeds_cancellation_;
      auto begin = [] {};
      auto cancelled = [waiter, heeds] {
        if (heeds) waiter->resume(boost::asio::error::operation_aborted);
      };
      auto waiting = wait_for(waiter, std::move(begin), std::move(cancelled));
      co_await std::move(waiting);
    }
    co_return act_();
  }

  // From the next run on it waits as a stubborn one does.
  void hang() {
    hangs_ = true;
    heeds_cancellation_ = false;
  }
  void release() {
    if (waiter_) waiter_->resume({});
  }

  int runs = 0;

 private:
  Act act_;
  bool hangs_ = false;
  bool heeds_cancellation_ = true;
  std::shared_ptr<Waiter> waiter_;
};

}  // namespace gonogo
