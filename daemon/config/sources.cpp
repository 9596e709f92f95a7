#include "daemon/config/sources.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "daemon/config/document.h"
#include "daemon/config/each.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/dotenv.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t shortest_secret = 4;
constexpr std::size_t most_files = 500;

std::vector<std::string> files_matching(const std::string& pattern) {
  ::glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return files;
}

std::optional<Node> read_file(const std::string& path, Reading& reading) {
  try {
    return parse_document(path, read_bounded_file(path, most_document_bytes), reading.problems);
  } catch (const IoError& broken) {
    reading.problems.push_back({{}, "", std::string(broken.what()) + " (wanted a YAML file)"});
    return std::nullopt;
  }
}

// Whether a map that several files have is joined entry by entry.
bool is_joined(const std::string& path) {
  return path.empty() || path == "gates" || path == "vars" || path == "secrets" ||
         path == "calendar" || matches_wildcard("gates.*", path);
}

void merge(Node& into, Node&& from, const std::string& path, Reading& reading) {
  for (Node::Entry& entry : from.entries) {
    const std::string below = path.empty() ? entry.key : path + "." + entry.key;
    const auto same = [&](const Node::Entry& other) { return other.key == entry.key; };
    const auto found = std::find_if(into.entries.begin(), into.entries.end(), same);
    if (found == into.entries.end()) {
      into.entries.push_back(std::move(entry));
    } else if (found->value.is_map() && entry.value.is_map() && is_joined(below)) {
      merge(found->value, std::move(entry.value), below, reading);
    } else {
      reading.problems.push_back({entry.place, below,
                                  "is already given in " + std::string(found->place.file) + ":" +
                                      std::to_string(found->place.line) + " (give it once)"});
    }
  }
}

void take_document(Node& root, const std::string& file, Reading& reading) {
  std::optional<Node> document = read_file(file, reading);
  if (!document) return;
  if (document->is_null()) return;
  if (!document->is_map()) {
    reading.problems.push_back({document->place, "", "is no map (such as gates: ...)"});
    return;
  }
  if (root.is_null()) {
    root = std::move(*document);
  } else {
    merge(root, std::move(*document), "", reading);
  }
}

void take_includes(Node& root, const std::string& path, Reading& reading) {
  Settings top(&root, root.place, "", reading);
  const std::vector<std::string> patterns = top.texts("include");
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    const std::vector<std::string> found = files_matching(relative_to_config(path, pattern));
    if (found.empty() && pattern.find_first_of("*?[") == std::string::npos) {
      top.complain_at("include", in_quotes(pattern) + " does not exist");
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  std::erase_if(root.entries, [](const Node::Entry& entry) { return entry.key == "include"; });
  if (files.size() > most_files) {
    top.complain("includes more than 500 files");
    return;
  }
  for (const std::string& file : files) take_document(root, file, reading);
  for (const Node::Entry& entry : root.entries) {
    if (entry.key == "include")
      reading.problems.push_back(
          {entry.place, "include", "is in an included file (only the first file may include)"});
  }
}

std::optional<std::string> read_secret(Settings& source, const std::string& path) {
  const auto env = source.text("env");
  const auto file = source.text("file");
  const auto dotenv = source.text("dotenv");
  const auto key = source.text("key");
  const auto credential = source.text("credential");
  // For values that an application does not need. It is no secret, as everybody can read the
  // configuration.
  std::optional<std::string> absent = source.text("default");
  source.finish();
  const int given = (env ? 1 : 0) + (file ? 1 : 0) + (dotenv ? 1 : 0) + (credential ? 1 : 0);
  if (given != 1 || dotenv.has_value() != key.has_value()) {
    source.complain(
        "names no source (one of env: NAME, file: PATH, dotenv: PATH with key: NAME, credential: "
        "NAME)");
    return std::nullopt;
  }
  if (env) {
    const char* value = std::getenv(env->c_str());
    if (value != nullptr) return value;
    if (!absent) source.complain_at("env", in_quotes(*env) + " is not set in the environment");
    return absent;
  }
  std::string from = relative_to_config(path, file.value_or(dotenv.value_or("")));
  if (credential) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr || credential->find('/') != std::string::npos) {
      source.complain_at("credential", in_quotes(*credential) +
                                           " is not there (systemd passes it by LoadCredential=)");
      return std::nullopt;
    }
    from = std::string(folder) + "/" + *credential;
  }
  try {
    const std::string content = read_bounded_file(from, 1 << 20);
    if (!dotenv) return std::string(trimmed(content));
    const auto keys = parse_dotenv(content);
    const auto found = keys.find(*key);
    if (found != keys.end()) return found->second;
    if (!absent) source.complain_at("key", in_quotes(*key) + " is not in " + from);
  } catch (const IoError& broken) {
    const bool may_lack = absent && broken.reason() == Reason::missing;
    if (!may_lack) source.complain(broken.what());
    if (!may_lack) return std::nullopt;
  }
  return absent;
}

