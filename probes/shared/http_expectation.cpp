#include "probes/shared/http_expectation.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

std::optional<int> status_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 100 || number > 599)
    return std::nullopt;
  return number;
}

// "200", "2xx", "200-204".
std::optional<std::pair<int, int>> status_range(std::string_view text) {
  if (text.size() == 3 && text.substr(1) == "xx" && text[0] >= '1' && text[0] <= '5') {
    const int first = (text[0] - '0') * 100;
    return std::pair{first, first + 99};
  }
  const std::size_t dash = text.find('-');
  const auto from = status_number(text.substr(0, dash));
  const auto to = dash == std::string_view::npos ? from : status_number(text.substr(dash + 1));
  if (!from || !to || *from > *to) return std::nullopt;
  return std::pair{*from, *to};
}

std::string in_words(const std::vector<std::pair<int, int>>& statuses) {
  std::string text;
  for (const auto& [from, to] : statuses) {
    text += text.empty() ? "" : " or ";
    text += from == to ? std::to_string(from) : std::to_string(from) + "-" + std::to_string(to);
  }
  return text;
}

std::string version_in_words(int version) {
  return version == 20 ? "2" : version == 10 ? "1.0" : "1.1";
}

void read_headers(Settings& settings, HttpExpectation& wanted) {
  using Rule = HttpExpectation::Header::Rule;
  Node* node = settings.raw("headers");
  if (node == nullptr) return;
  Settings named = settings.section("headers");
  for (Node::Entry& entry : node->entries) {
    // Without a value it would be taken as present.
    if (!named.has(entry.key)) continue;
    HttpExpectation::Header header;
    header.name = entry.key;
    if (entry.value.is_scalar()) {
      header.rule = Rule::equals;
      header.text = entry.value.scalar;
    } else {
      Settings rule(&entry.value, entry.place, settings.path() + ".headers." + entry.key,
                    settings.reading());
      if (const auto present = rule.flag("present"))
        header.rule = *present ? Rule::present : Rule::absent;
      if (const auto text = rule.text("equals")) {
        header.rule = Rule::equals;
        header.text = *text;
      }
      if (const auto text = rule.text("matches")) {
        header.rule = Rule::matches;
        header.text = *text;
        header.pattern = compile_pattern(rule, "matches", *text);
        if (!header.pattern) continue;
      }
      rule.finish();
    }
    wanted.headers.push_back(std::move(header));
  }
  if (!node->is_map())
    settings.complain_at("headers", "is no map (wanted such as X-Frame-Options: DENY)");
}

std::optional<Mismatch> header_mismatch(const HttpResponse& response,
                                        const HttpExpectation::Header& wanted) {
  using Rule = HttpExpectation::Header::Rule;
  const std::string* seen = response.find_header(wanted.name);
  if (wanted.rule == Rule::absent) {
    if (seen == nullptr) return std::nullopt;
    return Mismatch{Reason::header, wanted.name + " is " + in_quotes(*seen) + ", wanted none"};
  }
  if (seen == nullptr) {
    const std::string what = wanted.rule == Rule::present ? "one" : in_quotes(wanted.text);
    return Mismatch{Reason::header, "no " + wanted.name + ", wanted " + what};
  }
  const bool fits = wanted.rule == Rule::present ||
                    (wanted.rule == Rule::equals && *seen == wanted.text) ||
                    (wanted.rule == Rule::matches && wanted.pattern->matches(*seen));
  if (fits) return std::nullopt;
  const char* wish = wanted.rule == Rule::equals ? ", wanted " : ", wanted a match of ";
  return Mismatch{wanted.name == "Location" ? Reason::redirect : Reason::header,
                  wanted.name + " is " + in_quotes(*seen) + wish + in_quotes(wanted.text)};
}

asio::awaitable<std::optional<Mismatch>> json_mismatch(const HttpResponse& response,
                                                       const HttpExpectation& wanted, Io& io,
                                                       Attempt& attempt) {
  if (response.is_cut) {
    const std::string size = std::to_string(response.body.size());
    co_return Mismatch{Reason::json,
                       "body is larger than the " + size + " bytes read of it, wanted JSON"};
  }
  auto asking = objection_to(response.body, wanted.json, "body", io, attempt);
  const std::optional<std::string> objection = co_await std::move(asking);
  if (!objection) co_return std::nullopt;
  co_return Mismatch{Reason::json, *objection};
}

}  // namespace

