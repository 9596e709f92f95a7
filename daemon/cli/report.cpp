#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/lists.h"
#include "daemon/cli/verbs.h"
#include "daemon/core/text.h"
#include "daemon/formats/checklist.h"
#include "daemon/formats/json_text.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

constexpr std::size_t longest_list = 1 << 20;

}  // namespace

int write_output(const std::string& path, const std::string& text) {
  if (path.empty()) {
    std::cout << text << std::flush;
    return exit_go;
  }
  std::ofstream file(path, std::ios::trunc);
  file << text;
  if (file.flush()) return exit_go;
  std::cerr << path << " could not be written\n";
  return exit_no_go;
}

std::optional<std::string> read_list(const std::string& path) {
  try {
    return read_bounded_file(path, longest_list);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return std::nullopt;
  }
}

std::vector<std::string> unread_in_words(const ChecklistDocument& document,
                                         const std::string& path) {
  std::vector<std::string> lines;
  for (const UnreadLine& line : document.unread)
    lines.push_back(path + ":" + std::to_string(line.line + 1) + ": " + in_quotes(line.text) +
                    " was not read as a row: " + line.why);
  return lines;
}

int report(const CommonOptions& common, const DaemonOptions& daemon, const ListOptions& options) {
  const auto list = read_list(options.list);
  if (!list) return exit_usage;
  const nlohmann::json body{{"list", *list}, {"html", options.html}};
  std::string problem;
  const auto answer =
      ask_daemon(common, daemon, "POST", "/api/v1/report", problem, to_json_text(body));
  if (!answer || answer->status != 200) {
    std::cerr << (answer ? answer->detail() : problem) << "\n";
    return exit_no_answer;
  }
  return write_output(options.output, answer->body);
}

}  // namespace gonogo
