#include "daemon/api/routes.h"

#include <algorithm>
#include <array>

#include "daemon/api/checks.h"
#include "daemon/api/decisions.h"
#include "daemon/api/health.h"
#include "daemon/api/history.h"
#include "daemon/api/pings.h"
#include "daemon/api/reload.h"
#include "daemon/api/reports.h"
#include "daemon/api/schemas.h"
#include "daemon/api/verdict.h"

namespace gonogo {
namespace {

using enum FieldType;
using enum Grant;
using enum Needs;

constexpr std::nullopt_t anybody = std::nullopt;

constexpr std::array<Field, 2> verdict_query{
    {{"gate", text, "only this gate", false},
     {"format", text, "json, text, explain or health; before the Accept header", false}}};
constexpr std::array<Field, 2> history_query{
    {{"since", text, "a time (RFC 3339), or go: from the end of the last GO on", false},
     {"limit", integer, "the newest of each list: 1 to 1000, default 200", false}}};
constexpr std::array<Field, 1> deploys_query{
    {{"limit", integer, "the newest: 1 to 1000, default 50", false}}};
constexpr std::array<Field, 2> audit_query{
    {{"after", integer, "entries with a greater number, default 0", false},
     {"limit", integer, "how many: 1 to 1000, default 500", false}}};
constexpr std::array<Field, 1> ping_query{
    {{"rid", text, "an id that keeps overlapping runs apart", false}}};
constexpr std::array<Field, 1> report_query{{{"format", text, "html for a page", false}}};

// A job's signal counts however much its job has to say.
constexpr BodyRule note_body{std::size_t{64} << 10, true};
// As JSON a checklist takes a few times its bytes.
constexpr BodyRule checklist_body{4 * longest_checklist, false};

}  // namespace

// Method, path, grant, needs, topic, summary, query, request, success, answer, handler; and the
// rule of its body where it has one of its own.
std::span<const Route> routes() {
  namespace s = schemas;
  // clang-format off
  static const std::array<Route, 30> table{{
      {"GET", "/verdict", read, nothing, "verdict", "GO or NO-GO: 200 or 503",
       verdict_query, nullptr, 200, &s::verdict, show_verdict},
      {"GET", "/metrics", read, nothing, "verdict", "metrics for Prometheus",
       {}, nullptr, 200, &s::metrics, show_metrics},
      {"GET", "/", read, nothing, "verdict", "the board",
       {}, nullptr, 200, &s::page, show_board},
      {"GET", "/healthz", anybody, nothing, "health", "the daemon is alive",
       {}, nullptr, 200, &s::line, show_liveness},
      {"GET", "/readyz", anybody, nothing, "health", "results are saved and runs start on time: 200, else 503",
       {}, nullptr, 200, &s::line, show_readiness},
      {"GET", "/ping/{key}/{signal...}", ping, nothing, "pings", "a heartbeat with start, fail, log or an exit status",
       ping_query, nullptr, 200, &s::line, take_ping, note_body},
      {"POST", "/ping/{key}/{signal...}", ping, nothing, "pings", "the same, with a note",
       ping_query, &s::note, 200, &s::line, take_ping, note_body},
      {"GET", "/ping/{key}", ping, nothing, "pings", "a heartbeat: the job has succeeded",
       ping_query, nullptr, 200, &s::line, take_ping, note_body},
      {"POST", "/ping/{key}", ping, nothing, "pings", "the same, with a note",
       ping_query, &s::note, 200, &s::line, take_ping, note_body},
      {"GET", "/api/v1/snapshot", read, nothing, "checks", "everything at one moment",
       {}, nullptr, 200, &s::snapshot, show_snapshot},
      {"GET", "/api/v1/gates", read, nothing, "checks", "all gates",
       {}, nullptr, 200, &s::gates, list_gates},
      {"GET", "/api/v1/checks", read, nothing, "checks", "all checks",
       {}, nullptr, 200, &s::checks, list_checks},
      {"GET", "/api/v1/checks/{id}", read, nothing, "checks", "one check",
       {}, nullptr, 200, &s::check, show_check},
      {"POST", "/api/v1/checks/{id}/run", run, nothing, "checks", "run a check at once",
       {}, nullptr, 202, &s::line, run_check},
      {"GET", "/api/v1/checks/{id}/history", read, nothing, "history", "changes of one check",
       history_query, nullptr, 200, &s::check_history, show_check_history},
      {"POST", "/api/v1/checks/{id}/signoff", sign, name, "decisions", "sign a check off, in the role that it names",
       {}, &s::signoff_request, 201, &s::signed_off, sign_off},
      {"DELETE", "/api/v1/checks/{id}/signoff", sign, name, "decisions", "withdraw the caller's sign-off",
       {}, nullptr, 201, &s::withdrawn, withdraw_signoff},
      {"POST", "/api/v1/checks/{id}/waiver", waive, name, "decisions", "accept a check that is not good, until a time, for a reason",
       {}, &s::waiver_request, 201, &s::waived, waive_check},
      {"DELETE", "/api/v1/checks/{id}/waiver", waive, name, "decisions", "end the waiver of a check",
       {}, nullptr, 201, &s::waiver_ended, end_waiver},
      {"GET", "/api/v1/signoffs", read, nothing, "decisions", "what has to be signed off, and who did",
       {}, nullptr, 200, &s::signoffs, list_signoffs},
      {"GET", "/api/v1/waivers", read, nothing, "decisions", "the waivers in force",
       {}, nullptr, 200, &s::waivers, list_waivers},
      {"GET", "/api/v1/release", read, nothing, "decisions", "the release in force",
       {}, nullptr, 200, &s::release, show_release},
      {"POST", "/api/v1/release", deploy, name, "decisions", "announce a release",
       {}, &s::release_request, 201, &s::announced, announce_release},
      {"GET", "/api/v1/deployments", read, nothing, "history", "deploys, the newest first",
       deploys_query, nullptr, 200, &s::deploys, list_deploys},
      {"POST", "/api/v1/deployments", deploy, name, "decisions", "start a deploy when the verdict is GO, and have it watched",
       {}, &s::deploy_request, 201, &s::deploy, start_deploy},
      {"GET", "/api/v1/history", read, nothing, "history", "changes of the verdict and of all checks",
       history_query, nullptr, 200, &s::history, show_history},
      {"GET", "/api/v1/audit", read, nothing, "history", "what people decided, entry by entry",
       audit_query, nullptr, 200, &s::audit, show_audit},
      {"POST", "/api/v1/report", read, nothing, "reports", "fill in a checklist that comes with the request",
       {}, &s::report_request, 200, &s::markdown, fill_in_list, checklist_body},
      {"GET", "/report.md", read, nothing, "reports", "the configured checklist, filled in",
       report_query, nullptr, 200, &s::markdown, show_report},
      {"POST", "/-/reload", reload, nothing, "reload", "read the configuration again: 200, or 422 with its problems; 503 when that cannot be done now",
       {}, nullptr, 200, &s::line, reload_configuration},
  }};
  // clang-format on
  return table;
}

std::span<const Route> rows_of(std::string_view path) {
  const std::span<const Route> table = routes();
  const auto first = std::find_if(table.begin(), table.end(), [path](const Route& row) {
    return match_path(row.path, path).has_value();
  });
  if (first == table.end()) return {};
  const auto last = std::find_if(first, table.end(),
                                 [&first](const Route& row) { return row.path != first->path; });
  return table.subspan(static_cast<std::size_t>(first - table.begin()),
                       static_cast<std::size_t>(last - first));
}

const Route* row_for(std::span<const Route> rows, std::string_view method) {
  const std::string_view served = method == "HEAD" ? "GET" : method;
  for (const Route& row : rows) {
    if (row.method == served) return &row;
  }
  return nullptr;
}

std::string allowed_at(std::span<const Route> rows) {
  std::string allowed;
  for (const Route& row : rows) {
    if (!allowed.empty()) allowed += ", ";
    allowed += row.method == "GET" ? "GET, HEAD" : std::string(row.method);
  }
  return allowed;
}

}  // namespace gonogo
