#include "daemon/formats/node.h"

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
  if (!problem.path.empty()) text += problem.path + ": ";
  return text + problem.text;
}

}  // namespace gonogo
