#include "daemon/formats/shell_launchers.h"

#include <algorithm>

#include "daemon/core/text.h"
#include "daemon/formats/shell_programs.h"
#include "daemon/formats/shell_work.h"

namespace gonogo {
namespace {

using Words = std::span<const ShellToken>;

class Launcher {
 public:
  Launcher(ShellWork& work, int depth, const ReadShellLine& read_line)
      : work_(work), depth_(depth), read_line_(read_line) {}

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

 private:
  void add(const std::string& text, bool is_run) { work_.add(text, is_run); }
  void mention(Words words) {
    for (const ShellToken& word : words) add(word.text, false);
  }
  void run_words(const std::vector<std::string>& words) { work_.add_run(words); }
  void run_program(const ShellToken& program) {
    add(program.text, true);
    run_words({program.text});
  }
  void read_line(std::string_view line) { read_line_(line, depth_ + 1); }

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
    if (!rest.empty()) read_line(rest[0].text);
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
    if (++depth_ > deepest_shell) {
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
    read_line(rest[0].text);
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
        read_line(std::string_view(word).substr(10));
        continue;
      }
      if (word == "--" && has_user) {
        mention(words.subspan(i, 1));
        return dispatch_within(words.subspan(i + 1));
      }
      mention(words.subspan(i, 1));
      if (i + 1 == words.size()) return;
      if (is_line) {
        read_line(words[++i].text);
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
    if (!line.empty()) read_line(line);
  }

  ShellWork& work_;
  int depth_ = 0;
  const ReadShellLine& read_line_;
};

}  // namespace

void launch(std::span<const ShellToken> words, int depth, ShellWork& work,
            const ReadShellLine& read_line) {
  Launcher(work, depth, read_line).dispatch(words);
}

}  // namespace gonogo
