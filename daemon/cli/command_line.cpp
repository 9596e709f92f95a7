#include "daemon/cli/command_line.h"

#include <cstdlib>
#include <iostream>

#include "daemon/cli/options.h"
#include "daemon/version.h"

namespace gonogo {

const CLI::Validator& is_duration() {
  static const CLI::Validator validator(
      [](std::string& text) {
        return parse_duration(text) ? std::string()
                                    : "\"" + text + "\" is no duration (such as 30s, 45m)";
      },
      "DURATION");
  return validator;
}

void add_config(CLI::App& verb, Parsed& parsed) {
  verb.add_option("--config,-c", parsed.common.config,
                  "configuration: a file, or a folder of *.yaml files")
      ->capture_default_str()
      ->envname("GONOGO_CONFIG");
}

void add_daemon(CLI::App& verb, Parsed& parsed) {
  add_config(verb, parsed);
  verb.add_option("--url", parsed.daemon.url, "the daemon's URL (default: the configured listener)")
      ->envname("GONOGO_URL");
  verb.add_option("--token-file", parsed.daemon.token_file, "file with a bearer token")
      ->envname("GONOGO_TOKEN_FILE");
}

void add_list(CLI::App& verb, Parsed& parsed) {
  verb.add_option("--list,-l", parsed.list.list, "the checklist, a Markdown file")
      ->required()
      ->check(CLI::ExistingFile);
  verb.add_option("--output,-o", parsed.list.output, "file to write (default: standard output)");
}

namespace {

void add_serve(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand("serve", "run the daemon");
  add_config(*verb, parsed);
  verb->add_option("--listen", parsed.common.overrides.listen,
                   "address to listen on, instead of server.listen");
  verb->add_option("--store", parsed.common.overrides.store_path,
                   "database file, instead of store.path");
  verb->callback([&parsed] { parsed.exit_code = serve(parsed.common); });
}

void add_check(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand("check", "look at every check once, now, without a daemon");
  add_daemon(*verb, parsed);
  verb->add_option("only", parsed.check.only, "ids of checks or gates (default: all)");
  verb->add_flag("--json", parsed.check.json, "print the snapshot as JSON");
  verb->add_option("--junit", parsed.check.junit, "write a JUnit report to this file");
  CLI::Option* at_daemon = verb->add_flag("--at-daemon", parsed.check.at_daemon,
                                          "have the daemon look: what it sees counts there");
  verb->add_option("--timeout", parsed.check_timeout, "longest wait for the daemon's results")
      ->check(is_duration())
      ->needs(at_daemon)
      ->capture_default_str();
  verb->callback([&parsed] {
    parsed.daemon.timeout = duration_of(parsed.check_timeout);
    parsed.exit_code = parsed.check.at_daemon
                           ? check_at_daemon(parsed.common, parsed.daemon, parsed.check)
                           : check(parsed.common, parsed.check);
  });
}

void add_verdict(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand("verdict", "ask the daemon: GO or NO-GO?");
  add_daemon(*verb, parsed);
  verb->add_option("--gate", parsed.verdict.gate, "only this gate");
  verb->add_flag("--json", parsed.verdict.json, "print the answer as JSON");
  verb->add_flag("--explain", parsed.verdict.explain,
                 "say of each blocker why, what would clear it, and when that could be");
  verb->add_option("--timeout", parsed.daemon_timeout, "longest wait for the answer")
      ->check(is_duration())
      ->capture_default_str();
  verb->callback([&parsed] {
    parsed.daemon.timeout = duration_of(parsed.daemon_timeout);
    parsed.exit_code = verdict(parsed.common, parsed.daemon, parsed.verdict);
  });
}

void add_wait(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand("wait", "wait until the verdict is as wanted, and holds");
  add_daemon(*verb, parsed);
  verb->add_option("--for", parsed.wait_for, "go or no-go")
      ->check(CLI::IsMember({"go", "no-go"}))
      ->capture_default_str();
  verb->add_option("--hold", parsed.hold, "it has to stay so for this long")
      ->check(is_duration())
      ->capture_default_str();
  verb->add_option("--timeout", parsed.wait_timeout, "give up after this long")
      ->check(is_duration())
      ->capture_default_str();
  verb->add_option("--gate", parsed.wait.gate, "only this gate");
  verb->callback([&parsed] {
    parsed.wait.for_go = parsed.wait_for == "go";
    parsed.wait.hold = duration_of(parsed.hold);
    parsed.wait.timeout = duration_of(parsed.wait_timeout);
    parsed.exit_code = wait(parsed.common, parsed.daemon, parsed.wait);
  });
}

void add_config_verbs(CLI::App& app, Parsed& parsed) {
  CLI::App* config = app.add_subcommand("config", "look at the configuration");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "name every problem, with its place");
  add_config(*check, parsed);
  check->callback([&parsed] { parsed.exit_code = config_check(parsed.common); });
  CLI::App* show =
      config->add_subcommand("show", "print it with everything filled in, secrets by their names");
  add_config(*show, parsed);
  show->callback([&parsed] { parsed.exit_code = config_show(parsed.common); });
  CLI::App* skeleton = config->add_subcommand(
      "import", "make a configuration skeleton of a Markdown checklist: every row of it");
  skeleton->add_option("list", parsed.list.list, "the checklist")
      ->required()
      ->check(CLI::ExistingFile);
  skeleton->add_option("--output,-o", parsed.list.output,
                       "file to write (default: standard output)");
  skeleton->callback([&parsed] { parsed.exit_code = config_import(parsed.list); });
  CLI::App* coverage = config->add_subcommand(
      "coverage", "hold a Markdown checklist against the configuration: which rows have a check");
  add_config(*coverage, parsed);
  add_list(*coverage, parsed);
  coverage->callback([&parsed] { parsed.exit_code = config_coverage(parsed.common, parsed.list); });
  CLI::App* reload = config->add_subcommand("reload", "have the daemon read it anew");
  add_daemon(*reload, parsed);
  reload->callback([&parsed] { parsed.exit_code = config_reload(parsed.common, parsed.daemon); });
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("gonogo: may we deploy now, and if we just did, is it holding?", "gonogo");
  app.set_version_flag("--version", std::string("gonogo ") + version + " (" + revision + ")");
  app.require_subcommand(1);
  Parsed parsed;
  parsed.common.overrides = overrides_from_environment();
  add_serve(app, parsed);
  add_check(app, parsed);
  add_verdict(app, parsed);
  add_wait(app, parsed);
  add_decisions(app, parsed);
  add_config_verbs(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version arrive here too, with code 0.
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  return parsed.exit_code;
}

}  // namespace gonogo
