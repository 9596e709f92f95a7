#include "daemon/formats/alembic_config.h"

#include <map>
#include <optional>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Options = std::map<std::string, std::string>;

tl::unexpected<std::string> refuse(const std::string& path, std::size_t line,
                                   const std::string& text) {
  return tl::unexpected(path + ":" + std::to_string(line) + ": " + text);
}

// Python's configparser: sections, `name = value` or `name: value`, values that go on in lines that
// are indented deeper, whole-line comments.
class Ini {
 public:
  explicit Ini(const std::string& path) : path_(path) {}

  tl::expected<std::map<std::string, Options>, std::string> read(std::string_view text) {
    while (!text.empty() && problem_.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      take(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!problem_.empty()) return refuse(path_, line_, problem_);
    end_value();
    return std::move(sections_);
  }

 private:
  void take(std::string_view line) {
    const std::string_view content = trimmed(line);
    if (content.starts_with("#") || content.starts_with(";")) return;
    if (content.empty()) {
      if (!name_.empty()) value_ += '\n';
      return;
    }
    const std::size_t indent = line.find_first_not_of(" \t\f\v\r");
    if (options_ != nullptr && !name_.empty() && indent > indent_) {
      value_ += '\n';
      value_ += content;
      return;
    }
    indent_ = indent;
    end_value();
    if (content.starts_with("[") && content.find(']') > 1 &&
        content.find(']') != std::string_view::npos)
      return take_section(std::string(content.substr(1, content.rfind(']') - 1)));
    if (options_ == nullptr) {
      problem_ = "the first section is missing (such as [alembic])";
      return;
    }
    take_option(content);
  }

  void take_section(const std::string& name) {
    const auto [place, is_new] = sections_.try_emplace(name);
    if (!is_new && name != "DEFAULT")
      problem_ = "the section " + in_quotes(name) + " is there twice";
    options_ = &place->second;
  }

  void take_option(std::string_view content) {
    const std::size_t sign = content.find_first_of("=:");
    const std::string name =
        sign == std::string_view::npos ? "" : lower_case(trimmed(content.substr(0, sign)));
    if (name.empty()) {
      problem_ = "neither a section nor `name = value`";
      return;
    }
    if (options_->contains(name)) problem_ = "the option " + in_quotes(name) + " is there twice";
    name_ = name;
    value_ = trimmed(content.substr(sign + 1));
  }

  void end_value() {
    if (options_ == nullptr || name_.empty()) return;
    while (value_.ends_with('\n')) value_.pop_back();
    (*options_)[name_] = std::move(value_);
    name_.clear();
    value_.clear();
  }

  const std::string& path_;
  std::size_t line_ = 0;
  std::size_t indent_ = 0;
  std::string problem_;
  std::map<std::string, Options> sections_;
  Options* options_ = nullptr;
  std::string name_;
  std::string value_;
};

constexpr int deepest = 10;               // substitutions within each other, as in configparser
constexpr std::size_t longest = 1 << 16;  // of a value with all that it stands for

// A value with its %(name)s replaced; nothing when one is not known.
std::optional<std::string> with_values(const Options& options, std::string_view value, int depth) {
  if (depth > deepest) return std::nullopt;
  std::string text;
  while (!value.empty()) {
    const std::size_t sign = std::min(value.find('%'), value.size());
    text += value.substr(0, sign);
    value.remove_prefix(sign);
    if (text.size() > longest) return std::nullopt;
    if (value.empty()) break;
    if (value.starts_with("%%")) {
      text += '%';
      value.remove_prefix(2);
      continue;
    }
    const std::size_t end = value.find(")s");
    if (!value.starts_with("%(") || end == std::string_view::npos) return std::nullopt;
    const auto found = options.find(lower_case(value.substr(2, end - 2)));
    if (found == options.end()) return std::nullopt;
    const auto inner = with_values(options, found->second, depth + 1);
    if (!inner) return std::nullopt;
    text += *inner;
    value.remove_prefix(end + 2);
  }
  if (text.size() > longest) return std::nullopt;
  return text;
}

// At commas and blanks, as Alembic does where no separator is named.
std::vector<std::string> split_as_ever(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find_first_of(", ");
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
}

std::vector<std::string> split_at(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t at = std::min(text.find(separator), text.size());
    if (at > 0) parts.emplace_back(trimmed(text.substr(0, at)));
    text.remove_prefix(std::min(at + 1, text.size()));
  }
  return parts;
}

