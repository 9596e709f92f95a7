// What is no Python in the order of tokens, as far as tokens alone show it.
#pragma once

#include <optional>

#include "daemon/formats/python_tokens.h"

namespace gonogo {

// Operands without an operator between them, operators without an operand, a compound statement
// without its colon. No problem does not mean that Python would take the line.
std::optional<PythonProblem> objection_to(const PythonLine& line);

}  // namespace gonogo
