#include "daemon/formats/node.h"

#include "daemon/core/text.h"

namespace gonogo {

std::string to_text(const Problem& problem) {
  std::string text;
  if (!problem.place.file.empty()) {
    text += std::string(problem.place.file) + ":";
    if (problem.place.line > 0) {
      text += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + ":";
    }
    text += " ";
  }
  // Keys are what somebody wrote: none may be read as a line of its own.
  constexpr std::size_t most_of_path = 1000;
  if (!problem.path.empty()) text += on_one_line(problem.path, most_of_path) + ": ";
  return text + problem.text;
}

}  // namespace gonogo
