#include "daemon/config/included_files.h"

#include <algorithm>
#include <utility>

#include "daemon/config/file_pattern.h"
#include "daemon/config/sources.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace {

// What ends in .yml is passed over by *.yaml, and its checks with it.
std::string in_words(const std::vector<std::string>& skipped) {
  constexpr std::size_t most = 5;
  std::string text = "passes over what does not end in .yaml: ";
  for (std::size_t i = 0; i < skipped.size() && i < most; ++i)
    text += (i == 0 ? "" : ", ") + on_one_line(skipped[i]);
  if (skipped.size() > most) text += " and " + std::to_string(skipped.size() - most) + " more";
  return text;
}

}  // namespace

std::vector<std::string> files_of_folder(const std::string& path, Reading& reading) {
  FilesFound found = find_files(path, "*.yaml");
  for (std::string& problem : found.problems)
    reading.problems.push_back({{}, "", std::move(problem)});
  if (!found.skipped.empty())
    reading.warnings.push_back({{}, "", path + " " + in_words(found.skipped) + " (rename it)"});
  if (found.files.empty() && found.problems.empty()) {
    reading.problems.push_back(
        {{},
         "",
         path + " holds no *.yaml file" +
             (found.skipped.empty() ? "" : " (rename " + on_one_line(found.skipped[0]) + ")")});
  }
  return std::move(found.files);
}

std::vector<std::string> included_files(Settings& top, const std::string& path) {
  std::vector<std::string> files;
  std::vector<std::string> skipped;
  const auto warn = [&top](std::string text) {
    top.reading().warnings.push_back({top.place_of("include"), "include", std::move(text)});
  };
  for (const std::string& pattern : top.texts("include")) {
    FilesFound found = find_files(relative_to_config(path, "."), pattern);
    for (const std::string& problem : found.problems)
      top.complain_at("include", in_quotes(pattern) + ": " + problem);
    skipped.insert(skipped.end(), found.skipped.begin(), found.skipped.end());
    files.insert(files.end(), found.files.begin(), found.files.end());
    if (found.files.empty() && found.problems.empty() && found.skipped.empty())
      warn(in_quotes(pattern) + " matches no file (remove it, or say where the files are)");
  }
  std::erase_if(skipped, [&files](const std::string& file) {
    return std::find(files.begin(), files.end(), file) != files.end();
  });
  if (!skipped.empty()) warn(in_words(skipped) + " (rename it, or include it as well)");
  return files;
}

}  // namespace gonogo
