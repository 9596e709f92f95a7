#include "daemon/formats/shell_work.h"

#include <algorithm>
#include <optional>
#include <span>

#include "daemon/core/text.h"
#include "daemon/formats/shell_launchers.h"
#include "daemon/formats/shell_programs.h"
#include "daemon/formats/shell_tokens.h"

namespace gonogo {
namespace {

using Words = std::span<const ShellToken>;

enum class Result : std::uint8_t { unknown, good, bad };

// Reads one command line into the work; `depth` says within how many others it is.
class Line {
 public:
  Line(ShellWork& work, int depth) : work_(work), depth_(depth) {}

  void read(std::string_view text) {
    std::string problem;
    const auto tokens = depth_ > deepest_shell ? std::nullopt : shell_tokens(text, problem);
    if (!tokens) {
      if (work_.problem.empty()) work_.problem = problem.empty() ? "is nested too deep" : problem;
      add(std::string(text), false);
      return;
    }
    const std::size_t runs = work_.runs.size();
    const std::size_t begin = work_.all.size();
    const std::string others = work_.others;
    for (const ShellToken& token : *tokens) take(token);
    finish(";");
    if (!is_refused_) return;
    work_.runs.resize(runs);
    work_.others = others + work_.all.substr(begin);
  }

 private:
  void add(const std::string& text, bool is_run) { work_.add(text, is_run); }

  void mention(Words words) {
    for (const ShellToken& word : words) add(word.text, false);
  }

  void take(const ShellToken& token) {
    if (token.kind == ShellToken::Kind::operation) {
      // "name()" defines a function; any other word before a bracket is an error.
      if (token.text == "(" && words_.size() > 1) {
        work_.problem = "a bracket follows a word";
        is_refused_ = true;
      }
      finish(token.text);
      add(token.text, false);
      return;
    }
    for (const std::string& command : token.substitutions) substitutions_.push_back(command);
    if (token.kind == ShellToken::Kind::redirection) {
      redirections_.push_back(token);
    } else if (words_.empty() && !token.is_quoted && begins_compound(token.text)) {
      add(token.text, false);
      is_negated_ = token.text == "!";
      if (token.text != "!" && token.text != "time") ++compounds_;
    } else if (is_pattern_ && token.text != "esac") {
      add(token.text, false);
    } else {
      is_pattern_ = false;
      words_.push_back(token);
    }
  }

  // A command has ended, by `sign`.
  void finish(const std::string& sign) {
    const bool is_piped = sign == "|" || sign == "|&";
    if (!words_.empty()) {
      if (is_dead_) mention(words_);
      const Result result = is_dead_ ? last_ : run_simple(sign);
      last_ = is_piped || was_piped_ ? Result::unknown : result;
    }
    mention(redirections_);
    const std::vector<std::string> commands = std::move(substitutions_);
    substitutions_.clear();
    if (!is_dead_) {
      for (const std::string& command : commands) Line(work_, depth_ + 1).read(command);
    }
    words_.clear();
    redirections_.clear();
    was_piped_ = is_piped;
    is_negated_ = false;
    follow(sign);
  }

  // Says whether what comes behind `sign` can run.
  void follow(const std::string& sign) {
    is_first_ = false;
    if (sign == ")") is_pattern_ = false;
    if (sign == "(") {
      groups_.push_back({is_dead_, is_list_dead_});
      is_list_dead_ = is_dead_;
      is_first_ = true;
    } else if (sign == ")") {
      if (!groups_.empty()) {
        is_dead_ = groups_.back().is_dead;
        is_list_dead_ = groups_.back().is_list_dead;
        groups_.pop_back();
      }
      last_ = Result::unknown;
    } else if (sign == "&&") {
      is_dead_ = is_list_dead_ || last_ == Result::bad;
    } else if (sign == "||") {
      is_dead_ = is_list_dead_ || last_ == Result::good;
    } else if (sign != "|" && sign != "|&") {
      last_ = Result::unknown;
      is_dead_ = is_list_dead_;
      is_first_ = true;
      is_pattern_ = sign == ";;";
    }
  }

  Result run_simple(const std::string& sign) {
    Words words(words_);
    if (begins_list(words[0].text)) {
      mention(words);
      is_pattern_ = words[0].text == "case";
      ++compounds_;
      return Result::unknown;
    }
    while (!words.empty() && is_assignment(words[0].text)) {
      mention(words.first(1));
      words = words.subspan(1);
    }
    if (words.empty()) return Result::unknown;
    const std::string& name = words[0].text;
    const bool ends_shell =
        name == "exit" || name == "return" || (name == "exec" && words.size() > 1);
    const bool is_alone = is_first_ && compounds_ == 0 && !was_piped_ && sign != "|" && sign != "&";
    dispatch(words);
    if (ends_shell && is_alone && (sign == ";" || sign == "\n")) is_list_dead_ = true;
    const bool is_good = name == "true" || name == ":";
    if (!is_good && name != "false") return Result::unknown;
    return is_good != is_negated_ ? Result::good : Result::bad;
  }

  void dispatch(Words words) {
    launch(words, depth_, work_,
           [this](std::string_view line, int depth) { Line(work_, depth).read(line); });
  }

  struct Group {
    bool is_dead = false;
    bool is_list_dead = false;
  };

  ShellWork& work_;
  int depth_ = 0;
  std::vector<ShellToken> words_;
  std::vector<ShellToken> redirections_;
  std::vector<std::string> substitutions_;
  std::vector<Group> groups_;
  Result last_ = Result::unknown;
  bool is_dead_ = false;       // the command cannot run: "false && ...", "true || ..."
  bool is_list_dead_ = false;  // nothing behind here can: "exit; ..."
  bool is_first_ = true;       // first of its and-or list
  bool was_piped_ = false;
  bool is_refused_ = false;  // the shell refuses the line as a whole
  bool is_negated_ = false;
  bool is_pattern_ = false;  // a pattern of `case` follows
  int compounds_ = 0;        // if, while, ...: what is in them may not run
};

}  // namespace

void ShellWork::add(const std::string& word, bool is_run) {
  if (!all.empty()) {
    all += ' ';
    others += ' ';
  }
  all += word;
  if (!is_run) others += word;
}

void ShellWork::add_run(const std::vector<std::string>& words) {
  runs.push_back(joined(words, " "));
  if (words.size() > 1) runs.insert(runs.end(), words.begin(), words.end());
}

bool ShellWork::fits(const std::function<bool(const std::string&)>& matches) const {
  if (std::any_of(runs.begin(), runs.end(), matches)) return true;
  return all != others && matches(all) && !matches(others);
}

ShellWork shell_work(std::string_view line) {
  ShellWork work;
  std::string problem;
  if (!shell_tokens(line, problem)) {
    work.problem = problem;
    return work;
  }
  Line(work, 0).read(line);
  return work;
}

}  // namespace gonogo
