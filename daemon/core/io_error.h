// What daemon/io throws when the world did not do what was asked of it.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "daemon/core/own_errors.h"
#include "daemon/core/reason.h"

namespace gonogo {

// Why an operation failed, in words for people. Thrown in a run, it becomes the run's finding: a
// failure of the target, or `unknown` when it says nothing about the target.
class IoError : public std::exception {
 public:
  // The target is at fault.
  IoError(Reason reason, std::string text) : reason_(reason), text_(std::move(text)) {}

  // This daemon could not find out how the target is: it lacks threads, descriptors or rights.
  static IoError cannot_judge(Reason reason, std::string text) {
    IoError error(reason, std::move(text));
    error.can_judge_ = false;
    return error;
  }

  // Why a call failed with this errno: the target is at fault, for `reason`, or this daemon is (see
  // is_own_error()).
  static IoError of(int error, Reason reason, std::string text) {
    return is_own_error(error) ? cannot_judge(Reason::prober, std::move(text))
                               : IoError(reason, std::move(text));
  }

  const char* what() const noexcept override { return text_.c_str(); }
  Reason reason() const { return reason_; }
  const std::string& text() const { return text_; }
  bool can_judge() const { return can_judge_; }

 private:
  Reason reason_;
  std::string text_;
  bool can_judge_ = true;
};

}  // namespace gonogo
