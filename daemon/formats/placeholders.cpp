#include "daemon/formats/placeholders.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::array<std::string_view, 9> words_of_asking{
    "replace", "change", "put", "insert", "generate", "enter", "your", "here", "example"};

// These hide in longer words as well.
constexpr std::array<std::string_view, 8> parts{"change-me",   "changeme",   "change_me",
                                                "replace-me",  "put-strong", "generate-strong",
                                                "example.com", "replace_me"};

constexpr std::array<std::string_view, 14> whole{
    "admin", "changeit", "default", "fixme", "letmein", "placeholder", "postgres",
    "todo",  "qwerty",   "123456",  "none",  "null",    "undefined",   "tbd"};

// A value that is made of such words alone is no secret, with a number at its end or without.
constexpr std::array<std::string_view, 33> weak_words{
    "a",      "api",      "app",    "auth", "client", "demo",   "dev",    "dummy",  "fake",
    "foo",    "bar",      "baz",    "key",  "jwt",    "local",  "my",     "of",     "pass",
    "passwd", "password", "portal", "prod", "proxy",  "random", "sample", "secret", "session",
    "some",   "staging",  "strong", "test", "token",  "worker"};
// And one of these has to be among them: "app", "local" and "api-client" are good values of a key.
constexpr std::array<std::string_view, 13> telling_words{
    "dummy",    "fake", "foo",    "bar",    "baz",  "key",  "passwd",
    "password", "pass", "sample", "secret", "test", "token"};

template <std::size_t count>
bool holds(const std::array<std::string_view, count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The runs of letters and digits of a text.
std::vector<std::string_view> words_of(std::string_view text) {
  static const RE2 run(R"(([\pL\pM\pN]+))");
  std::vector<std::string_view> words;
  re2::StringPiece rest(text.data(), text.size());
  for (re2::StringPiece word; RE2::FindAndConsume(&rest, run, &word);)
    words.emplace_back(word.data(), word.size());
  return words;
}

bool is_short_number(std::string_view word) {
  return word.size() <= 4 &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_weak(const std::vector<std::string_view>& words) {
  const bool all_weak = std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return holds(weak_words, word) || is_short_number(word);
  });
  return all_weak && std::any_of(words.begin(), words.end(),
                                 [](std::string_view word) { return holds(telling_words, word); });
}

}  // namespace

bool asks_for_secret(std::string_view value) {
  const std::string text = lower_case(value);
  const std::vector<std::string_view> words = words_of(text);
  return std::any_of(words.begin(), words.end(),
                     [](std::string_view word) { return holds(words_of_asking, word); });
}

bool is_placeholder(std::string_view value) {
  const std::string text = lower_case(trimmed(value));
  if (asks_for_secret(text) || holds(whole, text) || is_weak(words_of(text))) return true;
  for (const std::string_view part : parts) {
    if (text.find(part) != std::string::npos) return true;
  }
  // A run of x is one only where it is a word of its own.
  static const RE2 form(
      R"(__.+__|<.+>|\{\{.*\}\}|^[xyz]{3,}$|(^|[^\pL\pN])x{3,}([^\pL\pN]|$)|^\*+$|\*{3,}$|\.{3}$)");
  static const RE2 bare_prefix(
      "^(([a-z]{1,7}_)+|xox[a-z]-|sk-|github_pat_|glpat-|sg\\.|akia|asia|hvs\\.|npm_)$");
  return RE2::PartialMatch(text, form) || RE2::FullMatch(text, bare_prefix);
}

}  // namespace gonogo
