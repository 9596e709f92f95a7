// A jq expression of a configuration: taken apart, and compiled when it is harmless.
#include "daemon/formats/jq.h"

#include "daemon/formats/jq_bounds.h"
#include "daemon/formats/jq_parts.h"
#include "daemon/formats/jq_tokens.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

// Behind these, 20 ms are spent on a compilation that shows nothing new.
constexpr std::size_t longest_compiled = 200;

Json json_of(std::string_view text) {
  std::string problem;
  auto json = Json::parse(text, problem);
  hold(json.has_value(), "the texts of this target are JSON");
  return std::move(*json);
}

// What is judged says no more than the expression itself, and the same where it judges.
void compare(JqProgram& plain, JqProgram& judged) {
  static const std::vector<std::string> texts{
      "{}", "null", R"({"a":1,"b":"x","c":[1,2,{"a":null}],"ok":true})",
      R"([{"age":3},{"age":null}])",
      R"({"a":"12","b":{"c":-1.5},"age":400,"free":1e3,"status":"ok"})"};
  for (const std::string& text : texts) {
    std::string problem;
    std::string judged_problem;
    const auto values = plain.run(json_of(text), problem);
    const auto judged_values = judged.run(json_of(text), judged_problem);
    hold(values.size() <= 1000, "the number of values is bounded");
    if (judged_problem.empty())
      hold(problem.empty() && values == judged_values, "bounds change no value: " + text);
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string text(input);
  const auto tokens = jq_tokens(text);
  if (tokens)
    hold(!tokens->empty() && tokens->back().kind == JqToken::Kind::end,
         "the last token is the end");
  const std::string judged = with_judged_bounds(text);
  hold(tokens || judged == text, "what is not understood stays as it is");
  const bool is_harmless = is_harmless_jq(text);
  hold(tokens || !is_harmless, "what is not understood is not harmless");
  if (!is_harmless || text.size() > longest_compiled) return;
  std::string problem;
  const auto plain = JqProgram::compile_own(text, problem);
  if (!plain) return;
  // The daemon runs it with judged bounds, and it has to be as harmless with them.
  const auto bounded = JqProgram::compile_own(judged, problem);
  hold(bounded != nullptr, "judged bounds are jq: " + judged + ": " + problem);
  compare(*plain, *bounded);
}

}  // namespace gonogo
