#include "daemon/formats/placeholders.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::array<std::string_view, 14> words_of_asking{
    "replace", "change",  "put",         "insert",   "generate",  "enter",    "your",
    "here",    "example", "placeholder", "redacted", "replaceme", "changeme", "fillme"};

// Requests that are made of harmless words: they count as the whole of a value.
constexpr std::array<std::string_view, 12> phrases{
    "set me",  "set this",   "set it",  "to be set", "not set",      "to be filled",
    "fill in", "fill me in", "fill me", "fill this", "keyboard cat", "n a"};

// These hide in longer words as well.
constexpr std::array<std::string_view, 8> parts{"change-me",   "changeme",   "change_me",
                                                "replace-me",  "put-strong", "generate-strong",
                                                "example.com", "replace_me"};

constexpr std::array<std::string_view, 21> whole{
    "admin",      "changeit",  "default",     "fixme",    "letmein", "setme",   "postgres",
    "notasecret", "s3cr3t",    "todo",        "qwerty",   "unset",   "none",    "null",
    "tbd",        "undefined", "replacethis", "insecure", "foobar",  "yourkey", "hunter2"};

// A value that is made of such words alone is no secret, with a number at its end or without.
constexpr std::array<std::string_view, 43> weak_words{
    "a",      "api",      "app",    "auth", "client", "demo",   "dev",         "dummy",  "fake",
    "foo",    "bar",      "baz",    "key",  "jwt",    "local",  "my",          "of",     "pass",
    "passwd", "password", "portal", "prod", "proxy",  "random", "sample",      "secret", "session",
    "some",   "staging",  "strong", "test", "token",  "worker", "supersecret", "super",  "very",
    "long",   "string",   "not",    "this", "is",     "the",    "insecure"};
// And one of these has to be among them: "app", "local" and "api-client" are good values of a key.
constexpr std::array<std::string_view, 15> telling_words{
    "dummy", "fake",   "foo",    "bar",  "baz",   "key",         "passwd", "password",
    "pass",  "sample", "secret", "test", "token", "supersecret", "string"};

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

// "secret123" is as weak as "secret".
std::string_view without_number(std::string_view word) {
  const std::size_t length = word.find_last_not_of("0123456789") + 1;
  return word.size() - length <= 4 ? word.substr(0, length) : word;
}

bool is_weak(const std::vector<std::string_view>& words) {
  const bool all_weak = std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return holds(weak_words, without_number(word)) || is_short_number(word);
  });
  return all_weak && std::any_of(words.begin(), words.end(), [](std::string_view word) {
           return holds(telling_words, without_number(word));
         });
}

// "0000000000000000", "00000000-0000-...", "1234567890"
bool is_row(const std::vector<std::string_view>& words) {
  std::string all;
  for (const std::string_view word : words) all += word;
  if (all.size() >= 8 && all.find_first_not_of(all[0]) == std::string::npos) return true;
  constexpr std::string_view digits = "0123456789012345678901234567890123456789";
  return words.size() == 1 && all.size() >= 6 && digits.find(all) < 2;
}

std::string in_blanks(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

}  // namespace

bool asks_for_secret(std::string_view value) {
  const std::string text = lower_case(value);
  const std::vector<std::string_view> words = words_of(text);
  const auto has = [&words](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  // "use-openssl-rand-hex-32", and a command that nobody has run.
  static const RE2 command(R"(\s*(\$\(.*\)|`.*`)\s*)");
  if ((has("openssl") && has("rand")) || RE2::FullMatch(text, command)) return true;
  return std::any_of(words.begin(), words.end(),
                     [](std::string_view word) { return holds(words_of_asking, word); });
}

bool is_placeholder(std::string_view value) {
  const std::string text = lower_case(trimmed(value));
  const std::vector<std::string_view> words = words_of(text);
  if (asks_for_secret(text) || is_weak(words) || is_row(words)) return true;
  if (holds(whole, text) || holds(whole, without_number(text)) || holds(phrases, in_blanks(words)))
    return true;
  for (const std::string_view part : parts) {
    if (text.find(part) != std::string::npos) return true;
  }
  // A run of x is one only where it is a word of its own.
  static const RE2 form(
      R"(__.+__|<.+>|\{\{.*\}\}|^[xyz]{3,}$|(^|[^\pL\pN])x{3,}([^\pL\pN]|$)|^\*+$|\*{3,}$|\.{3}$)");
  static const RE2 bare_prefix(
      "^(([a-z]{1,7}_)+|xox[a-z]-|xapp-|sk-((proj|ant|svcacct|admin|or)-)?((api03|v1)-)?|github_"
      "pat_|"
      "gl[a-z]{2,4}-|sg\\.|akia|asia|aiza(sy)?|ya29\\.|hvs\\.|npm_|eyj|key-)$");
  return RE2::PartialMatch(text, form) || RE2::FullMatch(text, bare_prefix);
}

}  // namespace gonogo
