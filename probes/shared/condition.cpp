#include "probes/shared/condition.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/dotenv.h"
#include "daemon/formats/jq_bounds.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/dotenv_environment.h"
#include "daemon/io/json_conditions.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_file = 1 << 20;

// What is not there is not true.
bool is_truth(std::string_view answer) {
  return answer == "true" || answer == "false" || answer == "null";
}

// What an answer is that is no truth. Its value may be a secret.
std::string kind_of(std::string_view answer) {
  if (answer.starts_with('"')) return "a text";
  if (answer.starts_with('[')) return "a list";
  return answer.starts_with('{') ? "an object" : "a number";
}

}  // namespace

class Condition {
 public:
  std::string path;
  bool is_dotenv = true;
  std::map<std::string, std::string> environment;
  std::string key;
  std::optional<bool> set;
  std::vector<std::string> one_of;
  bool negated = false;
  JsonCondition jq;

  // Why the condition does not hold; empty when it does. Never shows the value of a key. Runs on
  // the loop, because equal jq expressions share one program.
  asio::awaitable<std::string> objection(const std::string& content, Io& io,
                                         Attempt& attempt) const {
    const auto keys = is_dotenv ? keys_in(content) : std::map<std::string, std::string>{};
    if (!jq) co_return key_objection(keys);
    std::string document = is_dotenv ? to_json_text(nlohmann::json(keys)) : content;
    auto asking = jq_objection(std::move(document), io, attempt);
    co_return co_await std::move(asking);
  }

 private:
  // Where compose refuses the file nothing starts, so no check is off because of it.
  std::map<std::string, std::string> keys_in(const std::string& content) const {
    Dotenv dotenv = parse_dotenv(content, environment);
    if (dotenv.problem)
      throw RunEnded(Finding::fail(Reason::content, in_words(*dotenv.problem, path)));
    if (dotenv.keys.empty()) throw RunEnded(Finding::fail(Reason::content, path + " sets no key"));
    return std::move(dotenv.keys);
  }

  std::string key_objection(const std::map<std::string, std::string>& keys) const {
    const auto found = keys.find(key);
    const bool is_set = found != keys.end() && !found->second.empty();
    if (set) return is_set == *set ? "" : key + (is_set ? " is set" : " is not set");
    const std::string value = found == keys.end() ? "" : found->second;
    const bool is_member =
        std::any_of(one_of.begin(), one_of.end(),
                    [&value](const std::string& one) { return equal_ignoring_case(one, value); });
    if (is_member != negated) return {};
    std::string words;
    for (const std::string& text : one_of) words += (words.empty() ? "" : " or ") + in_quotes(text);
    return key + (negated ? " is " : " is not ") + words;
  }

  asio::awaitable<std::string> jq_objection(std::string content, Io& io, Attempt& attempt) const {
    JqPrograms programs(1, jq.program);
    auto running = run_jq(std::move(programs), std::move(content), io, attempt);
    const JqRun run = co_await std::move(running);
    const std::string name = on_one_line(jq.text, 120);
    if (!run.text_problem.empty())
      throw RunEnded(Finding::fail(Reason::json, path + " is not JSON: " + run.text_problem));
    const auto& [answers, problem] = run.answers.front();
    if (problem.starts_with(bound_problem)) {
      throw RunEnded(
          Finding::fail(Reason::json, path + ": " + problem.substr(bound_problem.size())));
    }
    if (!problem.empty()) throw RunEnded(Finding::fail(Reason::json, name + ": " + problem));
    for (const std::string& answer : answers) {
      if (is_truth(answer)) continue;
      throw RunEnded(Finding::fail(
          Reason::json, path + ": " + name + " is " + kind_of(answer) + ", wanted true or false"));
    }
    const bool holds = !answers.empty() && std::all_of(answers.begin(), answers.end(),
                                                       [](const auto& a) { return a == "true"; });
    co_return holds ? "" : name + " is not true";
  }
};

namespace {

class ConditionalProbe : public Probe {
 public:
  ConditionalProbe(std::shared_ptr<Condition> condition, std::shared_ptr<Probe> probe,
                   Resources& resources)
      : condition_(std::move(condition)), probe_(std::move(probe)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [path = condition_->path] { return read_bounded_file(path, largest_file); };
    auto reading = offload(resources_.pool, std::move(read));
    const std::string content = co_await std::move(reading);
    auto asking = condition_->objection(content, resources_, attempt);
    const std::string objection = co_await std::move(asking);
    if (!objection.empty()) co_return Finding::skipped("does not apply: " + objection);
    if (!probe_) co_return Finding::pass("applies");
    co_return co_await probe_->run(attempt);
  }

  std::string memory_key() const override { return probe_ ? probe_->memory_key() : ""; }
  std::string note_name() const override { return probe_ ? probe_->note_name() : ""; }

 private:
  std::shared_ptr<Condition> condition_;
  std::shared_ptr<Probe> probe_;
  Resources& resources_;
};

}  // namespace

std::shared_ptr<Condition> read_condition(Settings settings) {
  auto condition = std::make_shared<Condition>();
  const auto dotenv = settings.text("dotenv");
  const auto json = settings.text("json");
  condition->is_dotenv = dotenv.has_value();
  condition->path = dotenv ? *dotenv : json.value_or("");
  const bool has_environment = settings.has("environment");
  condition->environment = read_dotenv_environment(settings);
  condition->key = settings.text_or("key", "");
  condition->set = settings.flag("set");
  const auto is = settings.texts("is");
  const auto is_not = settings.texts("is_not");
  condition->negated = !is_not.empty();
  condition->one_of = is.empty() ? is_not : is;
  condition->jq = read_json_condition(settings, "jq", ".mode == \"live\"");
  settings.finish();
  const int questions = (condition->set ? 1 : 0) + (is.empty() ? 0 : 1) + (is_not.empty() ? 0 : 1);
  const bool by_key = !condition->key.empty() && questions == 1 && !settings.has("jq");
  const bool by_jq = condition->key.empty() && questions == 0 && settings.has("jq");
  if (dotenv.has_value() == json.has_value() || !(by_jq || (by_key && dotenv))) {
    settings.complain(
        "is no condition (such as {dotenv: /opt/app/.env, key: EMAIL_MODE, is: smtp}, or {json: "
        "/opt/app/state.json, jq: .live})");
    return nullptr;
  }
  if (has_environment && !dotenv) {
    settings.complain_at("environment", "is for `dotenv` only");
    return nullptr;
  }
  return condition;
}

std::shared_ptr<Probe> only_when(std::shared_ptr<Condition> condition, std::shared_ptr<Probe> probe,
                                 Resources& resources) {
  return std::make_shared<ConditionalProbe>(std::move(condition), std::move(probe), resources);
}

}  // namespace gonogo
