#include "daemon/cli/import_guess.h"

#include <re2/re2.h>
#include <yaml-cpp/emitter.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/formats/checklist_words.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

// A row that matches `pattern` becomes a check of this kind; \1 is the pattern's first group.
struct Rule {
  const char* pattern;
  const char* kind;
  const char* options;
};

// The first that matches counts.
const std::array<Rule, 19> rules{{
    {R"((https://[^\s`'"<>)]+).*(?:returns|accessible|200|reachable))", "http", R"({url: "\1"})"},
    {R"((?:GET|HEAD) (/[^\s`'"<>)]*))", "http", R"({url: "${vars.api}\1"})"},
    {R"((?i)\bdisk space\b.*?([1-9]\d{0,5}) ?GB)", "disk", R"({path: /, min_free: \1GiB})"},
    {R"((?i)\bdisk\b[^%]*?\b([1-9]\d{0,5}) ?Gi?B)", "disk", R"({path: /, min_free: \1GiB})"},
    {R"((?i)(?:^|[^\d.])([1-9]\d{0,5}) ?Gi?B\b.*\b(?:disk|free|space)\b)", "disk",
     R"({path: /, min_free: \1GiB})"},
    {R"((?i)\bRAM\b.*?([1-9]\d{0,5}) ?GB)", "memory", "{min_total: \\1GiB}"},
    {R"((?i)docker engine.*?(\d+\.\d+))", "docker", R"({min_version: "\1"})"},
    {R"((?i)^`?([a-z][a-z0-9-]*)`? service:)", "docker",
     "{project: \"${vars.project}\", services: {\\1: }}"},
    {R"((?i)(?:domain|DNS).*(?:resolves|configured))", "dns", R"({name: "${vars.host}"})"},
    {R"((?i)marker.*?(/[\w./-]+))", "marker", R"({path: "\1", max_age: 26h})"},
    {R"((?i)(?:directory|folder).*?(/[\w./-]+))", "file", R"({path: "\1", type: directory})"},
    {R"((?i)git origin)", "git", R"({path: "${vars.app}", reachable: refs/heads/main})"},
    {R"((?i)repository cloned.*?(/[\w./-]+))", "git", R"({path: "\1"})"},
    {R"((?i)\.env`? file created)", "file", R"({path: "${vars.env}", min_size: 1})"},
    {R"((?i)(?:script|file).*(?:exists|executable).*?(/[\w./-]+))", "file",
     R"({path: "\1", executable: true})"},
    {R"((?i)\bcron\b.*?(/[\w./-]+))", "cron", R"({command: "\1"})"},
    {R"((?i)\b(?:NTP|(?:clock|time)\b.*\bsynchroni[sz]ed))", "clock", "{}"},
    {R"((?i)\b([\w@-]+\.(?:service|socket))\b.*\b(?:active|running|runs|up|started)\b)", "systemd",
     R"({unit: "\1"})"},
    {R"((?i)\b([\w@-]+\.timer)\b)", "systemd", R"({timer: "\1"})"},
}};

bool is_variable(const std::string& text) {
  static const RE2 name(R"(([A-Z][A-Z0-9]*_[A-Z0-9_]+)(=\S+)?)");
  return RE2::FullMatch(text, name);
}

// `text` within a YAML text in double quotes.
std::string within_quotes(const std::string& text) {
  const std::string quoted = quoted_for_yaml(text);
  return quoted.substr(1, quoted.size() - 2);
}

