#include "daemon/formats/checklist_number.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

// What follows an amount or a range, but no number of a row.
bool begins_like_an_amount(std::string_view text) {
  static const RE2 sign(
      R"(^(?:[-%<>=+*/~,]|[\x{2030}\x{20ac}\x{a3}\x{d7}\x{b1}\x{b0}\x{2264}\x{2265}]|\d))");
  static const RE2 word(
      R"(^(?:[kKMGTP]i?B(?:ps|/s)?|[kMG]bps|B|bytes?|bits?|[mun\x{b5}]?s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|years?|percent|pct|x|times|fold|cores?|v?CPUs?|rps|qps|tps|req(?:uests?)?/s|[kMG]?Hz|[kKMG]|thousand|millions?|billions?|or|and|to|per|than|through|until|up to|newer|later)(?:[^\pL\pN]|$))");
  return RE2::PartialMatch(text, sign) || RE2::PartialMatch(text, word);
}

// A sentence about a version or a figure, where the number is not of the section.
bool goes_on_with_a_sentence(std::string_view text) {
  static const RE2 word(
      R"(^(?:is|are|was|were|of|in|on|at|above|below|uptime|availability|nines)(?:[^\pL\pN]|$))");
  return RE2::PartialMatch(text, word);
}

bool begins_with_capital_or_sign(std::string_view text) {
  static const RE2 form(R"(^(?:\p{Lu}|\p{Lo}|[^\pL\pN\s]))");
  return RE2::PartialMatch(text, form);
}

bool has_leading_zero(const std::string& number) {
  static const RE2 form(R"((?:^|\.)0\d|^0)");
  return RE2::PartialMatch(number, form);
}

}  // namespace

std::pair<std::string, std::string> split_heading_number(const std::string& heading) {
  std::size_t end = 0;
  while (end < heading.size() &&
         (std::isdigit(static_cast<unsigned char>(heading[end])) != 0 || heading[end] == '.'))
    ++end;
  std::string number = heading.substr(0, end);
  while (!number.empty() && number.back() == '.') number.pop_back();
  std::size_t behind = end;
  if (!number.empty() && behind < heading.size() &&
      (heading[behind] == ':' || heading[behind] == ')'))
    ++behind;
  const bool is_number = !number.empty() &&
                         (behind == heading.size() || heading[behind] == ' ' ||
                          heading.compare(behind, 2, "\u00A0") == 0) &&
                         number.front() != '.';
  if (!is_number) return {"", heading};
  std::string title = heading.substr(behind);
  if (title.starts_with("\u00A0")) title.erase(0, 2);
  return {number, std::string(trimmed(title))};
}

std::optional<NumberedText> split_row_number(std::string_view text, const std::string& section) {
  static const RE2 form(
      R"((?s)^[(\[#§]?\s?(\d{1,4}(?:\.\d{1,4}){0,6})([a-z]?)([.:)\]]{0,2})(?:(?:\s|\x{a0})+|$)(.*)$)");
  static const RE2 with_colon(R"((?s)^(\d{1,4}(?:\.\d{1,4}){0,6})([a-z]?)(:)([^\d\s/].*)$)");
  static const RE2 dash(R"(^(?:[-|\x{2013}\x{2014}]+)(?:\s|\x{a0})+)");
  std::string number;
  std::string letter;
  std::string sign;
  std::string rest;
  if (!RE2::FullMatch(text, form, &number, &letter, &sign, &rest) &&
      !RE2::FullMatch(text, with_colon, &number, &letter, &sign, &rest))
    return std::nullopt;
  if (!rest.empty() && RE2::Replace(&rest, dash, "") && begins_like_an_amount(rest))
    return std::nullopt;
  const auto dots = std::count(number.begin(), number.end(), '.');
  const bool is_separated = !sign.empty();
  const bool is_of_section = !section.empty() && number.starts_with(section + ".");
  if (dots == 0) {
    // "3. text" counts within its section; "3 replicas" is an amount.
    const bool counts = is_separated && letter.empty() && number.size() <= 3 && !rest.empty() &&
                        !has_leading_zero(number) && sign != "]";
    if (!counts) return std::nullopt;
    return NumberedText{number, rest};
  }
  // "2.5k requests" is an amount, "4.2.2a" a row.
  const bool may_be_unit = std::string_view("skmgxhdtbwy").find(letter) != std::string_view::npos;
  const bool begins_a_name = begins_with_capital_or_sign(rest);
  if (!letter.empty() && dots < 2 && !is_separated && may_be_unit && !begins_a_name)
    return std::nullopt;
  const bool may_be_amount = dots < 2 || !is_of_section;
  if (!is_separated && may_be_amount && begins_like_an_amount(rest)) return std::nullopt;
  if (!is_of_section) {
    if (!is_separated && goes_on_with_a_sentence(rest)) return std::nullopt;
    if (has_leading_zero(number)) return std::nullopt;
    // An address, or a version of something that the section is about.
    if (dots == 3 && !is_separated) return std::nullopt;
    if (!section.empty() && !is_separated && !begins_a_name) return std::nullopt;
  }
  return NumberedText{number + letter, rest};
}

bool is_row_number(std::string_view text) {
  static const RE2 form(R"(#?\d{1,4}(?:\.\d{1,4}){0,6}[a-z]?[.:)]?)");
  return RE2::FullMatch(text, form);
}

}  // namespace gonogo
