#include "daemon/io/json_conditions.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/formats/jq_bounds.h"
#include "daemon/formats/jq_parts.h"
#include "daemon/formats/settings.h"
#include "daemon/io/jq_process.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_expression = 65'536;

// Compiling an unknown expression takes a process, and a thousand checks hold only a few different
// ones: what is in use is not compiled again.
std::shared_ptr<JqProgram> left_to_helper(const std::string& text, std::string& problem) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<JqProgram>> known;
  const std::scoped_lock lock(mutex);
  if (auto shared = known[text].lock()) return shared;
  problem = jq_compile_problem(text);
  if (!problem.empty()) return nullptr;
  auto program = JqProgram::left_to_helper(text);
  known[text] = program;
  return program;
}

std::shared_ptr<JqProgram> compiled(const std::string& text, bool is_harmless, bool is_own,
                                    std::string& problem) {
  if (!is_harmless) return left_to_helper(text, problem);
  return is_own ? JqProgram::compile_own(text, problem) : JqProgram::compile(text, problem);
}

std::shared_ptr<JqProgram> read_as(Settings& settings, std::string_view key,
                                   const std::string& text, std::string_view example, bool is_own) {
  std::string problem = "it is longer than 64KiB";
  std::shared_ptr<JqProgram> program;
  if (text.size() <= longest_expression)
    program = compiled(text, is_harmless_jq(text), is_own, problem);
  if (!program) {
    settings.complain_at(key, in_quotes(text) + " is no jq expression: " + shown_problem(problem) +
                                  " (such as " + std::string(example) + ")");
  }
  return program;
}

JsonCondition read_judged(Settings& settings, std::string_view key, const std::string& text,
                          std::string_view example, bool is_own) {
  const std::string judged = with_judged_bounds(text);
  std::string problem;
  std::shared_ptr<JqProgram> program;
  if (judged != text && text.size() <= longest_expression)
    program = compiled(judged, is_harmless_jq(text), is_own, problem);
  // So that a problem names what somebody wrote.
  if (!program) program = read_as(settings, key, text, example, is_own);
  return {text, std::move(program)};
}

bool is_true(const std::string& answer) { return answer == "true"; }

}  // namespace

JsonConditions read_json_conditions(Settings& settings, std::string_view key) {
  JsonConditions conditions;
  for (const std::string& text : settings.texts(key)) {
    JsonCondition condition = read_judged(settings, key, text, ".ok == true", false);
    if (condition) conditions.push_back(std::move(condition));
  }
  return conditions;
}

JsonCondition read_json_condition(Settings& settings, std::string_view key,
                                  std::string_view example) {
  const auto text = settings.text(key);
  return text ? read_judged(settings, key, *text, example, false) : JsonCondition{};
}

JsonCondition read_own_json_condition(Settings& settings, std::string_view key,
                                      std::string_view example) {
  const auto text = settings.text(key);
  return text ? read_judged(settings, key, *text, example, true) : JsonCondition{};
}

std::shared_ptr<JqProgram> own_plain_program(const JsonCondition& condition) {
  if (!condition || condition.program->text() == condition.text) return nullptr;
  std::string problem;
  return compiled(condition.text, is_harmless_jq(condition.text), true, problem);
}

std::shared_ptr<JqProgram> read_jq(Settings& settings, std::string_view key,
                                   std::string_view example) {
  const auto text = settings.text(key);
  return text ? read_as(settings, key, *text, example, false) : nullptr;
}

std::string shown_problem(const std::string& problem) {
  // jq itself cuts the values that it quotes.
  return on_one_line(cleaned(problem, {.dots = true}), 160);
}

asio::awaitable<JqRun> run_jq(JqPrograms programs, std::string text, Io& io, Attempt& attempt) {
  JqRun run;
  const std::size_t size = text.size();
  std::optional<Json> json;
  if (size <= largest_text_here) {
    json = Json::parse(text, run.text_problem);
    if (!json) {
      run.text_problem = shown_problem(run.text_problem);
      co_return run;
    }
  }
  run.answers.resize(programs.size());
  JqJob job;
  std::vector<std::size_t> elsewhere;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    JqAnswers& answers = run.answers[i];
    if (programs[i]->runs_here(size)) {
      answers.values = programs[i]->run(*json, answers.problem);
      answers.problem = shown_problem(answers.problem);
    } else {
      job.expressions.push_back(programs[i]->text());
      elsewhere.push_back(i);
    }
  }
  if (elsewhere.empty()) co_return run;
  job.texts.push_back(std::move(text));
  auto asking = run_in_jq_process(std::move(job), io, attempt);
  JqReply reply = co_await std::move(asking);
  run.text_problem = shown_problem(reply.text_problem);
  if (!run.text_problem.empty()) run.answers.clear();
  const std::size_t count = std::min(reply.answers.size(), elsewhere.size());
  for (std::size_t i = 0; i < count && !run.answers.empty(); ++i)
    run.answers[elsewhere[i]] = {std::move(reply.answers[i].values),
                                 shown_problem(reply.answers[i].problem)};
  co_return run;
}

JqTruth truth_of(JqProgram& program, std::string_view text) {
  std::string problem;
  const std::optional<Json> json = Json::parse(text, problem);
  if (!json) return JqTruth::no;
  const std::vector<std::string> values = program.run(*json, problem);
  if (problem.starts_with(bound_problem)) return JqTruth::not_judged;
  return values.size() == 1 && is_true(values.front()) ? JqTruth::yes : JqTruth::no;
}

asio::awaitable<std::vector<JqTruth>> truths_of(std::shared_ptr<JqProgram> program,
                                                std::vector<std::string> texts, Io& io,
                                                Attempt& attempt) {
  std::vector<JqTruth> truths(texts.size(), JqTruth::no);
  if (texts.empty()) co_return truths;
  JqJob job;
  job.expressions.push_back(program->text());
  job.texts = std::move(texts);
  job.asks_truth = true;
  auto asking = run_in_jq_process(std::move(job), io, attempt);
  const JqReply reply = co_await std::move(asking);
  if (reply.truths.size() != truths.size())
    throw IoError::cannot_judge(Reason::prober, "the process for jq left out some lines");
  for (std::size_t i = 0; i < truths.size(); ++i) truths[i] = static_cast<JqTruth>(reply.truths[i]);
  co_return truths;
}

asio::awaitable<std::optional<std::string>> objection_to(std::string text,
                                                         JsonConditions conditions,
                                                         std::string what, Io& io,
                                                         Attempt& attempt) {
  const std::string shown = in_quotes(text);
  JqPrograms programs;
  for (const JsonCondition& condition : conditions) programs.push_back(condition.program);
  auto running = run_jq(std::move(programs), std::move(text), io, attempt);
  const JqRun run = co_await std::move(running);
  if (!run.text_problem.empty())
    co_return what + " is not JSON: " + run.text_problem + "; got " + shown;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const auto& [values, error] = run.answers[i];
    if (error.empty() && !values.empty() && std::all_of(values.begin(), values.end(), is_true))
      continue;
    if (error.starts_with(bound_problem)) co_return error.substr(bound_problem.size());
    std::string seen = error.empty() ? "nothing" : "an error: " + error;
    if (error.empty() && !values.empty())
      seen = on_one_line(*std::find_if_not(values.begin(), values.end(), is_true), 120);
    co_return on_one_line(conditions[i].text, 120) + " is " + seen + ", wanted true";
  }
  co_return std::nullopt;
}

}  // namespace gonogo