// An expression that matches just this text.
std::string as_pattern(const std::string& text) {
  std::string pattern;
  for (const char c : text) {
    if (std::string_view("\\.+*?()[]{}|^$").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

bool matches(const std::string& text, const char* pattern) {
  return RE2::PartialMatch(text, RE2(pattern, RE2::Quiet));
}

std::string found(const std::string& text, const char* pattern) {
  std::string part;
  RE2::PartialMatch(text, RE2(pattern, RE2::Quiet), &part);
  return part;
}

// A text that asks for the contrary of what its words name: "nginx.service is not running".
bool is_negated(const std::string& text) {
  static const RE2 harmless(
      R"((?i)\b(?:no|not) (?:older|more|later|less|fewer|longer) than|\b(?:not (?:yet )?expired?|(?:do(?:es)?|will|must|should) not expire|not (?:too |almost |nearly )?full|not self-?signed|not (?:be )?empty|not only)\b)");
  static const RE2 negation(
      R"((?i)\b(?:not|no|never|none|neither|nor|cannot|nobody|nothing|without any|unused|unset|unreachable|unavailable|disabled?|deleted?|remov(?:ed?|al)|absent|missing|gone|stopped|inactive|revoked|decommissioned|deprecated|except|unless|rejected|denied|refused|blocked|closed|(?:(?:turn|switch)ed|is|are) off)\b|n['\x{2019}]t\b)");
  std::string rest = text;
  RE2::GlobalReplace(&rest, harmless, " ");
  return RE2::PartialMatch(rest, negation);
}

bool has_upper_bound(const std::string& text) {
  return matches(
      text,
      R"((?i)\b(?:at most|below|under|less than|max(?:imum)?|up to|not more than|no more than|within)\b|<|\x{2264})");
}

bool has_lower_bound(const std::string& text) {
  return matches(
      text,
      R"((?i)\b(?:at least|above|over|more than|greater than|min(?:imum)?|not less than|no less than)\b|>|\x{2265})");
}

// All that `pattern` finds, by its first group.
std::vector<std::string> all_found(const std::string& text, const char* pattern) {
  std::vector<std::string> parts;
  const RE2 form(pattern, RE2::Quiet);
  re2::StringPiece rest(text);
  std::string part;
  while (RE2::FindAndConsume(&rest, form, &part)) parts.push_back(part);
  return parts;
}

// A URL, or a path of one, that a check may ask.
bool can_be_asked(const std::string& text) {
  const auto url = parse_url(text.starts_with('/') ? "https://example.org" + text : text);
  return url && url->user.empty() && url->password.empty();
}

// The variables that a row names as code become one check of the .env file.
std::optional<Guess> guess_variables(const ChecklistRow& row) {
  std::string keys;
  std::set<std::string> names;
  for (const std::string& code : row.code) {
    if (!is_variable(code)) continue;
    const std::size_t equals = code.find('=');
    const std::string name = code.substr(0, equals);
    if (!names.insert(name).second) continue;
    std::string rule = "{}";
    if (equals != std::string::npos)
      rule = "{one_of: [" + quoted_for_yaml(code.substr(equals + 1)) + "]}";
    keys.append(keys.empty() ? "" : ", ").append(name).append(": ").append(rule);
  }
  if (keys.empty()) return std::nullopt;
  return Guess{"dotenv", "{path: \"${vars.env}\", keys: {" + keys + "}}", {}};
}

// The status that the text asks for, 200 if it names none. Nothing when it names several.
std::optional<Guess> guess_answer(const std::string& url, const std::string& text) {
  const std::vector<std::string> statuses =
      all_found(text, R"((?:^|[\s`'"(])([1-5]\d\d)(?:[\s`'".,;)]|$))");
  if (statuses.size() > 1) return std::nullopt;
  std::string options = "{url: \"" + url + "\"";
  if (!statuses.empty() && statuses.front() != "200")
    options += ", expect: {status: " + statuses.front() + "}";
  return Guess{"http", options + "}", {}};
}

// "/healthz answers 200", "/admin returns 401"
std::optional<Guess> guess_path(const std::string& text) {
  const std::string path = found(
      text,
      R"((?:^|[\s`'"(])(/[A-Za-z][^\s`'"<>()|]*)`?\s+(?:(?i)(?:endpoint|page|route|path|check)\s+)?(?i:is |it )?(?i:answers?|answering|returns?|responds?|gives?|replies|ok\b|up\b|reachable|accessible|healthy|->|\x{2192}|=>))");
  if (path.empty() || !can_be_asked(path)) return std::nullopt;
  return guess_answer("${vars.api}" + within_quotes(path), text);
}

// "backup is less than 26 h old"
std::optional<Guess> guess_age(const std::string& text) {
  static const RE2 age(
      R"((?i)\b(?:less|younger|newer|fresher|not older|no older|no more|not more|at most|within|max(?:imum)?|under|<=?|\x{2264})\b?[^\d]{0,24}([1-9]\d{0,2})\s?-?(h|hrs?|hours?|d|days?|min|mins|minutes?|weeks?)\b)");
  std::string count;
  std::string unit;
  if (!matches(text, R"((?i)\b(?:back-?ups?|dumps?|snapshots?)\b)") ||
      matches(text,
              R"((?i)\b(?:kept|keeps?|retain\w*|retention|stored for|takes?|lasts|restor\w*)\b)") ||
      !RE2::PartialMatch(text, age, &count, &unit))
    return std::nullopt;
  const char first = lower_case(unit).front();
  const std::string span = first == 'w' ? std::to_string(std::stoi(count) * 7) + "d"
                                        : count + (first == 'm' ? "m" : std::string(1, first));
  std::string path = found(text, R"((/[\w.-]+(?:/[\w.-]+)+/?))");
  if (path.ends_with('/'))
    return Guess{"file", "{glob: \"" + path + "*\", max_age: " + span + "}", {}};
  if (path.empty()) path = "${vars.backup_marker}";
  return Guess{"marker", "{path: \"" + path + "\", max_age: " + span + "}", {}};
}

// "scheduled in cron", "daily cron job `backup.sh`"
std::optional<Guess> guess_cron(const ChecklistRow& row) {
  if (!matches(row.text, R"((?i)\bcron(?:tab|jobs?)?\b)")) return std::nullopt;
  std::string command;
  for (const std::string& code : row.code) {
    if (command.empty() && !matches(code, R"((?i)^cron)")) command = code;
  }
  if (command.empty())
    command = found(row.text, R"((/[\w.-]+(?:/[\w.-]+)+|[\w-]+\.(?:sh|py|rb|pl|php)\b))");
  const bool is_word = command.empty();
  if (is_word)
    command = found(
        row.text,
        R"((?i)\b([a-z][\w-]{2,})\b(?:\s+(?:jobs?|tasks?|scripts?|runs?))*\s+(?:is |are )?(?:scheduled|runs?|in|via|by|configured|installed|set up)\b)");
  if (command.empty() || matches(command, R"((?i)^(?:cron|jobs?|scheduled)$)")) return std::nullopt;
  std::string options =
      "{command: " + quoted_for_yaml((is_word ? "(?i)" : "") + as_pattern(command));
  const std::string minutes = found(row.text, R"((?i)every ([1-9]\d{0,2}) ?min)");
  if (!minutes.empty()) {
    options += ", at_least_every: " + minutes + "m";
  } else if (matches(row.text, R"((?i)\b(?:hourly|every hour|each hour)\b)")) {
    options += ", at_least_every: 1h";
  } else if (matches(row.text,
                     R"((?i)\b(?:daily|nightly|every (?:day|night)|each (?:day|night))\b)")) {
    options += ", at_least_every: 25h";
  } else if (matches(row.text, R"((?i)\b(?:weekly|every week)\b)")) {
    options += ", at_least_every: 169h";
  }
  return Guess{"cron", options + "}", {}};
}

// "port 443 open", "ports 80 and 443 are reachable", "port 5432 is closed"
std::optional<Guess> guess_ports(const std::string& text) {
  const std::string list =
      found(text, R"((?i)\bports?\b:? ((?:\d{1,5}(?:/tcp)?(?:, and |,? ?(?:and|&|/) ?|, ?)?)+))");
  if (list.empty() || matches(text, R"((?i)\budp\b)")) return std::nullopt;
  const bool is_closed = matches(
      text,
      R"((?i)\b(?:closed|blocked|not (?:be )?(?:open|exposed|reachable|accessible|public|listening)|unreachable)\b)");
  if (matches(text, R"((?i)\b(?:except|unless|only|never)\b)")) return std::nullopt;
  if (!is_closed && is_negated(text)) return std::nullopt;
  if (!is_closed &&
      !matches(text,
               R"((?i)\b(?:open(?:ed)?|listen(?:s|ing)?|reachable|accessible|accepts|answers?)\b)"))
    return std::nullopt;
  std::vector<std::string> ports;
  re2::StringPiece rest(list);
  static const RE2 number(R"((\d{1,5}))");
  std::string port;
  while (RE2::FindAndConsume(&rest, number, &port)) {
    const int value = std::stoi(port);
    if (value >= 1 && value <= 65535) ports.push_back(std::to_string(value));
  }
  if (ports.empty()) return std::nullopt;
  const std::string refused = is_closed ? ", refused: true" : "";
  if (ports.size() == 1)
    return Guess{"tcp", "{address: \"${vars.host}:" + ports.front() + "\"" + refused + "}", {}};
  return Guess{"tcp", "{address: \"${vars.host}:${each}\"" + refused + "}",
               "[" + joined(ports) + "]"};
}

std::optional<Guess> guess_disk(const std::string& text) {
  if (!matches(text, R"((?i)\bdisks?\b|\bfile ?systems?\b.*\b(?:free|full|space)\b)") ||
      matches(text, R"((?i)encrypt|mirror|raid|attached|replaced)"))
    return std::nullopt;
  const std::vector<std::string> shares = all_found(text, R"((\d{1,3})\s?%)");
  const bool is_free = matches(text, R"((?i)\b(?:free|left|available|remain\w*|spare)\b)");
  const bool is_used = matches(text, R"((?i)\b(?:full|used|usage|utili[sz]\w+|occupied)\b)") ||
                       (!is_free && has_upper_bound(text));
  std::string least = "10";
  if (shares.size() == 1 && is_free != is_used) {
    const int share = std::stoi(shares.front());
    // "at most 20 % free" asks for something else.
    if (share < 1 || share > 99 || (is_free ? has_upper_bound(text) : has_lower_bound(text)))
      return std::nullopt;
    least = std::to_string(is_free ? share : 100 - share);
  } else if (matches(text, R"(\d)") &&
             !(shares.empty() && matches(text, R"((?:^|\s|`)/[\w./-]*\d)"))) {
    return std::nullopt;
  }
  const std::string path =
      found(text, R"((?:^|[\s`'"(])(/(?:[\w.-]+(?:/[\w.-]+)*)?)(?:[\s`'"),]|$))");
  return Guess{
      "disk",
      "{path: " + (path.empty() ? "/" : "\"" + path + "\"") + ", min_free_percent: " + least + "}",
      {}};
}

// "certificate valid", "certificate is valid for 30 days"
std::optional<Guess> guess_certificate(const std::string& text) {
  if (!matches(
          text,
          R"((?i)certificate.*valid|\bvalid\b.*\bcertificate|\bcertificates?\b.*\b(?:expired?|expires|expiry|expiring)\b|\bexpir\w+ certificate)"))
    return std::nullopt;
  const std::vector<std::string> numbers = all_found(text, R"((\d+))");
  if (numbers.empty())
    return Guess{"tls", R"({address: "${vars.host}:443", min_left: 7d, warn_left: 21d})", {}};
  static const RE2 span(R"((?i)\b([1-9]\d{0,2})[\s-]?(d|days?|weeks?|months?)\b)");
  std::string count;
  std::string unit;
  if (numbers.size() > 1 || !RE2::PartialMatch(text, span, &count, &unit)) return std::nullopt;
  // "expires in less than 30 days" is what has to be reported.
  const bool says_not = matches(text, R"((?i)\bnot expire|n['\x{2019}]t expire)");
  if (has_upper_bound(text) && !says_not) return std::nullopt;
  const char first = lower_case(unit).front();
  const int days = std::stoi(count) * (first == 'w' ? 7 : first == 'm' ? 30 : 1);
  return Guess{
      "tls", "{address: \"${vars.host}:443\", min_left: " + std::to_string(days) + "d}", {}};
}

Guess sign_off(const ChecklistRow& row) {
  std::string role;
  for (const char c : lower_case(row.text)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      role += c;
    } else if (!role.empty() && role.back() != '-') {
      role += '-';
    }
  }
  role.resize(std::min<std::size_t>(role.size(), 64));
  while (role.ends_with('-')) role.pop_back();
  return {"signoff",
          "{role: " + (role.empty() ? "owner" : role) + ", valid_for: 7d, per_release: true}",
          {}};
}

std::optional<Guess> guess_by_rules(const std::string& text) {
  for (const Rule& rule : rules) {
    std::string part;
    const RE2 pattern(rule.pattern, RE2::Quiet);
    const bool has_group = pattern.NumberOfCapturingGroups() > 0;
    const bool is_match =
        has_group ? RE2::PartialMatch(text, pattern, &part) : RE2::PartialMatch(text, pattern);
    if (!is_match) continue;
    const std::string_view kind = rule.kind;
    if (kind == "http" && !can_be_asked(part)) continue;
    if ((kind == "disk" || kind == "memory") &&
        (has_upper_bound(text) || matches(text, R"((?i)\b(?:full|used|usage)\b)")))
      continue;
    std::string options = rule.options;
    if (const std::size_t at = options.find("\\1"); at != std::string::npos)
      options.replace(at, 2, within_quotes(part));
    if (kind == "http")
      return guess_answer(
          part.front() == '/' ? "${vars.api}" + within_quotes(part) : within_quotes(part), text);
    return Guess{rule.kind, options, {}};
  }
  return std::nullopt;
}

}  // namespace

Guess guess_kind(const ChecklistRow& row, const ChecklistRow* parent) {
  if (row.kind == ChecklistRow::Kind::signature) return sign_off(row);
  Guess by_person{"signoff", "{role: owner, valid_for: 90d}", {}};
  if (is_negated(row.text)) return guess_ports(row.text).value_or(by_person);
  if (auto variables = guess_variables(row)) return *variables;
  // What alerts and dashboards are about is not what is to be checked.
  const auto is_about_alerts = [](const std::string& text) {
    return matches(
        text,
        R"((?i)\b(?:alerts?|alerting|alarms?|notif\w+|dashboards?|metrics? collected|documented|tested|trained)\b)");
  };
  if (auto guess = guess_by_rules(row.text)) return *guess;
  if (auto guess = guess_certificate(row.text)) return *guess;
  if (is_about_alerts(row.text) || (parent != nullptr && is_about_alerts(parent->text)))
    return by_person;
  for (auto* const rule : {guess_path, guess_age, guess_ports, guess_disk}) {
    if (auto guess = rule(row.text)) return *guess;
  }
  if (auto guess = guess_cron(row)) return *guess;
  return by_person;
}

std::string quoted_for_yaml(const std::string& text) {
  YAML::Emitter out;
  out << YAML::DoubleQuoted << on_one_line(text, longest_title);
  // "${" is a reference in a configuration; in a title it is just text.
  std::string escaped = out.c_str();
  for (std::size_t at = escaped.find("${"); at != std::string::npos;
       at = escaped.find("${", at + 3))
    escaped.insert(at, 1, '$');
  return escaped;
}

}  // namespace gonogo
