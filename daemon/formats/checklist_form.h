// The lines of a checklist that are to be filled in: signatures, and fields that nobody checks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/formats/checklist.h"

namespace gonogo {

// "Lead: ____ Date: ____" has the name "Lead". Nothing for a line without a name and a blank.
std::optional<std::string> name_of_blank(const std::string& text);

// True when names and blanks are all that a text says.
bool is_blank_alone(const std::string& text);

// True when another name than a date or the like has a blank on the same line.
bool has_second_signature(const std::string& text);

// What a name with a blank is when it is no signature: a version, a date, notes.
std::optional<ChecklistField::Kind> field_of_name(const std::string& name);

// "GO", "NO-GO: do not ship", and not "GO: rollback tested". `is_alone`: nothing but the word.
struct DecisionWord {
  ChecklistField::Kind kind = ChecklistField::Kind::go;
  bool is_alone = true;
};
std::optional<DecisionWord> decision_word(std::string_view text);

// A section that asks for the decision, by the words of its heading.
bool is_about_the_decision(const std::string& heading);

}  // namespace gonogo
