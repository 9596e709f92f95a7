#include "daemon/formats/checklist_form.h"

#include <re2/re2.h>

#include <array>
#include <utility>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Kind = ChecklistField::Kind;

const RE2& blank_behind_name() {
  static const RE2 form(R"(([^:_]+):[\s*]*_{3,})");
  return form;
}

}  // namespace

std::optional<std::string> name_of_blank(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::size_t blank = text.find("___");
  const bool is_blank = colon != std::string::npos && blank != std::string::npos && colon < blank &&
                        trimmed(text.substr(colon + 1, blank - colon - 1)).empty();
  if (!is_blank) return std::nullopt;
  return text.substr(0, colon);
}

bool is_blank_alone(const std::string& text) {
  static const RE2 form(
      R"((?s)[^:_]+:[\s*]*_{3,}(?:[^\pL\pN_]*(?:[^:_]{1,30}:[\s*]*)?_{3,})*[^\pL\pN]*)");
  return RE2::FullMatch(text, form);
}

bool has_second_signature(const std::string& text) {
  static const RE2 beside(
      R"((?i)\W*(?:.*\b(?:date|time|name|signature|signed|initials?|role|title|e-?mail|phone)\b.*|on|at|by)?\W*)");
  re2::StringPiece rest(text);
  std::string name;
  bool is_first = true;
  while (RE2::FindAndConsume(&rest, blank_behind_name(), &name)) {
    if (!is_first && !RE2::FullMatch(name, beside) && !field_of_name(name)) return true;
    is_first = false;
  }
  return false;
}

std::optional<Kind> field_of_name(const std::string& name) {
  struct Rule {
    const char* pattern;
    Kind kind;
  };
  static const std::array<std::pair<RE2, Kind>, 6> rules{{
      {R"((?i)\W*(?:go|go decision)\W*)", Kind::go},
      {R"((?i)\W*no-?\s?go(?: decision)?\W*)", Kind::no_go},
      {R"((?i)\W*(?:(?:release |app(?:lication)? |software |product )?version|release|build|commit|tag|sha|version number|release version|build number|commit sha)\W*)",
       Kind::version},
      {R"((?i)\W*(?:(?:final |overall )?(?:decision|verdict|outcome)|go\s?/\s?no-?\s?go(?: decision)?)\W*)",
       Kind::decision},
      {R"((?i)\W*(?:(?:decision|go\s?/\s?no-?\s?go) (?:date|time)|(?:date|time) of (?:the )?(?:decision|go\s?/\s?no-?\s?go)|decided (?:on|at))\W*)",
       Kind::decision_date},
      {R"((?i)\W*(?:(?:release |deploy(?:ment)? |launch |target |planned |due |last |start |end )?(?:date|time)|date and time|date ?/ ?time|(?:date|time) of (?:the )?(?:release|deploy(?:ment)?|launch)|last updated|last reviewed|notes?|comments?|remarks?|environment|ticket|change (?:id|number|request|ticket))\W*)",
       Kind::other},
  }};
  for (const auto& [pattern, kind] : rules) {
    if (RE2::FullMatch(name, pattern)) return kind;
  }
  return std::nullopt;
}

std::optional<DecisionWord> decision_word(std::string_view text) {
  // A letter in lower case behind "go" may be a language or a verb: only the word alone is taken.
  static const RE2 alone(R"((?i)(no[-\s]?)?go[.!]?(?:\s*[\p{So}\x{fe0f}]*)?)");
  static const RE2 with_words(
      R"((?s)(?:((?i)no[-\s]?go)|GO)\s*(?:[:(\x{2013}\x{2014}]|-\s)[\s*]*(.*?)[\s*).!_\p{So}\x{fe0f}]*)");
  // Other words make it a row: "GO: rollback tested".
  static const RE2 decides(
      R"((?i)|(?:(?:yes|no|we|can|may|will|are|is|must|please|do not|don.?t|cannot|not|never|and|or|to|it|this|the|for|with|on|in|now|today|all|clear|green|everything|systems|as planned|ahead|back|off|until fixed|ship|deploy|release|launch|proceed|start|publish|go|roll ?out|approved?|accept(?:ed)?|ready|safe|good|hold|stop|abort|cancel|postpone|delay|defer|wait|reject(?:ed)?|halt|deployment|production|prod|live|version|build)(?:ing|ment)?[\s,;\x{2013}\x{2014}-]*)+)");
  std::string no;
  std::string words;
  if (RE2::FullMatch(text, alone, &no))
    return DecisionWord{no.empty() ? Kind::go : Kind::no_go, true};
  if (RE2::FullMatch(text, with_words, &no, &words) && RE2::FullMatch(words, decides))
    return DecisionWord{no.empty() ? Kind::go : Kind::no_go, false};
  return std::nullopt;
}

bool is_about_the_decision(const std::string& heading) {
  static const RE2 decision(
      R"((?i).*(?:decision|verdict|sign-?\s?off|approval|approve|outcome|result).*)");
  static const RE2 criteria(R"((?i).*(?:criteria|criterion|trigger|checklist).*)");
  return RE2::FullMatch(heading, decision) && !RE2::FullMatch(heading, criteria);
}

}  // namespace gonogo
