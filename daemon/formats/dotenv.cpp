#include "daemon/formats/dotenv.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/dotenv_references.h"
#include "daemon/formats/dotenv_text.h"

namespace gonogo {
namespace {

using Keys = std::map<std::string, std::string>;

// Values that repeat each other may grow beyond any bound.
constexpr std::size_t most_text = 16 << 20;

// A value between double quotes, and where in the file each of its bytes was.
struct Quoted {
  std::string text;
  std::vector<std::size_t> places;

  void add(std::string_view more, std::size_t place) {
    text += more;
    places.resize(text.size(), place);
  }
};

void append_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else {
    text += static_cast<char>(0xC0U | (code >> 6U));
    text += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "\0" and up to three digits. Compose drops the zero, and what is then no octal number of three
// digits up to 255 it leaves as it is.
std::size_t take_octal(std::string_view text, std::string& replaced) {
  std::size_t size = 2;
  while (size < 5 && size < text.size() && is_digit(text[size])) ++size;
  const std::string_view digits = text.substr(2, size - 2);
  const bool is_octal = digits.size() == 3 &&
                        std::all_of(digits.begin(), digits.end(), [](char c) { return c <= '7'; });
  const unsigned code =
      is_octal
          ? static_cast<unsigned>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + digits[2] - '0')
          : 256U;
  if (code < 256) {
    append_utf8(replaced, code);
  } else {
    replaced.append("\\").append(digits);
  }
  return size;
}

// `text` begins with a backslash. Returns how much of it the escape takes.
std::size_t take_escape(std::string_view text, std::string& replaced) {
  const char c = text.size() > 1 ? text[1] : ' ';
  constexpr std::string_view letters = "abfnrtv\\\"";
  constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\\"";
  const std::size_t known = letters.find(c);
  if (c == '0') return take_octal(text, replaced);
  if (c == '$') {
    replaced = "$$";  // which is a dollar sign when the references are replaced
  } else if (known != std::string_view::npos) {
    replaced = meanings[known];
  } else {
    replaced = '\\';
    return 1;
  }
  return 2;
}

Quoted with_escapes(const Quoted& quoted) {
  Quoted result;
  const std::string_view text = quoted.text;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t place = quoted.places[at];
    if (text[at] != '\\') {
      result.add(text.substr(at, 1), place);
      ++at;
      continue;
    }
    std::string replaced;
    at += take_escape(text.substr(at), replaced);
    result.add(replaced, place);
  }
  return result;
}

class DotenvReader {
 public:
  DotenvReader(std::string_view text, const Keys& environment)
      : text_(text), environment_(environment) {}

  Dotenv read() {
    while (!result_.problem && to_next_statement()) read_statement();
    if (result_.problem) result_.keys.clear();
    for (auto& [name, lines] : lines_) {
      if (lines.size() > 1) result_.repeated.push_back({name, std::move(lines)});
    }
    return std::move(result_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }

  void fail(std::size_t place, std::string text) {
    const std::string_view before = text_.substr(0, place);
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    std::size_t column = 1;
    for (std::string_view line = before.substr(line_begin); !line.empty(); ++column)
      line.remove_prefix(first_character(line).size);
    result_.problem = DotenvProblem{line_at(place), column, std::move(text)};
  }

  // Places are asked for in rising order, so that a long file is counted once.
  std::size_t line_at(std::size_t place) {
    if (place < counted_to_) {
      counted_to_ = 0;
      counted_line_ = 1;
    }
    counted_line_ += static_cast<std::size_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_to_),
                   text_.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
    counted_to_ = place;
    return counted_line_;
  }

