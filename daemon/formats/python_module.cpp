#include "daemon/formats/python_module.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "daemon/formats/python_grammar.h"

namespace gonogo {
namespace {

using Tokens = std::span<const PythonToken>;
using Names = std::map<std::string, PythonValue>;

int depth_change(const PythonToken& token) {
  if (token.is_sign("(") || token.is_sign("[") || token.is_sign("{")) return 1;
  if (token.is_sign(")") || token.is_sign("]") || token.is_sign("}")) return -1;
  return 0;
}

// The parts of `tokens` between the signs `sign` that stand outside of brackets.
std::vector<Tokens> split(Tokens tokens, std::string_view sign) {
  std::vector<Tokens> parts;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    depth += depth_change(tokens[i]);
    if (depth != 0 || !tokens[i].is_sign(sign)) continue;
    parts.push_back(tokens.subspan(start, i - start));
    start = i + 1;
  }
  parts.push_back(tokens.subspan(start));
  return parts;
}

PythonValue value_of(Tokens tokens, const Names& names);

// One element: strings side by side, None, a name, or brackets.
PythonValue element_of(Tokens tokens, const Names& names) {
  using Kind = PythonToken::Kind;
  PythonValue value;
  if (tokens.empty()) return value;
  const auto is_text = [](const PythonToken& token) { return token.kind == Kind::text; };
  if (std::all_of(tokens.begin(), tokens.end(), is_text)) {
    value.kind = PythonValue::Kind::text;
    for (const PythonToken& token : tokens) value.text += token.text;
    return value;
  }
  if (tokens.size() == 1 && tokens[0].is_name("None")) {
    value.kind = PythonValue::Kind::none;
    return value;
  }
  if (tokens.size() == 1 && tokens[0].kind == Kind::name) {
    const auto found = names.find(tokens[0].text);
    return found == names.end() ? value : found->second;
  }
  // The first bracket has to be closed by the last token.
  if (depth_change(tokens.front()) != 1) return value;
  int depth = 0;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    depth += depth_change(tokens[i]);
    if (depth == 0) return value;
  }
  const Tokens inside = tokens.subspan(1, tokens.size() - 2);
  const bool is_brace = tokens.front().is_sign("{");
  if (tokens.front().is_sign("(")) {
    if (!inside.empty()) return value_of(inside, names);
    value.kind = PythonValue::Kind::list;
    return value;
  }
  if (inside.empty()) {
    if (!is_brace) value.kind = PythonValue::Kind::list;  // {} is a dictionary
    return value;
  }
  value = value_of(inside, names);
  const bool is_single = split(inside, ",").size() == 1;
  if (!is_single || value.kind == PythonValue::Kind::computed) return value;
  PythonValue list;
  list.kind = PythonValue::Kind::list;
  list.items.push_back(std::move(value));
  return list;
}

// An element, or a tuple of elements with or without brackets.
PythonValue value_of(Tokens tokens, const Names& names) {
  std::vector<Tokens> parts = split(tokens, ",");
  if (parts.size() == 1) return element_of(tokens, names);
  if (parts.back().empty()) parts.pop_back();
  PythonValue list;
  for (const Tokens part : parts) {
    PythonValue item = element_of(part, names);
    if (item.kind == PythonValue::Kind::computed) return {};
    list.items.push_back(std::move(item));
  }
  list.kind = PythonValue::Kind::list;
  return list;
}

