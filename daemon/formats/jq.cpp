#include "daemon/formats/jq.h"

extern "C" {
#include <jq.h>
#include <jv.h>
}

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

#include "daemon/core/text.h"

namespace gonogo {

struct Json::Native {
  explicit Native(jv taken) : value(taken) {}
  ~Native() { jv_free(value); }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;
  jv value;
};

struct JqProgram::Native {
  ~Native() {
    if (state != nullptr) jq_teardown(&state);
  }
  jq_state* state = nullptr;
  std::string error;
};

namespace {

// Far more than is shown: secrets are taken out before a text is cut to that.
constexpr std::size_t longest_message = 65'536;

void abort_without_memory(void*) {
  std::fputs("no memory for jq\n", stderr);
  std::abort();
}

void (*memory_handler)(void*) = abort_without_memory;

std::string message_in(jv invalid) {
  jv message = jv_invalid_get_msg(invalid);
  std::string text = "failed";
  if (jv_get_kind(message) == JV_KIND_STRING) text = jv_string_value(message);
  jv_free(message);
  return text.substr(0, longest_message);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The first word outside texts that JSON does not have. libjq takes NaN for a number, and in its
// order NaN is less than any other.
std::string_view odd_word_in(std::string_view text) {
  bool in_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (in_text) {
      if (text[at] == '\\')
        ++at;
      else if (text[at] == '"')
        in_text = false;
      continue;
    }
    in_text = text[at] == '"';
    if (!is_letter(text[at])) continue;
    const std::size_t begin = at;
    while (at < text.size() && is_letter(text[at])) ++at;
    const std::string_view word = text.substr(begin, at - begin);
    --at;
    const bool is_exponent =
        (word == "e" || word == "E") && begin > 0 &&
        (text[begin - 1] == '.' || (text[begin - 1] >= '0' && text[begin - 1] <= '9'));
    if (!is_exponent && word != "true" && word != "false" && word != "null") return word;
  }
  return {};
}

// The words that programs write by mistake are named. Any other may be a part of a secret.
std::string problem_of(std::string_view word) {
  for (const std::string_view known : {"NaN", "nan", "Infinity", "None", "True", "False"}) {
    if (word == known) return in_quotes(word) + " is no JSON value";
  }
  return "it holds a word that is no JSON value";
}

}  // namespace

Json::Json(std::unique_ptr<Native> native) : native_(std::move(native)) {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

std::optional<Json> Json::parse(std::string_view text, std::string& problem) {
  if (trimmed(text).empty()) {
    problem = "is empty";
    return std::nullopt;
  }
  if (const std::string_view word = odd_word_in(text); !word.empty()) {
    problem = problem_of(word);
    return std::nullopt;
  }
  jv value = jv_parse_sized(text.data(), static_cast<int>(text.size()));
  if (!jv_is_valid(value)) {
    problem = message_in(value);
    return std::nullopt;
  }
  return Json(std::make_unique<Native>(value));
}

void set_jq_memory_handler(void (*handler)(void*)) {
  memory_handler = handler;
  // Also for what is parsed before an expression is compiled.
  jq_state* state = jq_init();
  if (state == nullptr) return;
  jq_set_nomem_handler(state, handler, nullptr);
  jq_teardown(&state);
}

JqProgram::JqProgram(std::string text, std::unique_ptr<Native> native)
    : text_(std::move(text)), native_(std::move(native)) {}
JqProgram::~JqProgram() = default;

std::shared_ptr<JqProgram> JqProgram::compile(const std::string& text, std::string& problem) {
  // A configuration of a thousand checks holds only a few different expressions.
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<JqProgram>> known;
  const std::scoped_lock lock(mutex);
  if (auto shared = known[text].lock()) return shared;
  auto program = compile_own(text, problem);
  if (program) known[text] = program;
  return program;
}

std::shared_ptr<JqProgram> JqProgram::compile_own(const std::string& text, std::string& problem) {
  auto native = std::make_unique<Native>();
  native->state = jq_init();
  if (native->state == nullptr) {
    problem = "jq could not be started";
    return nullptr;
  }
  // jq_init() leaves it undefined, and jq_next() puts it in force.
  jq_set_nomem_handler(native->state, memory_handler, nullptr);
  jq_set_error_cb(
      native->state,
      [](void* sink, jv message) {
        auto* error = static_cast<std::string*>(sink);
        if (error->empty() && jv_get_kind(message) == JV_KIND_STRING)
          *error = jv_string_value(message);
        jv_free(message);
      },
      &native->error);
  if (jq_compile(native->state, text.c_str()) == 0) {
    problem = native->error.substr(0, native->error.find('\n'));
    if (problem.starts_with("jq: error: ")) problem.erase(0, 11);
    problem.resize(std::min(problem.size(), longest_message));
    return nullptr;
  }
  return std::shared_ptr<JqProgram>(new JqProgram(text, std::move(native)));
}

std::shared_ptr<JqProgram> JqProgram::left_to_helper(std::string text) {
  return std::shared_ptr<JqProgram>(new JqProgram(std::move(text), nullptr));
}

std::vector<std::string> JqProgram::run(const Json& input, std::string& problem) {
  constexpr std::size_t most_answers = 1000;
  assert(native_ != nullptr);
  std::vector<std::string> answers;
  jq_start(native_->state, jv_copy(input.native_->value), 0);
  while (true) {
    jv answer = jq_next(native_->state);
    if (!jv_is_valid(answer)) {
      if (jv_invalid_has_msg(jv_copy(answer)) != 0) {
        problem = message_in(answer);
      } else {
        jv_free(answer);
      }
      break;
    }
    jv text = jv_dump_string(answer, 0);
    answers.emplace_back(jv_string_value(text),
                         static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text))));
    jv_free(text);
    if (answers.size() >= most_answers) {
      problem = "yields more than " + std::to_string(most_answers) + " answers";
      break;
    }
  }
  // Frees the input now instead of at the next run.
  jq_start(native_->state, jv_null(), 0);
  return answers;
}

}  // namespace gonogo
