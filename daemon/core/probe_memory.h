// What a probe remembers from one run of its check to the next.
#pragma once

#include <any>
#include <optional>
#include <string>
#include <utility>

namespace gonogo {

// A copy shares nothing with the original: a run that was abandoned writes to its own.
class ProbeMemory {
 public:
  ProbeMemory() = default;
  explicit ProbeMemory(std::optional<std::string> note) : note_(std::move(note)) {}

  // State that ends with the process. It is made at its first use, and anew when what is
  // remembered is of another type.
  template <typename State>
  State& state() {
    if (state_.type() != typeid(State)) state_.emplace<State>();
    return *std::any_cast<State>(&state_);
  }

  // A small text (some KiB, no secret) that outlives the process where there is a store.
  const std::optional<std::string>& note() const { return note_; }
  void write_note(std::string note) {
    note_ = std::move(note);
    is_unsaved_ = true;
  }
  // The note, once after each time it was written.
  std::optional<std::string> take_unsaved_note() {
    return std::exchange(is_unsaved_, false) ? note_ : std::nullopt;
  }

 private:
  std::any state_;
  std::optional<std::string> note_;
  bool is_unsaved_ = false;
};

}  // namespace gonogo