class Filler {
 public:
  Filler(const std::string& path, Reading& reading) : reading_(reading) {
    names_["gonogo.config"] = std::filesystem::absolute(path).string();
    names_["gonogo.config_dir"] = relative_to_config(path, ".");
  }

  void define(const std::string& name, std::string value) { names_[name] = std::move(value); }
  void define_secret(const std::string& name, std::string value) {
    secrets_[name] = std::move(value);
  }
  void define_broken(const std::string& name) { secrets_.try_emplace(name, ""); }

  void fill(Node& node, const std::string& path) {
    if (node.is_scalar()) fill_scalar(node, path);
    for (std::size_t i = 0; i < node.items.size(); ++i)
      fill(node.items[i], path + "[" + std::to_string(i + 1) + "]");
    for (Node::Entry& entry : node.entries)
      fill(entry.value, path.empty() ? entry.key : path + "." + entry.key);
  }

 private:
  void fill_scalar(Node& node, const std::string& path) {
    const std::string text = std::move(node.scalar);
    node.scalar.clear();
    node.shown.clear();
    std::string_view rest = text;
    while (true) {
      const std::size_t dollar = rest.find("${");
      if (dollar == std::string_view::npos) break;
      if (dollar > 0 && rest[dollar - 1] == '$') {
        append(node, std::string(rest.substr(0, dollar - 1)) + "${");
        rest.remove_prefix(dollar + 2);
        continue;
      }
      append(node, rest.substr(0, dollar));
      const std::size_t end = rest.find('}', dollar);
      if (end == std::string_view::npos) {
        complain(node, path, "\"${\" has no \"}\" (for a literal write $${)");
        return;
      }
      replace(node, path, std::string(rest.substr(dollar + 2, end - dollar - 2)));
      rest.remove_prefix(end + 1);
    }
    append(node, rest);
  }

  static void append(Node& node, std::string_view text) {
    node.scalar += text;
    node.shown += text;
  }

  void replace(Node& node, const std::string& path, const std::string& name) {
    if (const auto found = names_.find(name); found != names_.end()) {
      append(node, found->second);
      return;
    }
    if (name.starts_with("secrets.")) {
      if (const auto found = secrets_.find(name.substr(8)); found != secrets_.end()) {
        node.scalar += found->second;
        node.shown += "${" + name + "}";
        node.holds_secret = true;
        return;
      }
    }
    std::vector<std::string> all;
    for (const auto& [key, value] : names_) all.push_back(key);
    for (const auto& [key, value] : secrets_) all.push_back("secrets." + key);
    const std::vector<std::string_view> known(all.begin(), all.end());
    const auto meant = closest(name, known);
    complain(node, path,
             "${" + on_one_line(name, 64) + "} is not defined (" +
                 (meant ? "did you mean ${" + std::string(*meant) + "}?"
                        : "wanted ${vars.NAME} or ${secrets.NAME}; for a literal write $${") +
                 ")");
  }

  void complain(const Node& node, const std::string& path, std::string text) {
    reading_.problems.push_back({node.place, path, std::move(text)});
  }

  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> secrets_;
  Reading& reading_;
};

}  // namespace

std::string relative_to_config(const std::string& path, const std::string& file) {
  const fs::path folder = fs::is_directory(path) ? fs::path(path) : fs::path(path).parent_path();
  return (folder / file).lexically_normal().string();
}

Node read_sources(const std::string& path, Reading& reading) {
  Node root;
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    const std::vector<std::string> files = files_matching(path + "/*.yaml");
    if (files.empty()) reading.problems.push_back({{}, "", path + " holds no *.yaml file"});
    for (const std::string& file : files) take_document(root, file, reading);
  } else {
    take_document(root, path, reading);
  }
  if (root.is_map()) {
    take_includes(root, path, reading);
    expand_each(root, reading.problems);
  }
  return root;
}

void fill_in(Node& root, const std::string& path, Reading& reading) {
  Filler filler(path, reading);
  Settings top(&root, root.place, "", reading);
  for (const auto& [name, value] : top.text_map("vars")) filler.define("vars." + name, value);
  if (Node* secrets = root.find("secrets")) filler.fill(*secrets, "secrets");
  for (auto& [name, source] : top.sections("secrets")) {
    const std::optional<std::string> value = read_secret(source, path);
    if (value && value == source.text("default")) {
      filler.define_secret(name, *value);
      continue;
    }
    if (value && value->size() < shortest_secret) {
      source.complain("is shorter than 4 characters (such a text cannot be hidden from outputs)");
    } else if (value) {
      reading.redactor.hide(*value);
      filler.define_secret(name, *value);
      continue;
    }
    filler.define_broken(name);
  }
  for (Node::Entry& entry : root.entries) {
    if (entry.key != "secrets" && entry.key != "vars") filler.fill(entry.value, entry.key);
  }
}

}  // namespace gonogo
