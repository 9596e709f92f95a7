#include "daemon/api/schemas.h"

#include <array>

namespace gonogo::schemas {
namespace {

using enum FieldType;

constexpr bool optional = false;
constexpr std::string_view json = "application/json";

// Parts of answers.

constexpr std::array<Field, 5> gate_fields{
    {{"id", text, "the gate's name in the configuration"},
     {"title", text, "for people"},
     {"status", text, "go or no-go"},
     {"since", time, "when its verdict began, the calendar included"},
     {"blocking", integer, "how many of its blockers are not good"}}};
constexpr Schema gate{"Gate", json, "a gate and its status", gate_fields};

constexpr std::array<Field, 5> verdict_gate_fields{
    {{"id", text, "the gate's name in the configuration"},
     {"title", text, "for people"},
     {"status", text, "go or no-go"},
     {"since", time, "when its verdict began, the calendar included"},
     {"counts", object, "how many of its checks are in each state"}}};
constexpr Schema verdict_gate{"VerdictGate", json, "a gate with its counts", verdict_gate_fields};

constexpr std::array<Field, 12> blocker_fields{
    {{"check", text, "the check's id"},
     {"title", text, "for people"},
     {"gate", text, "the gate's id"},
     {"item", text, "the number in the checklist; may be empty"},
     {"state", text, "pass, warn, fail, pending, stale, blocked or disabled"},
     {"reason", text, "one of the documented reasons"},
     {"summary", text, "what was seen"},
     {"since", time, "when it came into this state"},
     {"clears_when", text, "what would clear it"},
     {"earliest", time, "when that could be; null when it is not known", optional},
     {"runbook", text, "where to read on", optional},
     {"owner", text, "who is responsible", optional}}};
constexpr Schema blocker{"Blocker", json, "a check that is not good", blocker_fields};

constexpr std::array<Field, 6> waiver_fields{
    {{"check", text, "the check's id"},
     {"by", text, "who gave it"},
     {"why", text, "the reason"},
     {"from", time, "its start", optional},
     {"until", time, "its end"},
     {"release", text, "the only release that it covers", optional}}};
constexpr Schema waiver{"Waiver", json, "a waiver in force", waiver_fields};

constexpr std::array<Field, 3> closure_fields{
    {{"since", time, "when it was open last"},
     {"until", time, "the next opening; null when there is none", optional},
     {"reason", text, "what closes"}}};
constexpr Schema closure{"Closure", json, "why the calendar is closed", closure_fields};

constexpr std::array<Field, 9> verdict_deploy_fields{
    {{"id", integer, "its number"},
     {"version", text, "the version or commit"},
     {"by", text, "who started it"},
     {"status", text, "watching, verified, regressed, unproven or superseded"},
     {"started", time, "its start"},
     {"watched_until", time, "the end of its window"},
     {"ended", time, "when it was decided; null before", optional},
     {"findings", list, "what was held against it"},
     {"forced", text, "the reason of a deploy at NO-GO", optional}}};
constexpr Schema verdict_deploy{"VerdictDeploy", json, "the last deploy", verdict_deploy_fields};

constexpr std::array<Field, 8> observation_fields{
    {{"outcome", text, "pass, warn, fail or unknown"},
     {"reason", text, "one of the documented reasons"},
     {"summary", text, "what was seen"},
     {"at", time, "the start of the run"},
     {"duration_seconds", number, "how long it took"},
     {"phases", object, "seconds by stage"},
     {"values", object, "by name: value (null when it is not finite) and unit"},
     {"evidence", object, "texts by name"}}};
constexpr Schema observation{"Observation", json, "the result of one run", observation_fields};

constexpr std::array<Field, 5> given_fields{{{"by", text, "who signed"},
                                             {"role", text, "in which role"},
                                             {"note", text, "what was said"},
                                             {"release", text, "the release at that time"},
                                             {"at", time, "when"}}};
constexpr Schema given{"GivenSignoff", json, "a sign-off that counts", given_fields};

constexpr std::array<Field, 9> signoff_fields{
    {{"role", text, "who has to sign"},
     {"people", integer, "how many different names are needed"},
     {"per_release", flag, "whether another release ends it"},
     {"given", list, "the sign-offs that count", true, &given},
     {"valid_for_seconds", number, "how long one counts", optional},
     {"until", time, "when it ends", optional},
     {"check", text, "the check's id", optional},
     {"item", text, "the number in the checklist", optional},
     {"title", text, "for people", optional}}};
constexpr Schema signoff{"Signoff", json, "what has to be signed, and who did", signoff_fields};

constexpr std::array<Field, 3> audit_place_fields{
    {{"seq", integer, "the entry's number"},
     {"hash", text, "the entry's digest"},
     {"signature", text, "of the last entry or the checkpoint", optional}}};
constexpr Schema audit_place{"AuditPlace", json, "a place in the audit", audit_place_fields};

constexpr std::array<Field, 7> audit_entry_fields{
    {{"seq", integer, "its number"},
     {"at", integer, "microseconds since 1970"},
     {"time", time, "the same, to read"},
     {"what", text, "the kind of decision"},
     {"who", text, "the name of the token or user"},
     {"body", text, "the decision, as JSON in a text"},
     {"hash", text, "SHA-256 over the entry and the digest before it"}}};
constexpr Schema audit_entry{"AuditEntry", json, "one decision", audit_entry_fields};

constexpr std::array<Field, 3> change_fields{{{"at", time, "when"},
                                              {"to", text, "GO or NO-GO"},
                                              {"flipped_by", list, "what changed the verdict"}}};
constexpr Schema change{"VerdictChange", json, "a change of the verdict", change_fields};

constexpr std::array<Field, 6> transition_fields{{{"at", time, "when"},
                                                  {"check", text, "the check's id"},
                                                  {"from", text, "the state before"},
                                                  {"to", text, "the state after"},
                                                  {"reason", text, "one of the documented reasons"},
                                                  {"summary", text, "what was seen"}}};
constexpr Schema transition{"Transition", json, "a change of a check's state", transition_fields};

}  // namespace

namespace {

constexpr std::array<Field, 3> signoff_request_fields{
    {{"note", text, "what was examined", optional},
     {"role", text, "refuse when another role has to sign", optional},
     {"release", text, "refuse when another release is in force", optional}}};
constexpr std::array<Field, 4> waiver_request_fields{
    {{"why", text, "the reason"},
     {"for", duration, "how long; this or until is required", optional},
     {"until", time, "until when", optional},
     {"this_release", flag, "only for the release in force", optional}}};
constexpr std::array<Field, 1> release_fields{{{"release", text, "the version or commit"}}};
constexpr std::array<Field, 5> deploy_request_fields{
    {{"version", text, "the version or commit"},
     {"watch", duration, "how long it is watched; watch.window when missing", optional},
     {"force", flag, "deploy at NO-GO; needs a reason", optional},
     {"reason", text, "why it is forced", optional},
     {"run", flag, "false: do not first run what runs only when asked and has no fresh result",
      optional}}};
constexpr std::array<Field, 2> report_request_fields{
    {{"list", text, "the checklist in Markdown"},
     {"html", flag, "answer with a page instead of Markdown", optional}}};

constexpr std::array<Field, 11> verdict_fields{
    {{"verdict", text, "GO or NO-GO"},
     {"since", time, "when this verdict began; with gate, that of the gate"},
     {"evaluated_at", time, "when it was computed"},
     {"summary", text, "the verdict in one line"},
     {"frozen", object, "while the calendar is closed", optional, &closure},
     {"gates", list, "all gates, or the one asked for", true, &verdict_gate},
     {"blockers", list, "what makes it NO-GO", true, &blocker},
     {"advisories", list, "what is not good and does not block", true, &blocker},
     {"waivers", list, "the waivers that are used", true, &waiver},
     {"release", text, "the release in force; may be empty"},
     {"deployment", object, "the last deploy; null when there was none", optional,
      &verdict_deploy}}};
constexpr std::array<Field, 21> check_fields{
    {{"id", text, "the check's name in the configuration"},
     {"title", text, "for people"},
     {"item", text, "the number in the checklist; may be empty"},
     {"kind", text, "the kind of probe, or signoff or composite"},
     {"gate", text, "the gate's id"},
     {"severity", text, "blocker or advisory"},
     {"state", text, "pass, warn, fail, pending, stale, blocked or disabled"},
     {"reason", text, "one of the documented reasons"},
     {"good", flag, "pass, warn, disabled or waived"},
     {"summary", text, "what was seen"},
     {"since", time, "when it came into this state"},
     {"interval_seconds", number, "null when it runs only on demand", optional},
     {"stale_after_seconds", number, "the age from which a result counts for nothing"},
     {"clears_when", text, "what would clear it", optional},
     {"earliest", time, "when that could be", optional},
     {"blocked_by", text, "the check at the root of it", optional},
     {"held_for", text, "it failed, and this check above it decides first", optional},
     {"labels", object, "texts by name, beside runbook and owner", optional},
     {"signoff", object, "where people have to sign", optional, &signoff},
     {"waiver", object, "the waiver that covers it", optional, &waiver},
     {"last", object, "the last run; null before the first", optional, &observation}}};
constexpr std::array<Field, 1> checks_fields{
    {{"checks", list, "in configuration order", true, &check}}};
constexpr std::array<Field, 1> gates_fields{
    {{"gates", list, "in configuration order", true, &gate}}};
constexpr std::array<Field, 7> snapshot_fields{
    {{"verdict", text, "GO or NO-GO"},
     {"since", time, "when this verdict began"},
     {"evaluated_at", time, "when it was computed"},
     {"release", text, "the release in force; may be empty"},
     {"gates", list, "in configuration order", true, &gate},
     {"checks", list, "in configuration order", true, &check},
     {"frozen", object, "while the calendar is closed", optional, &closure}}};
constexpr std::array<Field, 2> signoffs_fields{
    {{"release", text, "the release in force; may be empty"},
     {"signoffs", list, "of every check that needs one", true, &signoff}}};
constexpr std::array<Field, 1> waivers_fields{{{"waivers", list, "in force", true, &waiver}}};

constexpr std::array<Field, 8> signed_off_fields{
    {{"check", text, "the check's id"},
     {"by", text, "who signed"},
     {"role", text, "in which role"},
     {"note", text, "what was said"},
     {"release", text, "the release in force; may be empty"},
     {"at", time, "when"},
     {"until", time, "when it ends; null when it does not", optional},
     {"audit", object, "its place in the audit", true, &audit_place}}};
constexpr std::array<Field, 4> withdrawn_fields{
    {{"check", text, "the check's id"},
     {"by", text, "who withdrew it"},
     {"withdrawn", flag, "true"},
     {"audit", object, "its place in the audit", true, &audit_place}}};
constexpr std::array<Field, 7> waived_fields{
    {{"check", text, "the check's id"},
     {"by", text, "who gave it"},
     {"why", text, "the reason"},
     {"from", time, "its start"},
     {"until", time, "its end"},
     {"release", text, "the only release that it covers, or null", optional},
     {"audit", object, "its place in the audit", true, &audit_place}}};
constexpr std::array<Field, 4> waiver_ended_fields{
    {{"check", text, "the check's id"},
     {"by", text, "who ended it"},
     {"ended", flag, "true"},
     {"audit", object, "its place in the audit", true, &audit_place}}};
constexpr std::array<Field, 3> announced_fields{
    {{"release", text, "the release in force"},
     {"by", text, "who announced it"},
     {"audit", object, "its place in the audit", true, &audit_place}}};
constexpr std::array<Field, 16> deploy_fields{
    {{"id", integer, "its number"},
     {"version", text, "the version or commit"},
     {"by", text, "who started it"},
     {"forced", flag, "whether it began at NO-GO"},
     {"reason", text, "why it was forced; else empty"},
     {"started", time, "its start"},
     {"watch_seconds", number, "how long it is watched"},
     {"status", text, "watching, verified, regressed, unproven, superseded or refused"},
     {"ended", time, "when it was decided; null before", optional},
     {"findings", list, "what was held against it"},
     {"samples", object, "how often each watched check passed"},
     {"figures", object, "by name: baseline, last and beyond_in_a_row"},
     {"watched_seconds", number, "how long it has been watched, without pauses", optional},
     {"paused_seconds", number, "how long the daemon was down or suspended meanwhile", optional},
     {"ran", list, "the checks that were run first, when it was just started", optional},
     {"audit", object, "its place in the audit, when it was just started", optional,
      &audit_place}}};
constexpr std::array<Field, 1> deploys_fields{
    {{"deployments", list, "the newest first", true, &deploy}}};
constexpr std::array<Field, 3> history_fields{
    {{"not_go_since", time, "with since=go: when the verdict ceased to be GO", optional},
     {"verdicts", list, "the oldest first", true, &change},
     {"transitions", list, "the oldest first", true, &transition}}};
constexpr std::array<Field, 2> check_history_fields{
    {{"not_go_since", time, "with since=go: when the verdict ceased to be GO", optional},
     {"transitions", list, "the oldest first", true, &transition}}};
constexpr std::array<Field, 6> audit_fields{
    {{"begins_after", object, "the checkpoint that older entries ended with", true, &audit_place},
     {"head", object, "the last entry, signed", optional, &audit_place},
     {"entries", list, "the oldest first", true, &audit_entry},
     {"public_key", text, "the key of the signatures, in hex", optional},
     {"problem", text, "why the audit does not hold", optional},
     {"differences", list, "what the tables beside it said differently at the start", optional}}};
constexpr std::array<Field, 4> problem_fields{{{"type", text, "about:blank"},
                                               {"title", text, "the status in words"},
                                               {"status", integer, "the status"},
                                               {"detail", text, "what was wrong"}}};

}  // namespace

const Schema signoff_request{"SignoffRequest", json, "a sign-off", signoff_request_fields};
const Schema waiver_request{"WaiverRequest", json, "a waiver", waiver_request_fields};
const Schema release_request{"ReleaseRequest", json, "a release", release_fields};
const Schema deploy_request{"DeployRequest", json, "a deploy", deploy_request_fields};
const Schema report_request{"ReportRequest", json, "a checklist", report_request_fields};
const Schema note{"Note", "text/plain", "output of the job, kept as evidence", {}};

const Schema verdict{"Verdict", json, "the verdict and what blocks it", verdict_fields};
const Schema metrics{
    "Metrics", "text/plain; version=0.0.4; charset=utf-8", "the text format of Prometheus", {}};
const Schema page{"Page", "text/html; charset=utf-8", "a page for people", {}};
const Schema markdown{
    "Markdown", "text/markdown; charset=utf-8; variant=GFM", "the checklist, filled in", {}};
const Schema line{"Line", "text/plain; charset=utf-8", "one line of text", {}};
const Schema snapshot{"Snapshot", json, "everything at one moment", snapshot_fields};
const Schema checks{"Checks", json, "all checks", checks_fields};
const Schema check{"Check", json, "a check and its state", check_fields};
const Schema gates{"Gates", json, "all gates", gates_fields};
const Schema signoffs{"Signoffs", json, "all sign-offs", signoffs_fields};
const Schema waivers{"Waivers", json, "all waivers in force", waivers_fields};
const Schema release{"Release", json, "the release in force", release_fields};
const Schema signed_off{"SignedOff", json, "a sign-off that was recorded", signed_off_fields};
const Schema withdrawn{"Withdrawn", json, "a sign-off that was withdrawn", withdrawn_fields};
const Schema waived{"Waived", json, "a waiver that was recorded", waived_fields};
const Schema waiver_ended{"WaiverEnded", json, "a waiver that was ended", waiver_ended_fields};
const Schema announced{"Announced", json, "a release that was announced", announced_fields};
const Schema deploy{"Deploy", json, "a deploy and how it goes", deploy_fields};
const Schema deploys{"Deploys", json, "deploys", deploys_fields};
const Schema history{"History", json, "changes of the verdict and of checks", history_fields};
const Schema check_history{"CheckHistory", json, "changes of one check", check_history_fields};
const Schema audit{"Audit", json, "a page of the audit", audit_fields};
const Schema problem{"Problem", "application/problem+json", "why not (RFC 9457)", problem_fields};

}  // namespace gonogo::schemas
