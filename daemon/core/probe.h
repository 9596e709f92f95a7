// A way to find out how a target is.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <exception>
#include <string>
#include <utility>

#include "daemon/core/attempt.h"
#include "daemon/core/observation.h"

namespace gonogo {

// Ends a run with this finding, however deep in its parts it is thrown.
class RunEnded : public std::exception {
 public:
  explicit RunEnded(Finding finding) : finding_(std::move(finding)) {}
  const char* what() const noexcept override { return finding_.summary.c_str(); }
  const Finding& finding() const { return finding_; }

 private:
  Finding finding_;
};

// Straight-line code without timers, retries, logs, counters or try-blocks. What it throws becomes
// a failure at the stage last entered. A probe outlives every run it began.
class Probe {
 public:
  virtual ~Probe() = default;
  virtual boost::asio::awaitable<Finding> run(Attempt& attempt) = 0;

  // What the memory of this probe is about. A check whose options change goes on with its memory if
  // its kind and this key stay the same.
  virtual std::string memory_key() const { return {}; }
  // The name its note is saved under; empty: none is. No two checks have the same.
  virtual std::string note_name() const { return memory_key(); }
};

// The finding of a run that ended with `error` at `stage`.
Finding finding_of(const std::exception_ptr& error, Stage stage);

}  // namespace gonogo
