#include "daemon/config/sources.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_map>
#include <vector>

#include "daemon/config/document.h"
#include "daemon/config/each.h"
#include "daemon/config/file_place.h"
#include "daemon/config/included_files.h"
#include "daemon/config/secrets.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/file_stamp.h"
#include "probes/kinds.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 500;

// Comments alone are meant: somebody has commented out the rest.
bool holds_comments_alone(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  bool has_comment = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with('#'))
      has_comment = true;
    else if (!line.empty() && line != "---")
      return false;
  }
  return has_comment;
}

std::optional<Node> read_file(const std::string& path, DocumentBudget& budget, Reading& reading) {
  try {
    // One byte more, so that what is too large is reported with its place.
    const std::string text = read_bounded_file(path, most_document_bytes + 1);
    const std::size_t known = reading.problems.size();
    Node document = parse_document(path, text, reading.problems, budget);
    const bool is_empty = document.is_null() || (document.is_map() && document.entries.empty()) ||
                          (document.is_scalar() && document.scalar.empty());
    // What was cut off at its beginning would take its checks with it.
    if (is_empty && reading.problems.size() == known && !holds_comments_alone(text)) {
      reading.problems.push_back({beginning_of(path), "",
                                  "is empty (write gates: ..., leave a comment that says why, or "
                                  "remove the file)"});
      return std::nullopt;
    }
    return document;
  } catch (const IoError& broken) {
    if (broken.reason() == Reason::threshold)
      reading.problems.push_back({beginning_of(path), "", "is larger than 16MiB"});
    else
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
  // Many files may add to one map.
  std::unordered_map<std::string, std::size_t> known;
  for (const Node::Entry& entry : from.entries) known.emplace(entry.key, into.entries.size());
  for (std::size_t i = 0; i < into.entries.size(); ++i) {
    const auto found = known.find(into.entries[i].key);
    if (found != known.end()) found->second = i;
  }
  const std::size_t before = into.entries.size();
  into.entries.reserve(before + from.entries.size());
  for (Node::Entry& entry : from.entries) {
    const std::string below = path.empty() ? entry.key : path + "." + entry.key;
    const std::size_t place = known.at(entry.key);
    Node::Entry* found = place < before ? &into.entries[place] : nullptr;
    if (found == nullptr) {
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

void take_document(Node& root, const std::string& file, DocumentBudget& budget, Reading& reading) {
  std::optional<Node> document = read_file(file, budget, reading);
  if (!document) return;
  if (root.place.line == 0) root.place = document->place;
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

void take_includes(Node& root, const std::string& path, DocumentBudget& budget, Reading& reading) {
  Settings top(&root, root.place, "", reading);
  const std::vector<std::string> files = included_files(top, path);
  std::erase_if(root.entries, [](const Node::Entry& entry) { return entry.key == "include"; });
  if (files.size() > most_files) {
    top.complain("includes more than 500 files");
    return;
  }
  for (const std::string& file : files) take_document(root, file, budget, reading);
  for (const Node::Entry& entry : root.entries) {
    if (entry.key == "include")
      reading.problems.push_back(
          {entry.place, "include", "is in an included file (only the first file may include)"});
  }
}

// At the load, what this daemon cannot read is not there.
SecretReading read_or_lack(const SecretSource& source) {
  try {
    return read_secret(source);
  } catch (const IoError& broken) {
    return {{}, true, broken.text()};
  }
}

class Filler {
 public:
  Filler(const std::string& path, Reading& reading) : reading_(reading) {
    names_["gonogo.config"] = std::filesystem::absolute(path).string();
    names_["gonogo.config_dir"] = relative_to_config(path, ".");
  }

  void define(const std::string& name, std::string value) { names_[name] = std::move(value); }
  void use(std::shared_ptr<const SecretTable> secrets) { secrets_ = std::move(secrets); }

  // As fill(); a secret may lack below the keys that `may_lack` names.
  template <typename MayLack>
  void fill_key_by_key(Node& node, const std::string& path, MayLack may_lack) {
    if (!node.is_map()) return fill(node, path);
    for (Node::Entry& entry : node.entries)
      fill(entry.value, path + "." + entry.key, may_lack(entry.key));
  }

  // A secret that is not there is a problem, unless checks fail with reason `secret` for it.
  void fill(Node& node, const std::string& path, bool may_lack = false) {
    if (node.is_scalar()) fill_scalar(node, path, may_lack);
    for (std::size_t i = 0; i < node.items.size(); ++i)
      fill(node.items[i], path + "[" + std::to_string(i + 1) + "]", may_lack);
    for (Node::Entry& entry : node.entries)
      fill(entry.value, path.empty() ? entry.key : path + "." + entry.key, may_lack);
  }

 private:
  void fill_scalar(Node& node, const std::string& path, bool may_lack) {
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
      replace(node, path, std::string(rest.substr(dollar + 2, end - dollar - 2)), may_lack);
      rest.remove_prefix(end + 1);
    }
    append(node, rest);
    // Only what holds secrets is filled again later.
    if (!node.holds_secret) node.parts.clear();
    node.parts.shrink_to_fit();
  }

  static void append(Node& node, std::string_view text) {
    if (text.empty()) return;
    node.scalar += text;
    node.shown += text;
    node.parts.push_back({false, std::string(text)});
  }

  void append_secret(Node& node, const SecretTable::Entry& secret) {
    // It names no source, which is reported there.
    if (secret.source.variable.empty() && secret.source.file.empty()) node.is_reported = true;
    node.scalar += secret.reading.text();
    node.shown += "${secrets." + secret.source.name + "}";
    node.holds_secret = true;
    node.is_of_world = node.is_of_world || secret.reading.is_of_world;
    node.parts.push_back({true, secret.source.name});
  }

  void replace(Node& node, const std::string& path, const std::string& name, bool may_lack) {
    if (const auto found = names_.find(name); found != names_.end()) {
      append(node, found->second);
      return;
    }
    if (name.starts_with("secrets.") && secrets_) {
      if (const auto found = secrets_->entries.find(name.substr(8));
          found != secrets_->entries.end()) {
        append_secret(node, found->second);
        const std::string& lack = found->second.reading.lack;
        if (may_lack || lack.empty() || reading_.is_static) return;
        // One cause, one problem, however many options need the secret.
        if (lacking_.insert(name).second)
          complain(node, path, "needs a secret: " + lack);
        else
          node.is_reported = true;
        return;
      }
    }
    std::vector<std::string> all;
    for (const auto& [key, value] : names_) all.push_back(key);
    if (secrets_) {
      for (const auto& [key, value] : secrets_->entries) all.push_back("secrets." + key);
    }
    const std::vector<std::string_view> known(all.begin(), all.end());
    const auto meant = closest(name, known);
    complain(node, path,
             "${" + on_one_line(name, 64) + "} is not defined (" +
                 (meant ? "did you mean ${" + std::string(*meant) + "}?"
                        : "wanted ${vars.NAME} or ${secrets.NAME}; for a literal write $${") +
                 ")");
  }

  void complain(Node& node, const std::string& path, std::string text) {
    node.is_reported = true;
    reading_.problems.push_back({node.place, path, std::move(text)});
  }

  std::map<std::string, std::string> names_;
  std::set<std::string> lacking_;
  std::shared_ptr<const SecretTable> secrets_;  // none while their own sources are filled in
  Reading& reading_;
};

// The options of a kind, and those of `when`, may hold secrets that are not there yet.
void fill_check(Filler& filler, Node& check, const std::string& path) {
  filler.fill_key_by_key(check, path, [](const std::string& key) {
    return key == "when" || find_kind(key) != nullptr;
  });
}

void fill_gates(Filler& filler, Node& gates) {
  if (!gates.is_map()) return filler.fill(gates, "gates");
  for (Node::Entry& gate : gates.entries) {
    const std::string path = "gates." + gate.key;
    if (!gate.value.is_map()) {
      filler.fill(gate.value, path);
      continue;
    }
    for (Node::Entry& option : gate.value.entries) {
      if (option.key != "checks" || !option.value.is_map()) {
        filler.fill(option.value, path + "." + option.key);
        continue;
      }
      for (Node::Entry& check : option.value.entries)
        fill_check(filler, check.value, path + ".checks." + check.key);
    }
  }
}

std::shared_ptr<const SecretTable> read_secrets(Settings& top, const std::string& path,
                                                Reading& reading) {
  auto table = std::make_shared<SecretTable>();
  for (auto& [name, settings] : top.sections("secrets")) {
    const auto source = read_secret_source(name, settings, path);
    if (!source) {
      // Reported; so that what uses it is not reported as well.
      table->entries[name].source.name = name;
      continue;
    }
    if (!source->file.empty() && table->stamps.find(source->file) == table->stamps.end())
      table->stamps[source->file] = stamp_of(source->file);
    SecretReading seen = read_or_lack(*source);
    if (seen.is_of_world) reading.redactor.hide(seen.value);
    table->entries[name] = {*source, std::move(seen)};
  }
  return table;
}

}  // namespace

std::string relative_to_config(const std::string& path, const std::string& file) {
  const fs::path folder = fs::is_directory(path) ? fs::path(path) : fs::path(path).parent_path();
  return (folder / file).lexically_normal().string();
}

Node read_sources(const std::string& path, Reading& reading) {
  Node root;
  DocumentBudget budget;
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    for (const std::string& file : files_of_folder(path, reading))
      take_document(root, file, budget, reading);
  } else {
    take_document(root, path, budget, reading);
  }
  if (root.is_map()) {
    take_includes(root, path, budget, reading);
    expand_each(root, reading.problems);
  }
  return root;
}

void fill_in(Node& root, const std::string& path, Reading& reading) {
  Filler filler(path, reading);
  Settings top(&root, root.place, "", reading);
  for (const auto& [name, value] : top.text_map("vars")) filler.define("vars." + name, value);
  if (Node* secrets = root.find("secrets")) filler.fill(*secrets, "secrets");
  reading.secrets = read_secrets(top, path, reading);
  filler.use(reading.secrets);
  for (Node::Entry& entry : root.entries) {
    if (entry.key == "secrets" || entry.key == "vars") continue;
    if (entry.key == "gates") {
      fill_gates(filler, entry.value);
    } else if (entry.key == "watch") {
      filler.fill_key_by_key(entry.value, "watch",
                             [](const std::string& key) { return key == "on_regressed"; });
    } else {
      filler.fill(entry.value, entry.key, entry.key == "release");
    }
  }
}

}  // namespace gonogo
