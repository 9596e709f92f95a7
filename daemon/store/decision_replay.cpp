#include "daemon/store/decision_replay.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/times.h"

namespace gonogo {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

constexpr std::size_t most_differences = 20;
constexpr microseconds longest_validity = std::chrono::hours{24 * 36'525};

std::string text_of(const json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number_of(const json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

template <typename List>
void end(List& list, std::int64_t id) {
  std::erase_if(list, [id](const auto& entry) { return entry.id == id; });
}

// A row as text, so that it can be compared and shown.
std::string row_of(const char* table, std::int64_t seq, const json& columns) {
  return std::string(table) + " " + std::to_string(seq) + " " + to_json_text(columns);
}

// The part of a deployment's record that does not change while it is watched.
json fixed_part(const std::string& record) {
  json fixed = json::parse(record, nullptr, false);
  if (!fixed.is_object()) return fixed;
  for (const char* progress :
       {"samples", "figures", "watched_seconds", "paused_seconds", "status", "ended", "findings"})
    fixed.erase(progress);
  return fixed;
}

// Nearest, for 271.674 as a number is a little less than that.
Duration duration_of(const json& seconds) {
  constexpr double longest = std::chrono::duration<double>(longest_validity).count();
  const double count = std::clamp(seconds.get<double>(), -longest, longest);
  return std::chrono::round<microseconds>(std::chrono::duration<double>(count));
}

SignoffEnds ends_from(const json& configuration) {
  SignoffEnds ends;
  const auto rules = configuration.find("signoffs");
  if (rules == configuration.end() || !rules->is_object()) return ends;
  for (const auto& [check, rule] : rules->items()) {
    SignoffEnd& end = ends[check];
    if (const std::int64_t span = number_of(rule, "valid_for"); span != 0)
      end.valid_for = std::clamp(microseconds{span}, -longest_validity, longest_validity);
    const auto bound = rule.find("per_release");
    end.per_release = bound != rule.end() && bound->is_boolean() && bound->get<bool>();
  }
  return ends;
}

std::set<std::string> rows_of_tables(const SqliteDatabase& database) {
  std::set<std::string> rows;
  SqliteStatement signoffs(database, "SELECT seq, check_id, role, note, release FROM signoff");
  while (signoffs.step())
    rows.insert(row_of(
        "signoff", signoffs.number(0),
        json::array({signoffs.text(1), signoffs.text(2), signoffs.text(3), signoffs.text(4)})));
  SqliteStatement waivers(database,
                          "SELECT seq, check_id, why, until, release, release IS NULL FROM waiver");
  while (waivers.step())
    rows.insert(
        row_of("waiver", waivers.number(0),
               json::array({waivers.text(1), waivers.text(2), waivers.number(3),
                            waivers.number(5) != 0 ? json(nullptr) : json(waivers.text(4))})));
  return rows;
}

}  // namespace

void DecisionReplay::take_signoff(const AuditEntry& entry) {
  const json body = json::parse(entry.body);
  Signoff signoff{text_of(body, "check"),   entry.who, text_of(body, "role"), text_of(body, "note"),
                  text_of(body, "release"), entry.at};
  signoff.id = entry.seq;
  // Entries of former versions say nothing of these.
  if (const auto bound = body.find("per_release"); bound != body.end() && bound->is_boolean())
    signoff.is_for_release = bound->get<bool>();
  if (const std::int64_t until = number_of(body, "until"); until != 0)
    signoff.until = WallTime{microseconds{until}};
  put_signoff(signoffs_, std::move(signoff));
}

void DecisionReplay::take_waiver(const AuditEntry& entry) {
  const json body = json::parse(entry.body);
  Waiver waiver;
  waiver.id = entry.seq;
  waiver.check = text_of(body, "check");
  waiver.who = entry.who;
  waiver.why = text_of(body, "why");
  if (const auto release = body.find("release"); release != body.end() && release->is_string())
    waiver.release = release->get<std::string>();
  waiver.from = entry.at;
  waiver.until = WallTime{microseconds{number_of(body, "until")}};
  waivers_.push_back(std::move(waiver));
}

void DecisionReplay::take(const AuditEntry& entry) {
  const json body = json::parse(entry.body, nullptr, false);
  if (!body.is_object()) return;
  const std::string& what = entry.what;
  if (what == "signoff") {
    take_signoff(entry);
  } else if (what == "signoff-withdrawn" || what == "signoff-ended") {
    end(signoffs_, number_of(body, "seq"));
  } else if (what == "waiver") {
    take_waiver(entry);
  } else if (what == "waiver-ended") {
    end(waivers_, number_of(body, "seq"));
  } else if (what == "release") {
    release_ = text_of(body, "release");
    release_seq_ = entry.seq;
  } else if (what == "configuration") {
    configuration_ = text_of(body, "digest");
    configuration_seq_ = entry.seq;
    signoff_ends_ = ends_from(body);
  } else if (what == "deployment") {
    deploys_[entry.seq].begun = entry.body;
  } else if (what == "deployment-ended") {
    const auto begun = deploys_.find(number_of(body, "id"));
    if (begun != deploys_.end()) begun->second.ended = entry.body;
  }
}

// A deploy that was refused when it was written down never began.
DecisionReplay::Deploys::const_iterator DecisionReplay::last_deploy() const {
  const auto last = std::find_if(deploys_.rbegin(), deploys_.rend(), [](const auto& entry) {
    const json ended = json::parse(entry.second.ended, nullptr, false);
    return !ended.is_object() || text_of(ended, "status") != name_of(DeploymentStatus::refused);
  });
  return last == deploys_.rend() ? deploys_.end() : std::prev(last.base());
}

Decisions DecisionReplay::decisions() const {
  Decisions decisions{signoffs_,      waivers_,      release_,    std::nullopt,
                      configuration_, signoff_ends_, release_seq_};
  if (const auto last = last_deploy(); last != deploys_.end()) {
    const Deploy& deploy = last->second;
    decisions.deployment = deployment_from_json(deploy.ended.empty() ? deploy.begun : deploy.ended);
    if (decisions.deployment && deploy.ended.empty())
      decisions.deployment->status = DeploymentStatus::watching;
  }
  return decisions;
}

std::optional<std::int64_t> DecisionReplay::first_needed(WallTime oldest) const {
  std::vector<std::int64_t> needed;
  for (const Signoff& signoff : signoffs_) needed.push_back(signoff.id);
  for (const Waiver& waiver : waivers_) {
    if (waiver.until > oldest) needed.push_back(waiver.id);
  }
  if (const auto last = last_deploy(); last != deploys_.end()) needed.push_back(last->first);
  if (release_seq_ > 0) needed.push_back(release_seq_);
  if (configuration_seq_ > 0) needed.push_back(configuration_seq_);
  if (needed.empty()) return std::nullopt;
  return *std::min_element(needed.begin(), needed.end());
}

std::vector<std::string> DecisionReplay::expected_rows() const {
  std::vector<std::string> rows;
  for (const Signoff& signoff : signoffs_)
    rows.push_back(
        row_of("signoff", signoff.id,
               json::array({signoff.check, signoff.role, signoff.note, signoff.release})));
  for (const Waiver& waiver : waivers_)
    rows.push_back(
        row_of("waiver", waiver.id,
               json::array({waiver.check, waiver.why, waiver.until.time_since_epoch().count(),
                            waiver.release ? json(*waiver.release) : json(nullptr)})));
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::map<std::int64_t, std::string> DecisionReplay::wrong_deployments(
    const SqliteDatabase& database) const {
  std::map<std::int64_t, std::string> wrong;
  for (const auto& [seq, deploy] : deploys_) {
    SqliteStatement record(database, "SELECT record FROM deployment WHERE seq = ?");
    record.bind(1, seq);
    const bool is_there = record.step();
    const std::string text = is_there ? record.text(0) : std::string();
    const std::string& right = deploy.ended.empty() ? deploy.begun : deploy.ended;
    const bool is_right =
        is_there && (deploy.ended.empty() ? fixed_part(text) == fixed_part(right) : text == right);
    if (!is_right) wrong[seq] = right;
  }
  return wrong;
}

std::vector<std::string> DecisionReplay::differences(const SqliteDatabase& database) const {
  std::vector<std::string> found;
  const auto say = [&found](const std::string& text) {
    if (found.size() < most_differences) found.push_back(on_one_line(text, 300));
  };
  const std::vector<std::string> expected = expected_rows();
  const std::set<std::string> rows = rows_of_tables(database);
  std::vector<std::string> rest;
  std::set_difference(rows.begin(), rows.end(), expected.begin(), expected.end(),
                      std::back_inserter(rest));
  for (const std::string& row : rest) say("not in force by the audit: " + row);
  rest.clear();
  std::set_difference(expected.begin(), expected.end(), rows.begin(), rows.end(),
                      std::back_inserter(rest));
  for (const std::string& row : rest) say("missing beside the audit: " + row);
  SqliteStatement configuration(database, "SELECT max(seq), digest FROM configuration");
  if (configuration_seq_ > 0 &&
      (!configuration.step() || configuration.number(0) != configuration_seq_ ||
       configuration.text(1) != configuration_))
    say("another configuration than the audit has: configuration " +
        std::to_string(configuration_seq_));
  for (const auto& [seq, record] : wrong_deployments(database))
    say("another record than the audit has: deployment " + std::to_string(seq));
  return found;
}

std::string to_json(const Signoff& signoff) {
  json body{{"check", signoff.check},
            {"role", signoff.role},
            {"note", signoff.note},
            {"release", signoff.release},
            {"per_release", signoff.is_for_release}};
  if (signoff.until) body["until"] = signoff.until->time_since_epoch().count();
  return to_json_text(body);
}

std::string release_body(const std::string& release) {
  return to_json_text(json{{"release", release}});
}

std::string configuration_to_json(const std::string& digest, const SignoffEnds& ends) {
  json body{{"digest", digest}, {"signoffs", json::object()}};
  for (const auto& [check, end] : ends) {
    json& rule = body["signoffs"][check] = {{"per_release", end.per_release}};
    if (end.valid_for)
      rule["valid_for"] = std::chrono::duration_cast<microseconds>(*end.valid_for).count();
  }
  return to_json_text(body);
}

std::string to_json(const Deployment& deployment) {
  json record{{"id", deployment.id},
              {"version", deployment.version},
              {"by", deployment.who},
              {"forced", deployment.forced},
              {"reason", deployment.reason},
              {"started", to_rfc3339(deployment.started, true)},
              {"watch_seconds", in_seconds(deployment.watch)},
              {"status", name_of(deployment.status)},
              {"ended", deployment.ended ? json(to_rfc3339(*deployment.ended)) : json(nullptr)},
              {"findings", deployment.findings},
              {"samples", deployment.samples},
              {"figures", json::object()},
              {"watched_seconds", in_seconds(deployment.watched)},
              {"paused_seconds", in_seconds(deployment.paused)}};
  for (const auto& [name, figure] : deployment.figures) {
    record["figures"][name] = {{"baseline", figure.baseline},
                               {"last", figure.last ? json(*figure.last) : json(nullptr)},
                               {"beyond_in_a_row", figure.beyond_in_a_row}};
  }
  return to_json_text(record);
}

std::optional<Deployment> deployment_from_json(const std::string& text) {
  try {
    const json record = json::parse(text);
    Deployment deployment;
    record.at("id").get_to(deployment.id);
    record.at("version").get_to(deployment.version);
    record.at("by").get_to(deployment.who);
    record.at("forced").get_to(deployment.forced);
    record.at("reason").get_to(deployment.reason);
    const auto started = parse_rfc3339(record.at("started").get<std::string>());
    if (!started) return std::nullopt;
    deployment.started = *started;
    deployment.watch = duration_of(record.at("watch_seconds"));
    // A record of an older version says nothing of these: the window then begins anew.
    if (record.contains("watched_seconds"))
      deployment.watched = duration_of(record.at("watched_seconds"));
    if (record.contains("paused_seconds"))
      deployment.paused = duration_of(record.at("paused_seconds"));
    const auto status = record.at("status").get<std::string>();
    for (std::size_t i = 0; i < deployment_status_names.size(); ++i) {
      if (deployment_status_names.at(i) == status)
        deployment.status = static_cast<DeploymentStatus>(i);
    }
    if (record.at("ended").is_string())
      deployment.ended = parse_rfc3339(record.at("ended").get<std::string>());
    record.at("findings").get_to(deployment.findings);
    record.at("samples").get_to(deployment.samples);
    for (const auto& [name, figure] : record.at("figures").items()) {
      Figure& kept = deployment.figures[name];
      figure.at("baseline").get_to(kept.baseline);
      if (figure.at("last").is_number()) kept.last = figure.at("last").get<double>();
      figure.at("beyond_in_a_row").get_to(kept.beyond_in_a_row);
    }
    return deployment;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace gonogo
