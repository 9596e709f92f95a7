#include "daemon/cli/verb_table.h"

#include "daemon/cli/options.h"

namespace gonogo {
namespace {

using Options = std::vector<VerbOption>;

// Where a value goes: in<&Parsed::verdict, &VerdictOptions::gate> is the gate among the options of
// `verdict`.
template <auto... members>
auto& in(Parsed& parsed) {
  return (parsed.*....*members);
}

// Options that several verbs have.

VerbOption config_option() {
  return {.name = "--config,-c",
          .value = "PATH",
          .what = "configuration: a file, or a folder of *.yaml files",
          .target = in<&Parsed::common, &CommonOptions::config>,
          .environment = "GONOGO_CONFIG"};
}

VerbOption gate_option(Target target) {
  return {.name = "--gate", .value = "GATE", .what = "only this gate", .target = target};
}

VerbOption check_argument(Target target) {
  return {.name = "check",
          .value = "CHECK",
          .what = "id of the check",
          .target = target,
          .is_required = true};
}

VerbOption version_argument() {
  return {.name = "version",
          .value = "VERSION",
          .what = "version or commit",
          .target = in<&Parsed::deploy, &DeployOptions::version>,
          .is_required = true};
}

VerbOption list_option(const char* name) {
  return {.name = name,
          .value = "FILE",
          .what = "the checklist, a Markdown file",
          .target = in<&Parsed::list, &ListOptions::list>,
          .accepts = Accepts::file,
          .is_required = true};
}

VerbOption output_option() {
  return {.name = "--output,-o",
          .value = "FILE",
          .what = "file to write instead of standard output",
          .target = in<&Parsed::list, &ListOptions::output>};
}

VerbOption flag(const char* name, const char* what, Target target) {
  return {.name = name, .value = {}, .what = what, .target = target};
}

VerbOption value(const char* name, const char* shown, const char* what, Target target) {
  return {.name = name, .value = shown, .what = what, .target = target};
}

VerbOption timeout_option(const char* what, Target target) {
  return {.name = "--timeout",
          .value = "DURATION",
          .what = what,
          .target = target,
          .accepts = Accepts::duration};
}

// The options of verbs that ask a daemon, before those of their own.
Options asks_daemon(Options own) {
  Options all{config_option(),
              {.name = "--url",
               .value = "URL",
               .what = "the daemon's URL, instead of the configured listener",
               .target = in<&Parsed::daemon, &DaemonOptions::url>,
               .environment = "GONOGO_URL"},
              {.name = "--token-file",
               .value = "FILE",
               .what = "file with a bearer token",
               .target = in<&Parsed::daemon, &DaemonOptions::token_file>,
               .environment = "GONOGO_TOKEN_FILE"},
              {.name = "--ca",
               .value = "FILE",
               .what = "authorities that the daemon's certificate is verified with",
               .target = in<&Parsed::daemon, &DaemonOptions::ca>,
               .environment = "GONOGO_CA"},
              {.name = "--cert",
               .value = "FILE",
               .what = "certificate to show to a daemon that wants one",
               .target = in<&Parsed::daemon, &DaemonOptions::certificate>,
               .environment = "GONOGO_CERT"},
              {.name = "--cert-key",
               .value = "FILE",
               .what = "its private key",
               .target = in<&Parsed::daemon, &DaemonOptions::key>,
               .environment = "GONOGO_CERT_KEY"}};
  for (VerbOption& option : own) all.push_back(std::move(option));
  return all;
}

Options serve_options() {
  return {config_option(),
          value("--listen", "ADDRESS", "address to listen on, instead of server.listen",
                in<&Parsed::common, &CommonOptions::overrides, &Overrides::listen>),
          value("--store", "FILE", "database file, instead of store.path",
                in<&Parsed::common, &CommonOptions::overrides, &Overrides::store_path>)};
}

Options check_options() {
  VerbOption timeout = timeout_option("longest wait for the daemon's results",
                                      in<&Parsed::check, &CheckOptions::timeout>);
  timeout.needs = "--at-daemon";
  return asks_daemon({value("only", "CHECK", "ids of checks or gates (default: all)",
                            in<&Parsed::check, &CheckOptions::only>),
                      flag("--json", "print what was asked for, and its verdict, as JSON",
                           in<&Parsed::check, &CheckOptions::json>),
                      value("--junit", "FILE", "write a JUnit report to this file",
                            in<&Parsed::check, &CheckOptions::junit>),
                      flag("--no-retry", "run each check once, whatever its `failures` says",
                           in<&Parsed::check, &CheckOptions::no_retry>),
                      flag("--at-daemon", "have the daemon run them: the results count there",
                           in<&Parsed::check, &CheckOptions::at_daemon>),
                      timeout});
}

Options verdict_options() {
  return asks_daemon(
      {gate_option(in<&Parsed::verdict, &VerdictOptions::gate>),
       flag("--json", "print the answer as JSON", in<&Parsed::verdict, &VerdictOptions::json>),
       flag("--explain", "for each blocker: why, what would clear it, and when that could be",
            in<&Parsed::verdict, &VerdictOptions::explain>),
       timeout_option("longest wait for the answer",
                      in<&Parsed::daemon, &DaemonOptions::timeout>)});
}

Options wait_options() {
  return asks_daemon(
      {{.name = "--for",
        .value = "go|no-go",
        .what = "the verdict to wait for",
        .target = in<&Parsed::wait, &WaitOptions::wanted>,
        .accepts = Accepts::choice},
       {.name = "--hold",
        .value = "DURATION",
        .what = "how long the verdict must stay so",
        .target = in<&Parsed::wait, &WaitOptions::hold>,
        .accepts = Accepts::duration},
       timeout_option("give up after this long", in<&Parsed::wait, &WaitOptions::timeout>),
       gate_option(in<&Parsed::wait, &WaitOptions::gate>)});
}

Options sign_options() {
  return asks_daemon(
      {check_argument(in<&Parsed::sign, &SignOptions::check>),
       value("--note", "TEXT", "what you examined", in<&Parsed::sign, &SignOptions::note>),
       value("--release", "VERSION", "refuse when another release is in force",
             in<&Parsed::sign, &SignOptions::release>),
       value("--role", "ROLE", "refuse when another role has to sign",
             in<&Parsed::sign, &SignOptions::role>),
       flag("--withdraw", "take your sign-off back", in<&Parsed::sign, &SignOptions::withdraw>)});
}

Options waive_options() {
  return asks_daemon(
      {check_argument(in<&Parsed::waive, &WaiveOptions::check>),
       value("--why", "TEXT", "why it is accepted", in<&Parsed::waive, &WaiveOptions::why>),
       {.name = "--for",
        .value = "DURATION",
        .what = "how long (such as 2h)",
        .target = in<&Parsed::waive, &WaiveOptions::lasts>,
        .accepts = Accepts::duration},
       {.name = "--until",
        .value = "TIME",
        .what = "until when (RFC 3339)",
        .target = in<&Parsed::waive, &WaiveOptions::until>,
        .excludes = "--for"},
       flag("--this-release", "only for the release in force",
            in<&Parsed::waive, &WaiveOptions::this_release>),
       flag("--end", "end the waiver of this check", in<&Parsed::waive, &WaiveOptions::end>)});
}

Options deploy_start_options() {
  VerbOption force = flag("--force", "deploy at NO-GO", in<&Parsed::deploy, &DeployOptions::force>);
  force.needs = "--reason";
  return asks_daemon(
      {version_argument(),
       {.name = "--watch",
        .value = "DURATION",
        .what = "for how long (default: watch.window)",
        .target = in<&Parsed::deploy, &DeployOptions::watch>,
        .accepts = Accepts::duration},
       flag("--wait", "wait until it is verified, has regressed or is unproven",
            in<&Parsed::deploy, &DeployOptions::wait>),
       value("--reason", "TEXT", "why it is forced, for the record",
             in<&Parsed::deploy, &DeployOptions::reason>),
       flag("--no-run", "do not first run what runs only when asked and has no fresh result",
            in<&Parsed::deploy, &DeployOptions::no_run>),
       force});
}

Options history_options() {
  return asks_daemon(
      {value("check", "CHECK", "only this check (default: all, and the verdict)",
             in<&Parsed::history, &HistoryOptions::check>),
       value("--since", "TIME",
             "a time (RFC 3339), how long ago (24h), or go: from the end of the last GO on",
             in<&Parsed::history, &HistoryOptions::since>),
       {.name = "--limit",
        .value = "NUMBER",
        .what = "at most this many changes, the newest (1 to 1000)",
        .target = in<&Parsed::history, &HistoryOptions::limit>,
        .accepts = Accepts::limit},
       flag("--json", "print it as JSON", in<&Parsed::history, &HistoryOptions::json>)});
}

Options audit_verify_options() {
  return asks_daemon(
      {{.name = "--store",
        .value = "FILE",
        .what = "a database file, instead of asking the daemon",
        .target = in<&Parsed::audit, &AuditOptions::store>,
        .accepts = Accepts::file},
       value("--key", "KEY", "public key it must be signed with (hex, as verify prints it)",
             in<&Parsed::audit, &AuditOptions::key>),
       value("--head", "SEQ:HASH", "an entry that the audit must still hold, as an answer had it",
             in<&Parsed::audit, &AuditOptions::head>)});
}

Options report_options() {
  return asks_daemon(
      {list_option("--list,-l"), output_option(),
       flag("--html", "as a page that prints well", in<&Parsed::list, &ListOptions::html>)});
}

Options help_options() {
  return {value("verb", "VERB", "the verb to explain (default: all)",
                in<&Parsed::help, &HelpOptions::verb>),
          flag("--man", "print the man page", in<&Parsed::help, &HelpOptions::man>),
          {.name = "--completion",
           .value = "bash",
           .what = "print completions for this shell",
           .target = in<&Parsed::help, &HelpOptions::completion>,
           .accepts = Accepts::choice,
           .excludes = "--man"}};
}

constexpr ExitMeanings decision{"done", "refused", "no answer", ""};
constexpr ExitMeanings deploy_state{"done or verified", "refused or regressed", "no answer", "",
                                    "unproven"};
constexpr ExitMeanings reading{"done", "", "no answer", ""};
constexpr ExitMeanings at_config{"done", "", "", "bad configuration"};

std::vector<Verb> judging_verbs() {
  return {
      {"serve",
       "run the daemon",
       {"ended as asked", "cannot serve", "", "bad configuration"},
       serve_options(),
       [](Parsed& parsed) { return serve(parsed.common); }},
      {"check",
       "run every check once, now, without a daemon",
       {"GO", "NO-GO", "no answer", "bad configuration"},
       check_options(),
       [](Parsed& parsed) {
         parsed.daemon.timeout = parsed.check.timeout;
         if (!parsed.check.at_daemon) return check(parsed.common, parsed.check);
         return check_at_daemon(parsed.common, parsed.daemon, parsed.check);
       }},
      {"verdict",
       "ask the daemon whether the verdict is GO or NO-GO",
       {"GO", "NO-GO", "no answer", ""},
       verdict_options(),
       [](Parsed& parsed) { return verdict(parsed.common, parsed.daemon, parsed.verdict); }},
      {"wait",
       "wait until the verdict is GO (or NO-GO) and stays so",
       {"held", "did not hold", "no answer", ""},
       wait_options(),
       [](Parsed& parsed) { return wait(parsed.common, parsed.daemon, parsed.wait); }},
  };
}

std::vector<Verb> deciding_verbs() {
  return {
      {"sign", "sign a check off; the token says who you are", decision, sign_options(),
       [](Parsed& parsed) { return sign(parsed.common, parsed.daemon, parsed.sign); }},
      {"waive", "accept a check that is not good, until a time, for a reason", decision,
       waive_options(),
       [](Parsed& parsed) { return waive(parsed.common, parsed.daemon, parsed.waive); }},
      {"deploy announce", "name the release that is to be judged and signed off", decision,
       asks_daemon({version_argument()}),
       [](Parsed& parsed) { return deploy_announce(parsed.common, parsed.daemon, parsed.deploy); }},
      {"deploy start", "ask for GO, then watch whether the deploy holds", deploy_state,
       deploy_start_options(),
       [](Parsed& parsed) { return deploy_start(parsed.common, parsed.daemon, parsed.deploy); }},
      {"deploy status", "show how the last deploy goes", deploy_state, asks_daemon({}),
       [](Parsed& parsed) { return deploy_status(parsed.common, parsed.daemon); }},
  };
}

std::vector<Verb> recording_verbs() {
  return {
      {"history", "show what changed, and when", reading, history_options(),
       [](Parsed& parsed) { return history(parsed.common, parsed.daemon, parsed.history); }},
      {"audit verify",
       "find any edit, cut or change of order in the audit",
       {"holds", "does not hold", "no answer", ""},
       audit_verify_options(),
       [](Parsed& parsed) { return audit_verify(parsed.common, parsed.daemon, parsed.audit); }},
      {"audit show", "print the audit", reading,
       asks_daemon(
           {flag("--json", "one JSON object a line", in<&Parsed::audit, &AuditOptions::json>)}),
       [](Parsed& parsed) { return audit_show(parsed.common, parsed.daemon, parsed.audit); }},
      {"report",
       "fill in your Markdown checklist from what the daemon knows",
       {"done", "cannot write", "no answer", ""},
       report_options(),
       [](Parsed& parsed) { return report(parsed.common, parsed.daemon, parsed.list); }},
  };
}

std::vector<Verb> configuring_verbs() {
  return {
      {"config check",
       "name every problem of the configuration, with its place",
       at_config,
       {config_option(),
        flag("--strict", "a warning is an error, such as a secret that is not there yet",
             in<&Parsed::config, &ConfigOptions::strict>)},
       [](Parsed& parsed) { return config_check(parsed.common, parsed.config); }},
      {"config show",
       "print the configuration with everything filled in, secrets by their names",
       at_config,
       {config_option()},
       [](Parsed& parsed) { return config_show(parsed.common); }},
      {"config import",
       "make a configuration skeleton of a Markdown checklist, with every row of it",
       {"done", "cannot write", "", ""},
       {list_option("list"), output_option()},
       [](Parsed& parsed) { return config_import(parsed.list); }},
      {"config coverage",
       "compare a Markdown checklist with the configuration: which rows have a check",
       {"every row has a check", "a row has none, or a line was not read", "", "bad configuration"},
       {config_option(), list_option("--list,-l"), output_option()},
       [](Parsed& parsed) { return config_coverage(parsed.common, parsed.list); }},
      {"config reload",
       "have the daemon read its configuration again",
       {"done", "refused", "no answer", "bad configuration"},
       asks_daemon({}),
       [](Parsed& parsed) { return config_reload(parsed.common, parsed.daemon); }},
      {"help",
       "explain a verb, or print the man page or completions",
       {"done", "", "", ""},
       help_options(),
       [](Parsed& parsed) { return help(parsed.help); }},
  };
}

}  // namespace

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> table = [] {
    std::vector<Verb> all;
    for (auto part : {judging_verbs(), deciding_verbs(), recording_verbs(), configuring_verbs()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return table;
}

const std::vector<VerbGroup>& verb_groups() {
  static const std::vector<VerbGroup> table{
      {"deploy", "announce and start deploys, and have them watched"},
      {"audit", "show what people decided, and whether the record holds"},
      {"config", "check, show, make and reload the configuration"}};
  return table;
}

std::string usage_of(const Verb& verb) {
  std::string usage = verb.name;
  for (const VerbOption& option : verb.options) {
    if (!option.is_required) continue;
    usage += " ";
    if (!option.is_argument()) usage += option.name.substr(0, option.name.find(',')) + " ";
    usage += option.value;
  }
  return usage;
}

}  // namespace gonogo
