#include "daemon/formats/shell_launchers.h"

#include <algorithm>
#include <optional>

#include "daemon/formats/shell_arguments.h"
#include "daemon/formats/shell_programs.h"
#include "daemon/formats/shell_refusals.h"

namespace gonogo {
namespace {

using Words = std::span<const ShellToken>;

class Launcher {
 public:
  Launcher(const ShellInput& input, const ShellLaunch& launch)
      : input_(input),
        reading_(launch.reading),
        work_(launch.work),
        depth_(launch.depth),
        read_line_(launch.read_line) {}

  // Runs `words`: a program and its arguments.
  void dispatch(Words words) {
    if (words.empty()) return;
    const std::string_view name = shell_program_name(words[0].text);
    if (is_no_program(words[0], is_elsewhere_ ? nullptr : reading_.exists)) {
      mention(words);
    } else if (is_shell(name)) {
      run_shell(words);
    } else if (name == "su" || name == "runuser") {
      run_su(words, name == "runuser");
    } else if (name == "find") {
      run_find(words);
    } else if (name == "env") {
      run_env(words);
    } else if (name == "ssh" || name == "watch" || name == "script") {
      run_joined(words, name);
    } else if (is_container_tool(name)) {
      run_container(words, name);
    } else if (const ShellWrapper* wrapper = find_wrapper(name)) {
      run_wrapper(words, *wrapper);
    } else if (only_mentions(name)) {
      run_program(words[0]);
      mention(words.subspan(1));
    } else if (name == "systemctl" || name == "service") {
      run_service(words, name);
    } else if (name == "curl" || name == "wget") {
      run_download(words);
    } else {
      run_other(words, is_interpreter(name));
      if (is_interpreter(name) && (words.size() == 1 || reads_statements(name))) run_input();
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
  void read_line(std::string_view line, ShellDialect dialect = ShellDialect::other) {
    read_line_(line, depth_ + 1, dialect);
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

  // The standard input of a shell is run.
  void run_input(ShellDialect dialect = ShellDialect::other) {
    for (const std::string& file : input_.files) {
      add(file, true);
      run_words({file});
    }
    if (!input_.text.empty() && depth_ < deepest_shell) read_line(input_.text, dialect);
  }

  struct Options {
    Words rest;                 // what is behind them
    bool runs_nothing = false;  // "command -v"
  };

  // Mentions the options at the front.
  Options skip_options(Words words, const ShellWrapper& wrapper) {
    std::size_t i = 0;
    Options options;
    while (i < words.size()) {
      const std::string_view word = words[i].text;
      if (word == "--") {
        ++i;
        break;
      }
      if (word.size() > 1 && word[0] == '-') {
        options.runs_nothing = options.runs_nothing || runs_nothing(word, wrapper);
        i += takes_value(word, wrapper) ? 2 : 1;
      } else if (word == "-" || (wrapper.takes_assignments && is_assignment(word))) {
        ++i;
      } else {
        break;
      }
    }
    i = std::min(i, words.size());
    mention(words.first(i));
    options.rest = words.subspan(i);
    return options;
  }

  void run_wrapper(Words words, const ShellWrapper& wrapper) {
    run_program(words[0]);
    const Options options = skip_options(words.subspan(1), wrapper);
    if (options.runs_nothing) return mention(options.rest);
    Words rest = options.rest;
    for (int i = 0; i < wrapper.operands; ++i) rest = skip(rest);
    const std::string_view next = text_of(rest, 0);
    if (next == "--") rest = skip(rest);
    if (wrapper.names.starts_with("busybox") || wrapper.names.starts_with("chroot"))
      is_elsewhere_ = true;
    // A path is no applet of busybox.
    if (wrapper.names.starts_with("busybox") && next.find('/') != std::string_view::npos)
      return mention(rest);
    if (!wrapper.takes_line || (next != "-c" && next != "--command")) return dispatch_within(rest);
    rest = skip(rest);
    if (!rest.empty()) read_line(rest[0].text, reading_.dialect);
  }

  // Mentions one word; returns what is behind it.
  Words skip(Words words) {
    const std::size_t count = std::min<std::size_t>(1, words.size());
    mention(words.first(count));
    return words.subspan(count);
  }

  void run_env(Words words) {
    run_program(words[0]);
    const EnvCall call = env_call(words.subspan(1));
    mention(call.before);
    dispatch_within(call.program);
  }

  // "docker exec [options] container program", "docker compose run service program", "kubectl exec
  // pod -- program".
  void run_container(Words words, std::string_view name) {
    const ShellWrapper& options = container_options();
    is_elsewhere_ = true;
    add(words[0].text, true);
    std::vector<std::string> run{words[0].text};
    Words rest = skip_options(words.subspan(1), options).rest;
    const std::string_view group = text_of(rest, 0);
    if (group == "compose" || group == "container") rest = skip_options(skip(rest), options).rest;
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
    const Words before = rest;
    rest = skip_options(skip(rest), options).rest;
    if (name == "kubectl" || name == "oc") {
      while (!rest.empty() && rest[0].text != "--") rest = skip(rest);
      return dispatch_within(skip(rest));
    }
    if (verb == "exec") return dispatch_within(skip(rest));
    const auto entry = entrypoint_of(before.first(before.size() - rest.size()));
    if (rest.empty()) {
    } else if (entry) {
      rest = skip(rest);
    } else {
      run_program(rest[0]);  // the image: it runs what it was built for
      rest = rest.subspan(1);
    }
    if (!entry || entry->text.empty()) return dispatch_within(rest);
    std::vector<ShellToken> all{*entry};
    all.insert(all.end(), rest.begin(), rest.end());
    dispatch_within(all);
  }

  void dispatch_within(Words words) {
    if (++depth_ > deepest_shell) {
      mention(words);
    } else {
      dispatch(words);
    }
    --depth_;
  }

  ShellDialect dialect_of(std::string_view shell) const {
    if (shell == "bash" || shell == "rbash") return ShellDialect::bash;
    if (shell == "dash") return ShellDialect::dash;
    return shell == "sh" && !is_elsewhere_ ? reading_.sh : ShellDialect::other;
  }

  // sh, bash and so on: -c has a command line, anything else is a script.
  void run_shell(Words words) {
    const ShellDialect dialect = dialect_of(shell_program_name(words[0].text));
    run_program(words[0]);
    run_arguments_of_shell(words, dialect);
  }

  void run_arguments_of_shell(Words words, ShellDialect dialect) {
    const bool is_dash = dialect == ShellDialect::dash;
    bool has_line = false;
    bool reads_input = false;
    std::size_t i = 1;
    for (; i < words.size() && words[i].text.size() > 1; ++i) {
      const std::string& option = words[i].text;
      if (option[0] != '-' && option[0] != '+') break;
      if (option.starts_with("--") && is_dash && option != "--") return mention(words.subspan(1));
      if (option == "--rcfile" || option == "--init-file") ++i;
      if (option.starts_with("--")) continue;
      if (option.find('n') != std::string::npos) return mention(words.subspan(1));
      has_line = has_line || option.find('c') != std::string::npos;
      reads_input = reads_input || option.find('s') != std::string::npos;
      if (option.back() != 'o' && option.back() != 'O') continue;
      const std::string_view name = text_of(words, ++i);
      if (name == "noexec" || (is_dash && !is_option_of_dash(name)))
        return mention(words.subspan(1));
    }
    i = std::min(i, words.size());
    if (i < words.size() && words[i].text == "-") ++i;
    mention(words.subspan(1, i - 1));
    const Words rest = words.subspan(i);
    if (has_line) {
      if (!rest.empty()) read_line(rest[0].text, dialect);
      if (!rest.empty()) mention(rest.subspan(1));
    } else if (rest.empty() || reads_input) {
      mention(rest);
      run_input(dialect);
    } else if (is_no_program(rest[0], is_elsewhere_ ? nullptr : reading_.exists)) {
      mention(rest);
    } else {
      run_other(rest, false);
    }
  }

  // "su - app -c '...'", "su app script", "runuser -u app program".
  void run_su(Words words, bool is_runuser) {
    run_program(words[0]);
    const SuCall call = su_call(words.subspan(1), is_runuser);
    mention(call.before);
    if (call.is_refused) return mention(call.rest);
    if (call.is_program) return dispatch_within(call.rest);
    for (const std::string& line : call.lines) {
      // "-c -- line": the shell takes "--" for the end of its options.
      const bool is_next = line == "--" && !call.rest.empty();
      read_line(is_next ? call.rest[0].text : line);
    }
    if (!call.lines.empty()) return mention(call.rest);
    std::vector<ShellToken> shell{{.text = "su"}};
    shell.insert(shell.end(), call.rest.begin(), call.rest.end());
    run_arguments_of_shell(shell, ShellDialect::other);
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
    if (name == "script") return run_script(words.subspan(1));
    const ShellWrapper& options = name == "ssh" ? ssh_options() : watch_options();
    Words rest = skip_options(words.subspan(1), options).rest;
    if (name == "ssh") rest = skip_options(skip(rest), options).rest;
    std::string line;
    for (const ShellToken& word : rest) line += (line.empty() ? "" : " ") + word.text;
    is_elsewhere_ = is_elsewhere_ || name == "ssh";
    if (line.empty()) return run_input();
    read_line(line, name == "watch" ? dialect_of("sh") : ShellDialect::other);
  }

  // "script -c line file"
  void run_script(Words words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i].text;
      mention(words.subspan(i, 1));
      const bool is_short = word.size() > 1 && word[0] == '-' && word[1] != '-';
      const bool is_line = (is_short && word.back() == 'c') || word == "--command";
      if (is_line && i + 1 < words.size()) read_line(words[++i].text, reading_.dialect);
      if (word.starts_with("--command=")) read_line(word.substr(10), reading_.dialect);
    }
  }

  // "systemctl start backup.service" runs it; "stop" and "status" do not.
  void run_service(Words words, std::string_view name) {
    std::string_view verb = name == "service" ? text_of(words, 2) : std::string_view();
    for (std::size_t i = 1; name == "systemctl" && i < words.size() && verb.empty(); ++i) {
      if (!words[i].text.starts_with('-')) verb = words[i].text;
    }
    if (starts_service(verb)) return run_other(words, false);
    run_program(words[0]);
    mention(words.subspan(1));
  }

  // An address is asked for, and so what is behind it may run ("/cron.php"); its query and files
  // are texts.
  void run_download(Words words) {
    run_program(words[0]);
    for (const ShellToken& word : words.subspan(1)) {
      const bool is_address = word.text.find("://") != std::string::npos && word.text[0] != '-';
      const std::size_t query = is_address ? word.text.find_first_of("?#") : std::string::npos;
      add(is_address ? word.text.substr(0, query) : word.text, is_address);
      if (is_address) run_words({word.text.substr(0, query)});
      if (query != std::string::npos) add(word.text.substr(query), false);
    }
  }

  const ShellInput& input_;
  const ShellReading& reading_;
  ShellWork& work_;
  int depth_ = 0;
  const ReadShellLine& read_line_;
  bool is_elsewhere_ = false;  // in a container or on another host, whose shells are not known
};

}  // namespace

void launch(std::span<const ShellToken> words, const ShellInput& input, const ShellLaunch& launch) {
  Launcher(input, launch).dispatch(words);
}

}  // namespace gonogo
