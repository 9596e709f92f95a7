#include "daemon/formats/checklist_mark.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Style = ChecklistMark::Style;

struct Known {
  std::string_view text;
  Style style;
};
constexpr std::array<Known, 24> known{{
    {"[ ]", Style::square},
    {"[x]", Style::square},
    {"[X]", Style::square},
    {"\u2610", Style::ballot},
    {"\u2611", Style::ballot},
    {"\u2612", Style::ballot},
    {"\u25A1", Style::ballot},
    {"\u25FB", Style::ballot},
    {"\u25A2", Style::ballot},
    {"\u2705", Style::sign},
    {"\u274C", Style::sign},
    {"\u274E", Style::sign},
    {"\u2714", Style::sign},
    {"\u2713", Style::sign},
    {"\u2717", Style::sign},
    {"\u2718", Style::sign},
    {"\u2B1C", Style::sign},
    {"\U0001F532", Style::sign},
    {"\U0001F533", Style::sign},
    {":white_check_mark:", Style::name},
    {":heavy_check_mark:", Style::name},
    {":ballot_box_with_check:", Style::name},
    {":white_large_square:", Style::name},
    {":x:", Style::name},
}};
constexpr std::array<std::string_view, 2> variants{"\uFE0E", "\uFE0F"};  // as a text, as a picture

}  // namespace

std::optional<ChecklistMark> mark_at_front(std::string_view text) {
  for (const Known& mark : known) {
    if (!text.starts_with(mark.text)) continue;
    std::size_t size = mark.text.size();
    for (const std::string_view variant : variants) {
      if (text.substr(size).starts_with(variant)) size += variant.size();
    }
    return ChecklistMark{mark.style, 0, size};
  }
  return std::nullopt;
}

std::string to_text(Style style, bool is_ticked) {
  switch (style) {
    case Style::square: return is_ticked ? "x" : " ";
    case Style::ballot: return is_ticked ? "\u2611" : "\u2610";
    case Style::sign: return is_ticked ? "\u2705" : "\u274C";
    case Style::name: return is_ticked ? ":white_check_mark:" : ":x:";
    case Style::cell: return is_ticked ? "[x]" : "[ ]";
  }
  return {};
}

bool is_mark_alone(std::string_view text) {
  const auto mark = mark_at_front(text);
  return mark && is_word_of_state(text.substr(mark->size));
}

bool is_word_of_state(std::string_view text) {
  static const RE2 words(
      R"((?i)\W*(?:done|open|todo|to do|tbd|pending|in progress|wip|ok(?:ay)?|not ok|yes|no|y|n|go|no-?go|pass(?:ed)?|fail(?:ed|ing)?|n/a|complete[d]?|incomplete|ready|not ready|blocked|checked|unchecked|not started|ja|nein|offen|erledigt|fertig|oui|non|fait|s[i\x{ed}\x{ec}]|hecho|fatto|sim|n\x{e3}o|feito|nee|_+)?\W*)");
  return RE2::FullMatch(trimmed(text), words);
}

bool looks_like_row(std::string_view text) {
  // Boxes that no parser takes for one are meant as one, too: "[]", "[ x ]", "( )", "[ok]".
  static const RE2 in_front(
      R"((?i)^(?:[-+*>|\s#]|\x{2022}|\x{2013}|\x{2014}|\x{b7}|\d+(?:\.\d+)*[.)]?\s)*(?:\[(?:\s*[xvoyn]?\s*|\s*[^\pL\pN\pZ\s^\[\]]\s*|ok|yes|no|done|todo|wip|n/?a)\](?:[^(\[:].*[\pL\pN]|[\pL\pN])|(?:\(\s*x?\s*\)|\{\s*x?\s*\})\s*[\pL\pN]))");
  // Signs that are boxes wherever they are.
  static const RE2 box(
      R"(\[ \]|[\x{2610}-\x{2612}\x{25a1}\x{25a2}\x{25fb}\x{2b1c}\x{1f532}\x{1f533}\x{1f5f5}-\x{1f5f9}]|<input[\s/>])");
  static const RE2 behind(R"([\pL\pN].*[\s|:>]\[[xX]?\][\s|.;]*$)");
  static const RE2 between(R"((?:[\s|:>]|^)\[[xX]\]\s*(?:\||</|$))");
  // Signs that say how something stands, in an item of a list or in a cell.
  static const RE2 sign(
      R"((?:^[-+*]\s*|\|\s*)(?:[\x{2705}\x{274c}\x{274e}\x{2713}-\x{2718}\x{2b55}\x{2b1b}\x{25a0}\x{25aa}\x{25ab}\x{25cb}\x{25cf}\x{25ef}\x{25fc}-\x{25fe}\x{221a}\x{1f534}\x{1f535}\x{1f518}\x{1f7e0}-\x{1f7eb}\x{1f5f4}\x{1f6d1}]|:(?:[a-z]+_)*(?:circle|square|check_mark|check|cross_mark|multiplication_x|button):))");
  static const RE2 word(R"([\pL\pN])");
  if (!RE2::PartialMatch(text, word)) return false;
  return RE2::PartialMatch(text, in_front) || RE2::PartialMatch(text, box) ||
         RE2::PartialMatch(text, behind) || RE2::PartialMatch(text, between) ||
         RE2::PartialMatch(text, sign);
}

}  // namespace gonogo
