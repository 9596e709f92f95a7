#include "daemon/formats/shell_work.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "daemon/core/text.h"
#include "daemon/formats/shell_programs.h"
#include "daemon/formats/shell_tokens.h"

namespace gonogo {
namespace {

// Command lines within command lines.
constexpr int deepest = 8;

using Words = std::span<const ShellToken>;

enum class Result : std::uint8_t { unknown, good, bad };

// Reads one command line into the work; `depth` says within how many others it is.
class Line {
 public:
  Line(ShellWork& work, int depth) : work_(work), depth_(depth) {}

  void read(std::string_view text) {
    std::string problem;
    const auto tokens = depth_ > deepest ? std::nullopt : shell_tokens(text, problem);
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

  void run_words(const std::vector<std::string>& words) {
    work_.runs.push_back(joined(words, " "));
    if (words.size() > 1) work_.runs.insert(work_.runs.end(), words.begin(), words.end());
  }

  void run_program(const ShellToken& program) {
    add(program.text, true);
    run_words({program.text});
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

  // Runs `words`: a program and its arguments.
  void dispatch(Words words) {
    if (words.empty()) return;
    const std::string_view name = shell_program_name(words[0].text);
    if (is_time_field(words[0].text)) {
      work_.problem = "begins with " + in_quotes(words[0].text) + ", which is a field too many";
      mention(words);
    } else if (is_shell(name)) {
      run_shell(words);
    } else if (name == "su" || name == "runuser") {
      run_su(words);
    } else if (name == "find") {
      run_find(words);
    } else if (name == "eval" || name == "ssh" || name == "watch") {
      run_joined(words, name);
    } else if (is_container_tool(name)) {
      run_container(words, name);
    } else if (const ShellWrapper* wrapper = find_wrapper(name)) {
      run_wrapper(words, *wrapper);
    } else if (only_mentions(name)) {
      run_program(words[0]);
      mention(words.subspan(1));
    } else {
      run_other(words, is_interpreter(name));
    }
  }

  static std::string_view text_of(Words words, std::size_t i) {
    return i < words.size() ? std::string_view(words[i].text) : std::string_view();
  }

  // An argument of several words is a text (a mail's subject), unless the program interprets it.
  void run_other(Words words, bool takes_texts) {
    std::vector<std::string> run;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& text = words[i].text;
      const bool counts = i == 0 || takes_texts || text.find_first_of(" \t\n") == std::string::npos;
      add(text, counts);
      if (counts) run.push_back(text);
    }
    run_words(run);
  }

  // Mentions the options at the front; returns what is behind them.
  Words skip_options(Words words, const ShellWrapper& wrapper) {
    std::size_t i = 0;
    while (i < words.size()) {
      const std::string_view word = words[i].text;
      if (word == "--") {
        ++i;
        break;
      }
      if (word.size() > 1 && word[0] == '-') {
        i += takes_value(word, wrapper) ? 2 : 1;
      } else if (wrapper.takes_assignments && is_assignment(word)) {
        ++i;
      } else if (word == "-") {
        ++i;
      } else {
        break;
      }
    }
    i = std::min(i, words.size());
    mention(words.first(i));
    return words.subspan(i);
  }

  void run_wrapper(Words words, const ShellWrapper& wrapper) {
    run_program(words[0]);
    const std::string_view option = text_of(words, 1);
    const bool reads_only = option.size() > 1 && option[0] == '-' && option[1] != '-' &&
                            option.find_first_of(wrapper.reads_only, 1) == 1;
    if (reads_only) return mention(words.subspan(1));
    Words rest = skip_options(words.subspan(1), wrapper);
    for (int i = 0; i < wrapper.operands; ++i) rest = skip(rest);
    const std::string_view next = text_of(rest, 0);
    if (next == "--") rest = skip(rest);
    if (!wrapper.takes_line || (next != "-c" && next != "--command")) return dispatch_within(rest);
    rest = skip(rest);
    if (!rest.empty()) Line(work_, depth_ + 1).read(rest[0].text);
  }

  // Mentions one word; returns what is behind it.
  Words skip(Words words) {
    const std::size_t count = std::min<std::size_t>(1, words.size());
    mention(words.first(count));
    return words.subspan(count);
  }

  // "docker exec [options] container program", "docker compose run service program", "kubectl exec
  // pod -- program".
  void run_container(Words words, std::string_view name) {
    static constexpr ShellWrapper options{
        .names = "",
        .values = "HceuwfpvlnNmh",
        .long_values =
            "host context config env env-file user workdir file project-name "
            "project-directory profile index name entrypoint volume mount publish label "
            "network hostname add-host memory cpus namespace container detach-keys pull"};
    add(words[0].text, true);
    std::vector<std::string> run{words[0].text};
    Words rest = skip_options(words.subspan(1), options);
    const std::string_view group = text_of(rest, 0);
    if (group == "compose" || group == "container") rest = skip_options(skip(rest), options);
    const std::string_view verb = text_of(rest, 0);
    if (verb != "exec" && verb != "run") {
      // "docker restart backup": no program follows.
      for (const ShellToken& word : rest) {
        add(word.text, true);
        run.push_back(word.text);
      }
      return run_words(run);
    }
    run_words(run);
    rest = skip_options(skip(rest), options);
    if (name == "kubectl" || name == "oc") {
      while (!rest.empty() && rest[0].text != "--") rest = skip(rest);
      return dispatch_within(skip(rest));
    }
    if (verb == "exec") {
      rest = skip(rest);
    } else if (!rest.empty()) {
      run_program(rest[0]);  // the image: it runs what it was built for
      rest = rest.subspan(1);
    }
    dispatch_within(rest);
  }

  void dispatch_within(Words words) {
    if (++depth_ > deepest) {
      mention(words);
    } else {
      dispatch(words);
    }
    --depth_;
  }

  // sh, bash and so on: -c has a command line, anything else is a script.
  void run_shell(Words words) {
    run_program(words[0]);
    bool has_line = false;
    std::size_t i = 1;
    for (; i < words.size() && words[i].text.size() > 1; ++i) {
      const std::string& option = words[i].text;
      if (option[0] != '-' && option[0] != '+') break;
      if (option.starts_with("--")) continue;
      if (option.find('n') != std::string::npos) return mention(words.subspan(1));
      has_line = has_line || option.find('c') != std::string::npos;
      if (option.back() == 'o' || option.back() == 'O') ++i;
    }
    i = std::min(i, words.size());
    mention(words.subspan(1, i - 1));
    const Words rest = words.subspan(i);
    if (rest.empty()) return;
    if (!has_line) return run_other(rest, false);
    Line(work_, depth_ + 1).read(rest[0].text);
    mention(rest.subspan(1));
  }

  // "su - app -c '...'", "runuser -u app -- program".
  void run_su(Words words) {
    run_program(words[0]);
    bool has_user = false;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string& word = words[i].text;
      const bool is_line = word == "-c" || word == "--command" || word == "-lc";
      if (word.starts_with("--command=")) {
        Line(work_, depth_ + 1).read(std::string_view(word).substr(10));
        continue;
      }
      if (word == "--" && has_user) {
        mention(words.subspan(i, 1));
        return dispatch_within(words.subspan(i + 1));
      }
      mention(words.subspan(i, 1));
      if (i + 1 == words.size()) return;
      if (is_line) {
        Line(work_, depth_ + 1).read(words[++i].text);
      } else if (word == "-u" || word == "--user") {
        has_user = true;
        mention(words.subspan(++i, 1));
      } else if (word.starts_with("-") &&
                 std::string_view("sgGw").find(word.back()) != std::string_view::npos) {
        mention(words.subspan(++i, 1));
      }
    }
  }

