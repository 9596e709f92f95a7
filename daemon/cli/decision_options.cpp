#include "daemon/cli/options.h"

namespace gonogo {
namespace {

void add_sign(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand("sign", "sign a check off; the token says who you are");
  add_daemon(*verb, parsed);
  verb->add_option("check", parsed.sign.check, "id of the check")->required();
  verb->add_option("--note", parsed.sign.note, "what you looked at");
  verb->add_option("--release", parsed.sign.release, "refuse if another release is in force");
  verb->add_option("--role", parsed.sign.role, "refuse if it wants another role");
  verb->add_flag("--withdraw", parsed.sign.withdraw, "take your sign-off back");
  verb->callback([&parsed] { parsed.exit_code = sign(parsed.common, parsed.daemon, parsed.sign); });
}

void add_waive(CLI::App& app, Parsed& parsed) {
  CLI::App* verb =
      app.add_subcommand("waive", "accept a check that is not good, until a time, for a reason");
  add_daemon(*verb, parsed);
  verb->add_option("check", parsed.waive.check, "id of the check")->required();
  verb->add_option("--why", parsed.waive.why, "why it is accepted");
  CLI::Option* lasts = verb->add_option("--for", parsed.waive.lasts, "how long (such as 2h)");
  lasts->check(is_duration());
  verb->add_option("--until", parsed.waive.until, "until when (RFC 3339)")->excludes(lasts);
  verb->add_flag("--this-release", parsed.waive.this_release, "only for the release in force");
  verb->add_flag("--end", parsed.waive.end, "end the waiver of this check");
  verb->callback(
      [&parsed] { parsed.exit_code = waive(parsed.common, parsed.daemon, parsed.waive); });
}

void add_deploy(CLI::App& app, Parsed& parsed) {
  CLI::App* deploy = app.add_subcommand("deploy", "tell of deploys, and have them watched");
  deploy->require_subcommand(1);
  CLI::App* announce =
      deploy->add_subcommand("announce", "name the release that is to be judged and signed off");
  add_daemon(*announce, parsed);
  announce->add_option("version", parsed.deploy.version, "version or commit")->required();
  announce->callback([&parsed] {
    parsed.exit_code = deploy_announce(parsed.common, parsed.daemon, parsed.deploy);
  });
  CLI::App* start =
      deploy->add_subcommand("start", "ask for GO, then watch whether the deploy holds");
  add_daemon(*start, parsed);
  start->add_option("version", parsed.deploy.version, "version or commit")->required();
  start->add_option("--watch", parsed.deploy.watch, "for how long (default: watch.window)")
      ->check(is_duration());
  start->add_flag("--wait", parsed.deploy.wait, "wait until it is verified or has regressed");
  CLI::Option* reason =
      start->add_option("--reason", parsed.deploy.reason, "why it is forced, for the record");
  start->add_flag("--force", parsed.deploy.force, "deploy at NO-GO")->needs(reason);
  start->callback(
      [&parsed] { parsed.exit_code = deploy_start(parsed.common, parsed.daemon, parsed.deploy); });
  CLI::App* status = deploy->add_subcommand("status", "how the last deploy goes");
  add_daemon(*status, parsed);
  status->callback([&parsed] { parsed.exit_code = deploy_status(parsed.common, parsed.daemon); });
}

void add_history(CLI::App& app, Parsed& parsed) {
  CLI::App* verb = app.add_subcommand("history", "what turned, and when");
  add_daemon(*verb, parsed);
  verb->add_option("check", parsed.history.check,
                   "only this check (default: all, and the verdict)");
  verb->add_option("--since", parsed.history.since,
                   "a time (RFC 3339), how long ago (24h), or go: since the last GO");
  verb->add_option("--limit", parsed.history.limit, "at most so many of each, the newest")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_flag("--json", parsed.history.json, "print it as JSON");
  verb->callback(
      [&parsed] { parsed.exit_code = history(parsed.common, parsed.daemon, parsed.history); });
}

void add_audit(CLI::App& app, Parsed& parsed) {
  CLI::App* audit = app.add_subcommand("audit", "what people decided");
  audit->require_subcommand(1);
  CLI::App* verify =
      audit->add_subcommand("verify", "find any edit, cut or change of order in the audit");
  CLI::App* show = audit->add_subcommand("show", "print the audit");
  for (CLI::App* verb : {verify, show}) add_daemon(*verb, parsed);
  verify->add_option("--store", parsed.audit.store, "a database file, instead of asking the daemon")
      ->check(CLI::ExistingFile);
  verify->add_option("--key", parsed.audit.key,
                     "public key it must be signed with (hex, as verify prints it)");
  verify->add_option("--head", parsed.audit.head,
                     "SEQ:HASH, as an answer had it: the audit must still hold that entry");
  verify->callback(
      [&parsed] { parsed.exit_code = audit_verify(parsed.common, parsed.daemon, parsed.audit); });
  show->add_flag("--json", parsed.audit.json, "one JSON object a line");
  show->callback(
      [&parsed] { parsed.exit_code = audit_show(parsed.common, parsed.daemon, parsed.audit); });
}

void add_report(CLI::App& app, Parsed& parsed) {
  CLI::App* verb =
      app.add_subcommand("report", "your Markdown checklist, filled in from what the daemon knows");
  add_daemon(*verb, parsed);
  add_list(*verb, parsed);
  verb->add_flag("--html", parsed.list.html, "as a page that prints well");
  verb->callback(
      [&parsed] { parsed.exit_code = report(parsed.common, parsed.daemon, parsed.list); });
}

}  // namespace

void add_decisions(CLI::App& app, Parsed& parsed) {
  add_sign(app, parsed);
  add_waive(app, parsed);
  add_deploy(app, parsed);
  add_history(app, parsed);
  add_audit(app, parsed);
  add_report(app, parsed);
}

}  // namespace gonogo
