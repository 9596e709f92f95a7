#include "daemon/formats/json_conditions.h"

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"

namespace gonogo {
namespace {

std::shared_ptr<JqProgram> compiled(Settings& settings, std::string_view key,
                                    const std::string& text, std::string_view example) {
  std::string problem;
  auto program = JqProgram::compile(text, problem);
  if (!program) {
    settings.complain_at(key, in_quotes(text) + " is no jq expression: " + problem + " (such as " +
                                  std::string(example) + ")");
  }
  return program;
}

}  // namespace

JsonConditions read_json_conditions(Settings& settings, std::string_view key) {
  JsonConditions conditions;
  for (const std::string& text : settings.texts(key)) {
    if (auto program = compiled(settings, key, text, ".ok == true"))
      conditions.push_back(std::move(program));
  }
  return conditions;
}

std::shared_ptr<JqProgram> read_jq(Settings& settings, std::string_view key,
                                   std::string_view example) {
  const auto text = settings.text(key);
  return text ? compiled(settings, key, *text, example) : nullptr;
}

std::optional<std::string> objection_to(std::string_view text, const JsonConditions& conditions,
                                        std::string_view what) {
  std::string problem;
  const std::optional<Json> json = Json::parse(text, problem);
  if (!json) return std::string(what) + " is not JSON: " + problem + "; got " + in_quotes(text);
  for (const auto& program : conditions) {
    std::string error;
    const std::vector<std::string> answers = program->run(*json, error);
    const auto is_true = [](const std::string& answer) { return answer == "true"; };
    if (error.empty() && !answers.empty() && std::all_of(answers.begin(), answers.end(), is_true))
      continue;
    std::string seen = error.empty() ? "nothing" : "an error: " + error;
    if (error.empty() && !answers.empty())
      seen = on_one_line(*std::find_if_not(answers.begin(), answers.end(), is_true), 120);
    return on_one_line(program->text(), 120) + " is " + seen + ", wanted true";
  }
  return std::nullopt;
}

}  // namespace gonogo