  // The commands of -exec and the like run; the rest is mentioned.
  void run_find(Words words) {
    run_program(words[0]);
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string& word = words[i].text;
      mention(words.subspan(i, 1));
      if (word != "-exec" && word != "-execdir" && word != "-ok" && word != "-okdir") continue;
      std::size_t end = i + 1;
      while (end < words.size() && words[end].text != ";" && words[end].text != "+") ++end;
      dispatch_within(words.subspan(i + 1, end - i - 1));
      i = end - 1;
    }
  }

  // What takes its arguments together as one command line.
  void run_joined(Words words, std::string_view name) {
    run_program(words[0]);
    Words rest = words.subspan(1);
    static constexpr ShellWrapper ssh{.names = "ssh", .values = "BbcDEeFIiJLlmOopQRSWw"};
    static constexpr ShellWrapper watch{.names = "watch", .values = "n"};
    if (name != "eval") rest = skip_options(rest, name == "ssh" ? ssh : watch);
    if (name == "ssh" && !rest.empty()) {
      mention(rest.first(1));
      rest = rest.subspan(1);
    }
    std::string line;
    for (const ShellToken& word : rest) line += (line.empty() ? "" : " ") + word.text;
    if (!line.empty()) Line(work_, depth_ + 1).read(line);
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
