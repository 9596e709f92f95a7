// JSON that a target sent, under the conditions of a check.
#include "daemon/io/json_conditions.h"

#include "daemon/core/text.h"
#include "daemon/formats/jq_bounds.h"
#include "daemon/formats/json_document.h"
#include "daemon/formats/json_text.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

struct Condition {
  explicit Condition(const std::string& text) {
    std::string problem;
    plain = JqProgram::compile_own(text, problem);
    judged = JqProgram::compile_own(with_judged_bounds(text), problem);
    hold(plain && judged, "the conditions of this target are jq: " + problem);
  }
  std::shared_ptr<JqProgram> plain;
  std::shared_ptr<JqProgram> judged;
};

const std::vector<Condition>& conditions() {
  static const std::vector<Condition> all{Condition(".ok"),
                                          Condition(".age < 300"),
                                          Condition(".checks | all(.ok)"),
                                          Condition(R"(.checks[] | select(.name == "db") | .ok)"),
                                          Condition(R"(.status == "ok" and (.free // 0) > 10)"),
                                          Condition(". == null or .n >= 1")};
  return all;
}

bool is_true_alone(JqProgram& program, const std::string& text) {
  std::string problem;
  const auto json = Json::parse(text, problem);
  if (!json) return false;
  const auto values = program.run(*json, problem);
  return problem.empty() && values.size() == 1 && values.front() == "true";
}

// A document that was cut is no document, so no condition holds of it.
void cut(const std::string& text) {
  const std::string_view bare = trimmed(text);
  if (bare.empty() || (bare.front() != '{' && bare.front() != '[')) return;
  for (const std::size_t size : {bare.size() - 1, bare.size() / 2}) {
    std::string problem;
    hold(!Json::parse(bare.substr(0, size), problem), "a cut document is refused");
    hold(!parse_json(bare.substr(0, size)), "a cut document is refused by both parsers");
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string text(input);
  if (text.size() > largest_text_here) return;
  std::string problem;
  const bool is_json = Json::parse(text, problem).has_value();
  hold(is_json || !problem.empty(), "a refusal has words");
  static_cast<void>(shown_problem(problem));
  for (const Condition& condition : conditions()) {
    const JqTruth truth = truth_of(*condition.judged, text);
    if (truth == JqTruth::yes)
      hold(is_json && is_true_alone(*condition.plain, text), "what is judged true is true");
  }
  const auto document = parse_json(text);
  if (document) {
    const auto again = parse_json(to_json_text(*document));
    hold(again && *again == *document, "a document is read as it is written");
  }
  if (is_json) cut(text);
}

}  // namespace gonogo
