// jq expressions over JSON that somebody else wrote: read from the configuration, run here when
// they are harmless and the text is small, otherwise in a process of their own (jq_process.h).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/jq.h"
#include "daemon/formats/jq_messages.h"

namespace gonogo {

class Settings;
class Attempt;
struct Io;

using JqPrograms = std::vector<std::shared_ptr<JqProgram>>;
struct JsonCondition {
  std::string text;
  std::shared_ptr<JqProgram> program;  // of the text with judged bounds (jq_bounds.h)

  explicit operator bool() const { return program != nullptr; }
};
using JsonConditions = std::vector<JsonCondition>;

// One expression or a list of them; problems go to `settings`. Blocks: for loading.
JsonConditions read_json_conditions(Settings& settings, std::string_view key);
// One expression that decides; false when there is none. `own`: shared with no other, for use
// outside the loop's thread.
JsonCondition read_json_condition(Settings& settings, std::string_view key,
                                  std::string_view example);
JsonCondition read_own_json_condition(Settings& settings, std::string_view key,
                                      std::string_view example);
// The same expression with bounds as jq has them; null when it has no bounds that are judged.
std::shared_ptr<JqProgram> own_plain_program(const JsonCondition& condition);
// An expression that only picks something: its bounds are as jq has them.
std::shared_ptr<JqProgram> read_jq(Settings& settings, std::string_view key,
                                   std::string_view example);

// What jq says, without secrets and short.
std::string shown_problem(const std::string& problem);

struct JqRun {
  std::string text_problem;        // why the text is no JSON; then there are no answers
  std::vector<JqAnswers> answers;  // one for each expression
};

// Runs all expressions on one text. For the loop's thread, because equal expressions share one
// program. Throws IoError, as run_in_jq_process().
boost::asio::awaitable<JqRun> run_jq(JqPrograms programs, std::string text, Io& io,
                                     Attempt& attempt);

// For which of the texts, if they are JSON, the expression gives `true` alone, and which it cannot
// judge. As run_jq().
boost::asio::awaitable<std::vector<JqTruth>> truths_of(std::shared_ptr<JqProgram> program,
                                                       std::vector<std::string> texts, Io& io,
                                                       Attempt& attempt);
// The same here, for a text that the program may run on here.
JqTruth truth_of(JqProgram& program, std::string_view text);

// Each condition has to yield `true` at least once, and nothing else. Returns the first objection
// with what was seen and wanted; `what` names the text ("body"). As run_jq().
boost::asio::awaitable<std::optional<std::string>> objection_to(std::string text,
                                                                JsonConditions conditions,
                                                                std::string what, Io& io,
                                                                Attempt& attempt);

}  // namespace gonogo
