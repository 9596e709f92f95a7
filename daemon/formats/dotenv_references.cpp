#include "daemon/formats/dotenv_references.h"

#include <algorithm>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr int deepest_word = 100;
constexpr std::size_t longest_value = 16 << 20;

constexpr const char* broken_reference =
    "holds a reference to a variable that is none (wanted ${NAME}, ${NAME:-default} or the like; a "
    "dollar sign itself is $$)";

// Compose compares names without regard to case, so two characters that fold to ASCII letters are
// letters as well: the long s and the Kelvin sign.
std::size_t length_of_letter(std::string_view text) {
  if (text.empty()) return 0;
  const char c = text.front();
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') return 1;
  if (text.starts_with("\xC5\xBF")) return 2;
  if (text.starts_with("\xE2\x84\xAA")) return 3;
  return 0;
}

// "?", ":?", "-", ":-", "+", ":+"
std::size_t length_of_operator(std::string_view text) {
  const std::size_t colon = text.starts_with(':') ? 1 : 0;
  if (text.size() <= colon) return 0;
  const char c = text[colon];
  return c == '?' || c == '-' || c == '+' ? colon + 1 : 0;
}

// The text after ":?" is for people where it is made of words. What is not may be a part of a
// password that compose misunderstands.
bool is_sentence(std::string_view text) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || std::string_view(" ,.;:!'()_-").find(c) != std::string_view::npos;
  });
  return is_plain && trimmed(text).find(' ') != std::string_view::npos;
}

class Expander {
 public:
  Expander(std::string_view whole, const DotenvLookup& lookup, DotenvExpansion& result)
      : whole_(whole), lookup_(lookup), result_(result) {}

  // Appends the text with its references replaced. It ends at the first problem.
  void expand(std::string_view text, int depth, std::string& value) {
    std::size_t last_brace = 0;  // the last one of the line that ends at `line_end`
    std::size_t line_end = 0;
    std::size_t at = 0;
    while (at < text.size() && !result_.problem) {
      const std::size_t dollar = std::min(text.find('$', at), text.size());
      add(value, text.substr(at, dollar - at));
      at = dollar;
      if (at == text.size()) break;
      const std::string_view rest = text.substr(at + 1);
      if (rest.starts_with('$')) {
        add(value, "$");
        at += 2;
      } else if (const std::size_t length = length_of_variable(rest); length > 0) {
        add(value, value_of(rest.substr(0, length), rest));
        at += 1 + length;
      } else if (rest.starts_with('{')) {
        if (at >= line_end) {
          line_end = std::min(text.find('\n', at), text.size());
          last_brace = text.substr(0, line_end).rfind('}');
        }
        const std::size_t end =
            last_brace == std::string_view::npos || last_brace < at ? line_end : last_brace + 1;
        at += expand_braced(text.substr(at, end - at), depth, value);
      } else {
        add(value, "$");
        at += 1;
      }
    }
  }

 private:
  void fail(std::string_view where, std::string text) {
    if (result_.problem) return;
    const auto at = static_cast<std::size_t>(where.data() - whole_.data());
    result_.problem = DotenvExpansion::Problem{at, std::move(text)};
  }

  void add(std::string& value, std::string_view text) {
    size_ += text.size();
    if (size_ > longest_value) return fail(whole_, "is longer than 16 MiB");
    value += text;
  }

  std::string_view value_of(std::string_view name, std::string_view where) {
    const std::string* value = lookup_(std::string(name));
    if (value != nullptr) return *value;
    result_.unset.push_back(static_cast<std::size_t>(where.data() - whole_.data()) - 1);
    return {};
  }

  // `text` begins with "${" and ends with the last brace of its line, or with the line. Returns
  // how much of it the reference takes.
  std::size_t expand_braced(std::string_view text, int depth, std::string& value) {
    const std::size_t length = length_of_variable(text.substr(2));
    const std::string_view name = text.substr(2, length);
    const std::string_view rule = text.substr(2 + length);
    if (length > 0 && rule.starts_with('}')) {
      add(value, value_of(name, text.substr(1)));
      return length + 3;
    }
    const std::size_t operation = length_of_operator(rule);
    if (length == 0 || operation == 0 || !text.ends_with('}') || rule.size() <= operation) {
      fail(text, broken_reference);
      return text.size();
    }
    const std::size_t end = std::min(closing_brace(text), text.size() - 1);
    const std::size_t begin = 2 + length + operation;
    apply(name, rule.substr(0, operation), text.substr(begin, end - begin), depth, value);
    return end + 1;
  }

  // As compose counts braces: what follows an opening one is never counted.
  static std::size_t closing_brace(std::string_view text) {
    int open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '}' && --open == 0) return i;
      if (text[i] == '{') {
        ++open;
        ++i;
      }
    }
    return text.size();
  }

  void apply(std::string_view name, std::string_view operation, std::string_view word, int depth,
             std::string& value) {
    const std::string* found = lookup_(std::string(name));
    const bool is_set = found != nullptr && !(operation.starts_with(':') && found->empty());
    const bool takes_word = operation.back() == '+' ? is_set : !is_set;
    if (!takes_word) {
      if (found != nullptr) add(value, *found);
      return;
    }
    const std::string_view where(name.data() - 2, 2);
    if (depth >= deepest_word) return fail(where, "nests references too deeply");
    if (operation.back() != '?') return expand(word, depth + 1, value);
    std::string unused;
    expand(word, depth + 1, unused);
    fail(where, required(name, operation, word));
  }

  static std::string required(std::string_view name, std::string_view operation,
                              std::string_view word) {
    const bool says = is_sentence(word);
    if (!says && !trimmed(word).empty()) return "needs a variable that is not set";
    return "needs " + on_one_line(name, 80) + ", which is not set" +
           (operation.starts_with(':') ? " or empty" : "") +
           (says ? ": " + on_one_line(trimmed(word), 160) : "");
  }

  std::string_view whole_;
  const DotenvLookup& lookup_;
  DotenvExpansion& result_;
  std::size_t size_ = 0;
};

}  // namespace

std::size_t length_of_variable(std::string_view text) {
  std::size_t length = length_of_letter(text);
  if (length == 0) return 0;
  while (length < text.size()) {
    const bool is_digit = text[length] >= '0' && text[length] <= '9';
    const std::size_t more = is_digit ? 1 : length_of_letter(text.substr(length));
    if (more == 0) break;
    length += more;
  }
  return length;
}

DotenvExpansion expand_references(std::string_view text, const DotenvLookup& lookup) {
  DotenvExpansion result;
  std::string value;
  Expander(text, lookup, result).expand(text, 0, value);
  result.value = std::move(value);
  return result;
}

}  // namespace gonogo
