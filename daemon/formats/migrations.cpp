#include "daemon/formats/migrations.h"

#include <algorithm>
#include <map>

#include "daemon/core/text.h"
#include "daemon/formats/python_module.h"

namespace gonogo {
namespace {

using Module = std::map<std::string, PythonValue>;

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

// In the oldest form the name of the file is the revision.
std::optional<std::string> id_in_name(const std::string& file) {
  std::string_view name = base_name(file);
  name.remove_suffix(3);
  if (name.empty() || name.find_first_not_of("abcdef0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::string(name);
}

std::string at(const std::string& file, std::size_t line) {
  return file + ":" + std::to_string(line) + ": ";
}

tl::unexpected<std::string> refuse(const std::string& file, const PythonValue& value,
                                   const std::string& name, const char* expected) {
  std::string text = at(file, value.line) + "`" + name + "` ";
  if (value.kind == PythonValue::Kind::computed) {
    text +=
        "is computed, or is neither text nor None; only a text that is written out can be read "
        "(let migrations.command print the heads)";
  } else {
    text += std::string("is not ") + expected;
  }
  return tl::unexpected(std::move(text));
}

tl::expected<std::vector<std::string>, std::string> texts_of(const Module& module,
                                                             const std::string& name,
                                                             const std::string& file) {
  const PythonValue* found = find_name(module, name);
  if (found == nullptr) return {};
  const PythonValue& value = *found;
  if (value.kind == PythonValue::Kind::none) return {};
  if (value.kind == PythonValue::Kind::text) return std::vector{value.text};
  if (value.kind == PythonValue::Kind::computed) return refuse(file, value, name, "");
  std::vector<std::string> texts;
  const bool is_single_none = name != "branch_labels" && value.items.size() == 1 &&
                              value.items[0].kind == PythonValue::Kind::none;
  if (is_single_none) return texts;
  for (const PythonValue& item : value.items) {
    if (item.kind != PythonValue::Kind::text)
      return refuse(file, value, name, "None, a text, or a tuple or list of texts");
    texts.push_back(item.text);
  }
  return texts;
}

// The marks that Alembic prints behind a revision, such as "(head)".
bool has_mark(std::string_view line, std::string_view mark) {
  return line.find(" (" + std::string(mark) + ")") != std::string_view::npos;
}

class Tree {
 public:
  std::optional<std::string> build(const std::vector<Revision>& revisions) {
    for (const Revision& revision : revisions) {
      const auto [place, is_new] = by_id_.emplace(revision.id, &revision);
      if (!is_new)
        return "revision " + on_one_line(revision.id, 64) +
               " is in two files: " + place->second->file + " and " + revision.file;
    }
    names_ = by_id_;
    for (const Revision& revision : revisions) {
      for (const std::string& label : revision.branch_labels) {
        const auto [place, is_new] = names_.emplace(label, &revision);
        if (!is_new)
          return "the branch label " + on_one_line(label, 64) + " in " + revision.file +
                 " is already a name of " + place->second->file;
      }
    }
    for (const Revision& revision : revisions) {
      if (auto problem = link(revision)) return problem;
    }
    return circle();
  }

  AlembicHeads heads() const {
    AlembicHeads found;
    for (const auto& [id, revision] : by_id_) {
      if (!is_needed_.contains(id)) {
        found.heads.insert(id);
      } else if (!is_built_on_.contains(id)) {
        found.effective.insert(id);
      }
    }
    return found;
  }

 private:
  std::optional<std::string> link(const Revision& revision) {
    std::set<std::string>& below = below_[revision.id];
    for (const std::string& down : revision.down) {
      if (!by_id_.contains(down)) return missing(revision, "builds on", down, by_id_);
      is_built_on_.insert(down);
      below.insert(down);
    }
    for (const std::string& name : revision.depends_on) {
      const auto found = names_.find(name);
      if (found == names_.end()) return missing(revision, "depends on", name, names_);
      below.insert(found->second->id);
    }
    is_needed_.insert(below.begin(), below.end());
    return std::nullopt;
  }

  using Names = std::map<std::string, const Revision*>;

  static std::string missing(const Revision& revision, const char* how, const std::string& name,
                             const Names& names) {
    std::string text =
        revision.file + " " + how + " " + in_quotes(name, 64) + ", which no file has";
    const auto longer = names.lower_bound(name);
    if (!name.empty() && longer != names.end() && longer->first.starts_with(name))
      text += " (Alembic takes whole ids here; did you mean " + in_quotes(longer->first, 64) + "?)";
    return text;
  }

  // Takes away what nothing is left below of, until all is gone or goes round in a circle.
  std::optional<std::string> circle() const {
    std::map<std::string, std::size_t> waits_for;
    std::multimap<std::string, std::string> above;
    std::vector<std::string> free;
    for (const auto& [id, below] : below_) {
      waits_for[id] = below.size();
      if (below.empty()) free.push_back(id);
      for (const std::string& one : below) above.emplace(one, id);
    }
    while (!free.empty()) {
      const std::string id = std::move(free.back());
      free.pop_back();
      waits_for.erase(id);
      const auto [first, last] = above.equal_range(id);
      for (auto one = first; one != last; ++one) {
        if (--waits_for.at(one->second) == 0) free.push_back(one->second);
      }
    }
    if (waits_for.empty()) return std::nullopt;
    const std::string& id = waits_for.begin()->first;
    return "the revisions go round in a circle: " + on_one_line(id, 64) + " in " +
           by_id_.at(id)->file + " comes before and after itself or such a one";
  }

  Names by_id_;
  Names names_;  // ids and branch labels
  std::map<std::string, std::set<std::string>> below_;
  std::set<std::string> is_needed_;    // something builds or depends on it
  std::set<std::string> is_built_on_;  // something builds on it
};

}  // namespace

bool is_migration_file(std::string_view name) {
  return name.ends_with(".py") && !name.starts_with(".#") && !name.starts_with("__init__");
}

tl::expected<Revision, std::string> read_revision(const std::string& file, std::string_view text) {
  const auto module = read_python_module(text);
  if (!module) return tl::unexpected(at(file, module.error().line) + module.error().text);
  Revision revision;
  revision.file = file;
  if (const PythonValue* found = find_name(*module, "revision"); found != nullptr) {
    if (found->kind != PythonValue::Kind::text) return refuse(file, *found, "revision", "a text");
    revision.id = found->text;
  } else if (const auto id = id_in_name(file)) {
    revision.id = *id;
  } else {
    return tl::unexpected(file + " sets no `revision`: Alembic refuses a folder with such a file");
  }
  if (revision.id.find_first_of("@-+") != std::string::npos)
    return tl::unexpected(file + ": Alembic refuses the revision " + in_quotes(revision.id, 64) +
                          " (no @, - or +)");
  if (find_name(*module, "down_revision") == nullptr)
    return tl::unexpected(file + " sets no `down_revision` (None for the first migration)");
  const auto fill = [&](std::vector<std::string>& into,
                        const char* name) -> std::optional<std::string> {
    auto texts = texts_of(*module, name, file);
    if (!texts) return texts.error();
    into = std::move(*texts);
    return std::nullopt;
  };
  if (const auto problem = fill(revision.down, "down_revision")) return tl::unexpected(*problem);
  if (const auto problem = fill(revision.depends_on, "depends_on")) return tl::unexpected(*problem);
  if (const auto problem = fill(revision.branch_labels, "branch_labels"))
    return tl::unexpected(*problem);
  return revision;
}

tl::expected<AlembicHeads, std::string> heads_of(const std::vector<Revision>& revisions) {
  Tree tree;
  if (auto problem = tree.build(revisions)) return tl::unexpected(std::move(*problem));
  return tree.heads();
}

tl::expected<AlembicHeads, std::string> parse_alembic_heads(std::string_view output) {
  AlembicHeads marked;
  AlembicHeads plain;
  std::optional<std::string> odd;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = trimmed(output.substr(0, end));
    output.remove_prefix(std::min(end + 1, output.size()));
    if (line.empty()) continue;
    const std::string_view id = line.substr(0, line.find_first_of(" \t"));
    if (id == "Rev:") {
      return tl::unexpected(std::string("it prints the verbose form (leave out --verbose)"));
    } else if (has_mark(line, "head")) {
      marked.heads.emplace(id);
    } else if (has_mark(line, "effective head")) {
      marked.effective.emplace(id);
    } else if (id != line) {
      odd = std::string(line);
    } else {
      plain.heads.emplace(id);
    }
  }
  if (!marked.heads.empty() || !marked.effective.empty()) return marked;
  if (odd) return tl::unexpected("it prints " + in_quotes(*odd) + ", which names no head");
  return plain;
}

}  // namespace gonogo