std::string shown_body(const HttpResponse& response) {
  // Far more than is ever shown.
  const std::string_view beginning = std::string_view(response.body).substr(0, 64 << 10);
  const bool is_torn = response.is_cut && beginning.size() == response.body.size();
  return is_torn ? cleaned(beginning, {.end = true}) : std::string(beginning);
}

HttpExpectation read_http_expectation(Settings settings,
                                      std::vector<std::pair<int, int>> status_default) {
  HttpExpectation wanted;
  for (const std::string& text : settings.texts("status")) {
    if (const auto range = status_range(text)) {
      wanted.statuses.push_back(*range);
    } else {
      settings.complain_at("status",
                           in_quotes(text) + " is no HTTP status (such as 200, 2xx, 200-204)");
    }
  }
  if (wanted.statuses.empty()) wanted.statuses = std::move(status_default);
  read_headers(settings, wanted);
  if (const auto location = settings.text("location")) {
    HttpExpectation::Header header{"Location", HttpExpectation::Header::Rule::matches, *location,
                                   compile_pattern(settings, "location", *location)};
    if (header.pattern) wanted.headers.push_back(std::move(header));
  }
  wanted.body = read_patterns(settings, "body");
  wanted.body_not = read_patterns(settings, "body_not");
  wanted.json = read_json_conditions(settings, "json");
  wanted.max_time = settings.duration("max_time");
  if (const auto version = settings.one_of("version", {"1.0", "1.1", "2"}))
    wanted.version = *version == "2" ? 20 : *version == "1.0" ? 10 : 11;
  settings.finish();
  return wanted;
}

namespace {

std::optional<Mismatch> text_mismatch(const HttpResponse& response, const HttpExpectation& wanted) {
  const auto has_status = [&](const auto& range) {
    return response.status >= range.first && response.status <= range.second;
  };
  if (!wanted.statuses.empty() &&
      std::none_of(wanted.statuses.begin(), wanted.statuses.end(), has_status)) {
    std::string text =
        "status " + std::to_string(response.status) + ", wanted " + in_words(wanted.statuses);
    if (const std::string* location = response.find_header("Location"))
      text += "; leads to " + in_quotes(*location);
    return Mismatch{Reason::status, text};
  }
  for (const HttpExpectation::Header& header : wanted.headers) {
    if (auto mismatch = header_mismatch(response, header)) return mismatch;
  }
  for (const Pattern& pattern : wanted.body) {
    if (!pattern->matches(response.body)) {
      return Mismatch{Reason::body, "body has no match of " + in_quotes(pattern->pattern()) +
                                        ", got " + in_quotes(shown_body(response))};
    }
  }
  if (!wanted.body_not.empty() && response.is_cut) {
    return Mismatch{Reason::body, "body is larger than the " +
                                      std::to_string(response.body.size()) +
                                      " bytes read of it, wanted all of it to search for " +
                                      in_quotes(wanted.body_not.front()->pattern())};
  }
  for (const Pattern& pattern : wanted.body_not) {
    if (pattern->matches(response.body)) {
      return Mismatch{Reason::body,
                      "body has a match of " + in_quotes(pattern->pattern()) + ", wanted none"};
    }
  }
  return std::nullopt;
}

std::optional<Mismatch> transfer_mismatch(const HttpResponse& response, Duration took,
                                          const HttpExpectation& wanted) {
  if (wanted.version && response.version != *wanted.version) {
    return Mismatch{Reason::protocol, "answered HTTP/" + version_in_words(response.version) +
                                          ", wanted HTTP/" + version_in_words(*wanted.version)};
  }
  if (wanted.max_time && took > *wanted.max_time) {
    return Mismatch{Reason::threshold,
                    "took " + to_words(took) + ", wanted at most " + to_words(*wanted.max_time)};
  }
  return std::nullopt;
}

}  // namespace

asio::awaitable<std::optional<Mismatch>> mismatch_in(const HttpResponse& response, Duration took,
                                                     const HttpExpectation& wanted, Io& io,
                                                     Attempt& attempt) {
  std::optional<Mismatch> mismatch = text_mismatch(response, wanted);
  // Before the expressions: what is known to be wrong counts, even if jq cannot be asked.
  if (!mismatch) mismatch = transfer_mismatch(response, took, wanted);
  if (!mismatch && !wanted.json.empty()) {
    auto judging = json_mismatch(response, wanted, io, attempt);
    mismatch = co_await std::move(judging);
  }
  co_return mismatch;
}

}  // namespace gonogo