// Of other names only a run shows which they are: Python takes letters of other widths for the
// same.
bool is_ascii(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// `from x import *` of a library that has no names of migrations.
bool is_of_library(Tokens tokens) {
  static const std::set<std::string_view, std::less<>> libraries{
      "alembic", "datetime", "decimal", "enum", "math", "os", "sqlalchemy", "typing", "uuid"};
  return tokens.size() > 1 && tokens[0].is_name("from") && libraries.contains(tokens[1].text);
}

const std::set<std::string_view, std::less<>> compound_statements{
    "if",     "elif",    "else", "for",   "while", "try",
    "except", "finally", "with", "async", "match", "case"};
const std::set<std::string_view, std::less<>> augmented{
    "+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", ">>=", "<<=", "**="};

class Module {
 public:
  std::optional<PythonProblem> read(const std::vector<PythonLine>& lines) {
    for (const PythonLine& line : lines) {
      auto problem = objection_to_indent(line);
      if (!problem) problem = objection_to(line);
      if (problem) return problem;
      find_bindings_of_a_run(line);
      take(line);
    }
    if (is_block_due_) return PythonProblem{last_line_, "a block is missing behind the colon"};
    return std::nullopt;
  }

  Names names() && {
    if (changes_all_) {
      for (auto& [name, value] : names_) value = *changes_all_;
      names_[std::string(any_name)] = *changes_all_;
    }
    return std::move(names_);
  }

 private:
  struct Block {
    std::size_t indent;
    std::size_t least_indent;
    bool has_own_names;  // of a function or a class
    std::string before;  // how the last line at this depth begins
  };

  // Checks the indentation and opens and closes blocks.
  std::optional<PythonProblem> objection_to_indent(const PythonLine& line) {
    const PythonToken& first = line.tokens.front();
    // As CPython does: the columns have to say the same, whatever a tab is worth.
    const bool is_mixed =
        line.indent > blocks_.back().indent
            ? line.least_indent <= blocks_.back().least_indent
            : std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
                return block.indent == line.indent && block.least_indent != line.least_indent;
              });
    if (is_mixed) return PythonProblem{first.line, "its indentation mixes tabs and blanks"};
    const bool is_deeper = line.indent > blocks_.back().indent;
    if (is_deeper && !is_block_due_) return PythonProblem{first.line, "the line is indented"};
    if (!is_deeper && is_block_due_)
      return PythonProblem{first.line, "a block is missing behind the colon"};
    if (is_deeper) blocks_.push_back({line.indent, line.least_indent, block_has_own_names_, {}});
    while (line.indent < blocks_.back().indent) blocks_.pop_back();
    if (line.indent != blocks_.back().indent)
      return PythonProblem{first.line, "the indentation fits no block"};
    static const std::set<std::string_view, std::less<>> beginnings{"(", "[", "{", "-",  "+",
                                                                    "~", "*", "@", "..."};
    if (first.kind == PythonToken::Kind::sign && !beginnings.contains(first.text))
      return PythonProblem{first.line, "a line cannot begin with " + first.text};
    if (auto problem = objection_to_order(line)) return problem;
    is_block_due_ = line.tokens.back().is_sign(":");
    last_line_ = line.tokens.back().line;
    return std::nullopt;
  }

  std::optional<PythonProblem> objection_to_order(const PythonLine& line) {
    static const std::map<std::string_view, std::set<std::string_view>> allowed{
        {"elif", {"if", "elif"}},
        {"else", {"if", "elif", "for", "while", "except", "async"}},
        {"except", {"try", "except"}},
        {"finally", {"try", "except", "else"}}};
    const PythonToken& first = line.tokens.front();
    const std::string word = first.kind == PythonToken::Kind::name ? first.text : "";
    const std::string before = std::exchange(blocks_.back().before, word);
    const auto rule = allowed.find(word);
    if (rule != allowed.end() && !rule->second.contains(before))
      return PythonProblem{first.line, word + " follows nothing that it belongs to"};
    if (word == "return" && !blocks_.back().has_own_names)
      return PythonProblem{first.line, "return is outside of a function"};
    return std::nullopt;
  }

  // Statements that bind names which only a run shows: `from x import *`, globals(), exec(). What
  // is assigned behind one at the top level is known again; a function may be called at any time.
  void find_bindings_of_a_run(const PythonLine& line) {
    const std::vector<PythonToken>& tokens = line.tokens;
    const bool is_own = blocks_.back().has_own_names;
    static const std::set<std::string_view, std::less<>> anywhere{"globals", "exec"};
    static const std::set<std::string_view, std::less<>> at_top{"locals", "vars", "setattr",
                                                                "delattr"};
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].kind != PythonToken::Kind::name) continue;
      const std::string& name = tokens[i].text;
      const bool is_member = i > 0 && tokens[i - 1].is_sign(".");
      const bool is_called = i + 1 < tokens.size() && tokens[i + 1].is_sign("(");
      const bool is_of_module = (is_member && name == "modules") || name == "__dict__";
      const bool binds = !is_member && is_called &&
                         (anywhere.contains(name) || (!is_own && at_top.contains(name)));
      const bool imports_all = name == "import" && i + 1 < tokens.size() &&
                               tokens[i + 1].is_sign("*") && !is_of_library(tokens);
      // Of a module, the function that is asked for names that it does not have.
      const bool answers =
          i > 0 && blocks_.size() == 1 && tokens[i - 1].is_name("def") && name == "__getattr__";
      if (!binds && !imports_all && !is_of_module && !answers) continue;
      PythonValue computed;
      computed.line = tokens[i].line;
      if (is_own && !changes_all_) changes_all_ = computed;
      names_[std::string(any_name)] = computed;
      if (answers) continue;
      for (auto& [known, value] : names_) value = computed;
    }
  }

  void take(const PythonLine& line) {
    const Tokens tokens(line.tokens);
    const bool is_own = blocks_.back().has_own_names;
    const std::size_t skip = tokens[0].is_name("async") ? 1 : 0;
    const bool is_definition =
        tokens.size() > skip + 1 && (tokens[skip].is_name("def") || tokens[skip].is_name("class"));
    block_has_own_names_ = is_own || is_definition;
    if (is_definition) {
      if (!is_own) forget(tokens[skip + 1]);
      return forget_globals(tokens);
    }
    if (is_own) return forget_globals(tokens);
    const bool is_conditional = blocks_.size() > 1;
    // A soft keyword such as `match` may be a name.
    const bool is_compound = tokens[0].kind == PythonToken::Kind::name &&
                             compound_statements.contains(tokens[0].text) &&
                             !(tokens.size() > 1 && tokens[1].is_sign("="));
    if (is_compound) return forget_bound(tokens);
    for (const Tokens statement : split(tokens, ";")) {
      if (is_conditional) {
        forget_bound(statement);
      } else {
        take_statement(statement);
      }
    }
  }

  void take_statement(Tokens tokens) {
    if (tokens.empty()) return;
    std::vector<Tokens> parts = split(tokens, "=");
    const Tokens value = parts.back();
    parts.pop_back();
    if (parts.empty()) return forget_bound(tokens);
    // `name: what it is = value`
    if (parts.size() == 1) parts[0] = split(parts[0], ":").front();
    const auto is_name = [](Tokens part) {
      return part.size() == 1 && part[0].kind == PythonToken::Kind::name;
    };
    if (!std::all_of(parts.begin(), parts.end(), is_name)) return forget_bound(tokens);
    forget_bound(value);
    PythonValue seen = value_of(value, names_);
    seen.line = tokens[0].line;
    for (const Tokens part : parts) {
      if (globals_.contains(part[0].text) || !is_ascii(part[0].text)) {
        forget(part[0]);
      } else {
        names_[part[0].text] = seen;
      }
    }
  }

  void forget(const PythonToken& token) {
    PythonValue computed;
    computed.line = token.line;
    names_[token.text] = computed;
  }

  // `global x` in a function: any call may change the module's name.
  void forget_globals(Tokens tokens) {
    bool is_global = false;
    for (const PythonToken& token : tokens) {
      if (token.is_name("global")) {
        is_global = true;
      } else if (token.kind == PythonToken::Kind::name && is_global) {
        globals_.insert(token.text);
        forget(token);
      } else if (!token.is_sign(",")) {
        is_global = false;
      }
    }
  }

  // The names that a statement may bind in a way that is not followed here: from now on computed.
  void forget_bound(Tokens tokens) {
    std::size_t last_equals = 0;  // what stands before it outside of brackets is a target
    int depth = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      depth += depth_change(tokens[i]);
      const bool is_binding = tokens[i].is_sign("=") || augmented.contains(tokens[i].text);
      if (depth == 0 && tokens[i].kind == PythonToken::Kind::sign && is_binding) last_equals = i;
    }
    bool binds_all = false;  // between `for` and `in`, behind `import`, `as` and `del`
    depth = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const PythonToken& token = tokens[i];
      depth += depth_change(token);
      if (token.is_name("import") || token.is_name("del") || token.is_name("as") ||
          (token.is_name("for") && depth == 0)) {
        binds_all = true;
      } else if (token.is_name("in") || token.is_sign(":")) {
        binds_all = false;
      } else if (token.kind == PythonToken::Kind::name) {
        const bool is_member = i > 0 && tokens[i - 1].is_sign(".");
        const bool is_walrus = i + 1 < tokens.size() && tokens[i + 1].is_sign(":=");
        if (is_walrus || binds_all || (i < last_equals && !is_member)) forget(token);
      }
    }
  }

  std::vector<Block> blocks_{{0, 0, false, {}}};
  bool is_block_due_ = false;
  bool block_has_own_names_ = false;
  std::size_t last_line_ = 1;
  std::set<std::string> globals_;           // of functions
  std::optional<PythonValue> changes_all_;  // a function may bind any name
  Names names_;
};

}  // namespace

tl::expected<std::map<std::string, PythonValue>, PythonProblem> read_python_module(
    std::string_view text) {
  const auto lines = tokenize_python(text);
  if (!lines) return tl::unexpected(lines.error());
  Module module;
  if (auto problem = module.read(*lines)) return tl::unexpected(std::move(*problem));
  return std::move(module).names();
}

const PythonValue* find_name(const std::map<std::string, PythonValue>& names,
                             const std::string& name) {
  // Python takes letters of other widths for the same (NFKC), such as those of full width.
  for (const auto& [known, value] : names) {
    static const RE2 other(R"([^\x00-\x7f])");
    std::string pattern = known;
    if (RE2::GlobalReplace(&pattern, other, ".{1,4}") > 0 && RE2::FullMatch(name, pattern))
      return &value;
  }
  auto found = names.find(name);
  if (found == names.end()) found = names.find(std::string(any_name));
  return found == names.end() ? nullptr : &found->second;
}

}  // namespace gonogo