  bool to_next_statement() {
    while (at_ < text_.size()) {
      const DotenvCharacter character = first_character(rest());
      if (character.code == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (is_any_blank(character.code)) {
        at_ += character.size;
      } else {
        return true;
      }
    }
    return false;
  }

  void skip_line_blanks() { at_ = text_.size() - without_line_blanks(rest()).size(); }

  void read_statement() {
    statement_ = at_;
    constexpr std::string_view word = "export";
    constexpr std::string_view blanks = "\t\n\f\r ";
    if (rest().starts_with(word) && at_ + word.size() < text_.size() &&
        blanks.find(text_[at_ + word.size()]) != std::string_view::npos) {
      at_ += word.size();
      skip_line_blanks();
      if (at_ == text_.size()) return fail(statement_, "`export` without a name");
    }
    const std::size_t begin = at_;
    std::size_t end = begin;
    while (end < text_.size()) {
      const DotenvCharacter character = first_character(text_.substr(end));
      if (character.code == '=' || character.code == ':' || character.code == '\n') break;
      if (!is_line_blank(character.code) && !is_in_name(text_.substr(end), character))
        return fail(end, not_in_name(end));
      end += character.size;
    }
    // What is last in the file and has no line end is a value without a name.
    const bool is_cut = end == text_.size();
    const bool is_inherited = !is_cut && text_[end] == '\n';
    const std::string name(without_end_blanks(text_.substr(begin, is_cut ? 0 : end - begin)));
    if (const std::size_t blank = name.find(' '); blank != std::string::npos)
      return fail(begin + blank, with_hint("a blank within a name", begin + blank));
    at_ = is_cut ? begin : end + 1;
    if (is_inherited) {
      const auto found = environment_.find(name);
      if (found != environment_.end()) set(name, found->second);
    }
    skip_line_blanks();
    if (!is_inherited) read_value(name);
  }

  void read_value(const std::string& name) {
    name_ = name;
    if (rest().starts_with('"') || rest().starts_with('\'')) return read_quoted(name, text_[at_]);
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view value = text_.substr(at_, end - at_);
    value = without_end_blanks(value.substr(0, value.find(" #")));
    const std::size_t begin = at_;
    at_ = std::min(end + 1, text_.size());
    expand(name, value, [begin](std::size_t i) { return begin + i; });
  }

  void read_quoted(const std::string& name, char quote) {
    Quoted value;
    std::size_t at = at_ + 1;
    bool is_escaped = false;
    for (; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == quote && !is_escaped) break;
      if (c == '\\' && !is_escaped) {
        is_escaped = true;
        continue;
      }
      if (is_escaped && c != quote) value.add("\\", at - 1);
      is_escaped = false;
      value.add(text_.substr(at, 1), at);
    }
    if (at == text_.size()) return fail(at_, "a quote that has no end");
    at_ = at + 1;
    quote_end_ = at;
    if (quote == '\'') return set(name, std::move(value.text));
    const Quoted escaped = with_escapes(value);
    expand(name, escaped.text, [&escaped](std::size_t i) { return escaped.places[i]; });
  }

  template <class Placing>
  void expand(const std::string& name, std::string_view value, const Placing& place_of) {
    DotenvExpansion expansion =
        expand_references(value, [this](const std::string& variable) { return find(variable); });
    if (expansion.problem) {
      const std::size_t place = value.empty() ? statement_ : place_of(expansion.problem->at);
      return fail(place, "the value of " + on_one_line(name, 80) + " " +
                             std::move(expansion.problem->text));
    }
    if (!expansion.unset.empty()) result_.unset.push_back({name, line_at(statement_)});
    set(name, std::move(expansion.value));
  }

  const std::string* find(const std::string& variable) const {
    auto found = environment_.find(variable);
    if (found != environment_.end()) return &found->second;
    found = result_.keys.find(variable);
    return found == result_.keys.end() ? nullptr : &found->second;
  }

  void set(const std::string& name, std::string value) {
    size_ += value.size();
    if (size_ > most_text) return fail(statement_, "values of more than 16 MiB in all");
    if (name.empty()) return;
    lines_[name].push_back(line_at(statement_));
    result_.keys[name] = std::move(value);
  }

  std::string not_in_name(std::size_t place) const {
    const std::string_view line = text_.substr(statement_);
    for (const std::string_view marker : {"<<<<<<<", ">>>>>>>", "|||||||"}) {
      if (line.starts_with(marker)) return "a mark of a merge conflict";
    }
    return with_hint("a character that no name may have", place);
  }

  std::string with_hint(std::string text, std::size_t place) const {
    const std::string_view before = text_.substr(0, place);
    const bool is_behind_quote =
        quote_end_ > 0 && before.substr(quote_end_).find('\n') == std::string_view::npos;
    if (is_behind_quote)
      return text + " (it is behind the closing quote of " + on_one_line(name_, 80) +
             ", a quote within a value is written with a backslash)";
    if (text_.substr(0, place + 12).find("-----BEGIN ") != std::string_view::npos)
      return text + " (a key or certificate of several lines belongs between quotes)";
    return text + " (wanted NAME=value)";
  }

  std::string_view text_;
  const Keys& environment_;
  Dotenv result_;
  std::map<std::string, std::vector<std::size_t>> lines_;  // by name
  std::size_t at_ = 0;
  std::size_t statement_ = 0;  // where the one that is read begins
  std::size_t quote_end_ = 0;  // of the last quoted value, which is that of `name_`
  std::string name_;
  std::size_t size_ = 0;
  std::size_t counted_to_ = 0;
  std::size_t counted_line_ = 1;
};

}  // namespace

Dotenv parse_dotenv(std::string_view text, const Keys& environment) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return DotenvReader(text, environment).read();
}

std::string in_words(const DotenvProblem& problem, std::string_view path) {
  return std::string(path) + ", line " + std::to_string(problem.line) + ", column " +
         std::to_string(problem.column) + ": " + problem.text +
         ", so docker compose refuses the file";
}

}  // namespace gonogo