class Reader {
 public:
  Reader(const std::string& path, const std::string& section, const Options& options)
      : path_(path), section_(section), options_(options) {}

  tl::expected<AlembicConfig, std::string> read() {
    AlembicConfig config;
    const std::string folder = path_.substr(0, path_.rfind('/'));
    const auto script_location = option("script_location");
    if (!script_location && problem_.empty())
      problem_ = "has no script_location in [" + section_ + "]";
    option("file_template");
    const auto separator = separator_of_paths();
    const auto locations = option("version_locations");
    const auto recursive = option("recursive_version_locations");
    if (option("sourceless") == "true" && problem_.empty())
      problem_ =
          "sets sourceless: revisions may be in *.pyc, which are not read (let "
          "migrations.command print the heads)";
    if (!problem_.empty()) return tl::unexpected(path_ + ": " + problem_);
    if (!locations || locations->empty()) {
      config.version_locations.push_back(*script_location + "/versions");
      if (script_location->empty()) config.version_locations = {"versions"};
    } else if (separator) {
      config.version_locations = split_at(*locations, *separator);
    } else {
      config.version_locations = split_as_ever(*locations);
    }
    std::vector<std::string> places = config.version_locations;
    places.insert(places.begin(), *script_location);
    for (const std::string& place : places) {
      if (!place.starts_with("/") && place.find(':') != std::string::npos)
        return tl::unexpected(path_ + ": " + in_quotes(place) +
                              " is a place in a Python package (give migrations.folder instead)");
    }
    for (std::string& place : config.version_locations) {
      if (!place.starts_with("/")) place.insert(0, folder + "/");
    }
    config.states_recursive = recursive.has_value();
    config.recursive = recursive == "true";
    if (recursive && *recursive != "true" && *recursive != "false")
      config.note = "Alembic takes recursive_version_locations = " + on_one_line(*recursive, 40) +
                    " as false (only `true` is true)";
    return config;
  }

 private:
  std::optional<std::string> option(const std::string& name) {
    const auto found = options_.find(name);
    if (found == options_.end()) return std::nullopt;
    auto value = with_values(options_, found->second, 0);
    if (!value && problem_.empty())
      problem_ = name + " in [" + section_ + "] has a % that stands for nothing (%% is a literal)";
    return value;
  }

  std::optional<char> separator_of_paths() {
    static const std::map<std::string, char> known{
        {"space", ' '}, {"newline", '\n'}, {"os", ':'}, {":", ':'}, {";", ';'}};
    for (const char* name : {"path_separator", "version_path_separator"}) {
      const auto value = option(name);
      if (!value) continue;
      const auto found = known.find(*value);
      if (found != known.end()) return found->second;
      const auto locations = options_.find("version_locations");
      const bool is_used = locations != options_.end() && !locations->second.empty();
      if (is_used && problem_.empty())
        problem_ = std::string(name) + " is " + in_quotes(*value, 40) +
                   ", expected space, newline, os, : or ;";
      return std::nullopt;
    }
    return std::nullopt;
  }

  const std::string& path_;
  const std::string& section_;
  const Options& options_;
  std::string problem_;
};

}  // namespace

tl::expected<AlembicConfig, std::string> parse_alembic_config(const std::string& path,
                                                              const std::string& section,
                                                              std::string_view text) {
  auto sections = Ini(path).read(text);
  if (!sections) return tl::unexpected(sections.error());
  const auto found = sections->find(section);
  if (found == sections->end()) return tl::unexpected(path + " has no section [" + section + "]");
  Options options = found->second;
  options.insert((*sections)["DEFAULT"].begin(), (*sections)["DEFAULT"].end());
  options.emplace("here", path.substr(0, path.rfind('/')));
  return Reader(path, section, options).read();
}

}  // namespace gonogo
