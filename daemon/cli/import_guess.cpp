#include "daemon/cli/import_guess.h"

#include <re2/re2.h>
#include <yaml-cpp/emitter.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

constexpr std::size_t longest_id = 32;
constexpr std::size_t most_words = 4;

// A row that matches `pattern` becomes a check of this kind; \1 is the pattern's first group.
struct Rule {
  const char* pattern;
  const char* kind;
  const char* options;
};

// The first that matches counts.
const std::array<Rule, 22> rules{{
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
    {R"((?i)certificate.*valid)", "tls",
     R"({address: "${vars.host}:443", min_left: 7d, warn_left: 21d})"},
    {R"((?i)\bvalid\b.*\bcertificate)", "tls",
     R"({address: "${vars.host}:443", min_left: 7d, warn_left: 21d})"},
    {R"((?i)\bcertificates?\b.*\b(?:expired?|expires|expiry|expiring)\b|\bexpir\w+ certificate)",
     "tls", R"({address: "${vars.host}:443", min_left: 7d, warn_left: 21d})"},
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

// "/healthz answers 200", "/admin returns 401"
std::optional<Guess> guess_path(const std::string& text) {
  const std::string path = found(
      text,
      R"((?:^|[\s`'"(])(/[A-Za-z][^\s`'"<>()|]*)`?\s+(?:(?i)(?:endpoint|page|route|path|check)\s+)?(?i:is |it )?(?i:answers?|answering|returns?|responds?|gives?|replies|ok\b|up\b|reachable|accessible|healthy|->|\x{2192}|=>))");
  if (path.empty() || !can_be_asked(path)) return std::nullopt;
  const std::string status = found(text, R"(\b([1-5]\d\d)\b)");
  std::string options = "{url: \"${vars.api}" + within_quotes(path) + "\"";
  if (!status.empty() && status != "200") options += ", expect: {status: " + status + "}";
  return Guess{"http", options + "}", {}};
}

// "backup is less than 26 h old"
std::optional<Guess> guess_age(const std::string& text) {
  static const RE2 age(
      R"((?i)\b(?:less|younger|newer|fresher|not older|no older|no more|not more|at most|within|max(?:imum)?|under|<=?|\x{2264})\b?[^\d]{0,24}([1-9]\d{0,2})\s?-?(h|hrs?|hours?|d|days?|min|mins|minutes?|weeks?)\b)");
  std::string count;
  std::string unit;
  if (!matches(text, R"((?i)\b(?:back-?ups?|dumps?|snapshots?)\b)") ||
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
  const std::string free = found(
      text,
      R"((?i)\b(\d{1,2})\s?%\s*(?:\w+ )?(?:free|left|available)|free\D{0,20}(?:\d{1,2})\s?%)");
  const std::string used =
      found(text, R"((?i)(?:below|under|less than|<|at most|max\.?)\s*(\d{1,2})\s?%)");
  std::string least = "10";
  if (!free.empty()) {
    least = free;
  } else if (!used.empty()) {
    least = std::to_string(100 - std::stoi(used));
  }
  const std::string path =
      found(text, R"((?:^|[\s`'"(])(/(?:[\w.-]+(?:/[\w.-]+)*)?)(?:[\s`'"),]|$))");
  return Guess{
      "disk",
      "{path: " + (path.empty() ? "/" : "\"" + path + "\"") + ", min_free_percent: " + least + "}",
      {}};
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
    if (std::string_view(rule.kind) == "http" && !can_be_asked(part)) continue;
    std::string options = rule.options;
    if (const std::size_t at = options.find("\\1"); at != std::string::npos)
      options.replace(at, 2, within_quotes(part));
    return Guess{rule.kind, options, {}};
  }
  return std::nullopt;
}

// Latin letters with accents as ASCII, and blanks for all that is no letter and no digit.
std::string plain_letters(const std::string& text) {
  constexpr std::pair<const char*, const char*> letters[] = {{"(?i)[àáâãåāăą]", "a"},
                                                             {"(?i)ä|æ", "ae"},
                                                             {"(?i)[çćč]", "c"},
                                                             {"(?i)[ďđð]", "d"},
                                                             {"(?i)[èéêëēęě]", "e"},
                                                             {"(?i)[ìíîïīı]", "i"},
                                                             {"(?i)ł", "l"},
                                                             {"(?i)[ñńň]", "n"},
                                                             {"(?i)[òóôõøōő]", "o"},
                                                             {"(?i)ö|œ", "oe"},
                                                             {"(?i)ř", "r"},
                                                             {"(?i)[śšş]", "s"},
                                                             {"ß", "ss"},
                                                             {"(?i)[ťţ]", "t"},
                                                             {"(?i)[ùúûūůű]", "u"},
                                                             {"(?i)ü", "ue"},
                                                             {"(?i)[ýÿ]", "y"},
                                                             {"(?i)[źżž]", "z"}};
  std::string plain = text;
  for (const auto& [from, to] : letters) RE2::GlobalReplace(&plain, from, to);
  plain = lower_case(plain);
  for (char& c : plain) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = ' ';
  }
  return plain;
}

// FNV-1a: the same on every host.
std::string short_digest(const std::string& text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (int i = 0; i < 6; ++i, hash >>= 4) out += digits[hash & 15U];
  return out;
}

}  // namespace

Guess guess_kind(const ChecklistRow& row, const ChecklistRow* parent) {
  if (row.kind == ChecklistRow::Kind::signature) return sign_off(row);
  const Guess by_person{"signoff", "{role: owner, valid_for: 90d}", {}};
  if (auto variables = guess_variables(row)) return *variables;
  // What alerts and dashboards are about is not what is to be checked.
  const auto is_about_alerts = [](const std::string& text) {
    return matches(
        text,
        R"((?i)\b(?:alerts?|alerting|alarms?|notif\w+|dashboards?|metrics? collected|documented|tested|trained)\b)");
  };
  if (auto guess = guess_by_rules(row.text)) return *guess;
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
  out << YAML::DoubleQuoted << on_one_line(text, 300);
  // "${" is a reference in a configuration; in a title it is just text.
  std::string escaped = out.c_str();
  for (std::size_t at = escaped.find("${"); at != std::string::npos;
       at = escaped.find("${", at + 3))
    escaped.insert(at, 1, '$');
  return escaped;
}

std::string id_of_words(const std::string& text, const std::string& without_words,
                        std::set<std::string>& taken) {
  static const RE2 filler(
      R"(a|an|the|is|are|be|been|was|of|to|for|in|on|at|by|via|with|and|or|if|it|its|all|that|this|has|have|can)");
  static const RE2 word(R"((\S+))");
  const std::string plain = plain_letters(text);
  std::string id;
  for (const bool takes_fillers : {false, true}) {
    std::size_t words = 0;
    re2::StringPiece rest(plain);
    std::string part;
    while (id.size() < longest_id && words < most_words &&
           RE2::FindAndConsume(&rest, word, &part)) {
      if (!takes_fillers && RE2::FullMatch(part, filler)) continue;
      if (!id.empty() && id.size() + 1 + part.size() > longest_id) break;
      id += (id.empty() ? "" : "-") + part.substr(0, longest_id);
      ++words;
    }
    if (!id.empty()) break;
  }
  if (id.empty()) id = without_words + "-" + short_digest(text);
  std::string unique = id;
  for (int again = 2; !taken.insert(unique).second; ++again)
    unique = id + "-" + std::to_string(again);
  return unique;
}

}  // namespace gonogo
