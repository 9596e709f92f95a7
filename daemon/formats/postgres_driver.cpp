#include "daemon/formats/postgres_driver.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "daemon/core/text.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

enum class Driver : std::uint8_t { asyncpg, psycopg, psycopg2, other };

// What becomes of a parameter.
enum class Fate : std::uint8_t {
  keyword,      // of libpq, by `keyword` or by its own name
  ssl_mode,     // sslmode by another name
  ignored,      // it means nothing to a check
  whole,        // as ignored; it has to be a whole number
  number,       // as ignored; it has to be a number
  no_text,      // the driver wants an object or a number, and a URL has only texts
  unsupported,  // the driver takes it, and this daemon cannot do it
  refused       // the driver does
};

struct Rule {
  std::string_view name;
  Fate fate = Fate::keyword;
  std::string_view keyword = {};
};

// Of asyncpg.connect() and SQLAlchemy's dialect for it; anything else is a TypeError there.
constexpr std::array<Rule, 27> asyncpg_rules{{{"ssl", Fate::ssl_mode},
                                              {"host", Fate::keyword},
                                              {"port", Fate::keyword},
                                              {"user", Fate::keyword},
                                              {"password", Fate::keyword},
                                              {"database", Fate::keyword, "dbname"},
                                              {"passfile", Fate::keyword},
                                              {"service", Fate::keyword},
                                              {"krbsrvname", Fate::keyword},
                                              {"target_session_attrs", Fate::keyword},
                                              {"gsslib", Fate::ignored},
                                              {"loop", Fate::ignored},
                                              {"async_fallback", Fate::ignored},
                                              {"prepared_statement_cache_size", Fate::whole},
                                              {"command_timeout", Fate::number},
                                              {"prepared_statement_name_func", Fate::no_text},
                                              {"async_creator_fn", Fate::no_text},
                                              {"statement_cache_size", Fate::no_text},
                                              {"max_cached_statement_lifetime", Fate::no_text},
                                              {"max_cacheable_statement_size", Fate::no_text},
                                              {"timeout", Fate::no_text},
                                              {"server_settings", Fate::no_text},
                                              {"record_class", Fate::no_text},
                                              {"connection_class", Fate::no_text},
                                              {"dsn", Fate::no_text},
                                              {"servicefile", Fate::unsupported},
                                              {"direct_tls", Fate::unsupported}}};

// Of psycopg.connect(), which gives the rest to libpq.
constexpr std::array<Rule, 5> psycopg_rules{{{"autocommit", Fate::ignored},
                                             {"prepare_threshold", Fate::no_text},
                                             {"context", Fate::no_text},
                                             {"row_factory", Fate::no_text},
                                             {"cursor_factory", Fate::no_text}}};

constexpr std::array<Rule, 4> psycopg2_rules{{{"connection_factory", Fate::no_text},
                                              {"cursor_factory", Fate::no_text},
                                              {"async", Fate::no_text},
                                              {"async_", Fate::no_text}}};

// Keywords of newer versions of libpq, which those drivers may bring along.
constexpr std::array<Rule, 12> newer_rules{{{"load_balance_hosts", Fate::ignored},
                                            {"sslnegotiation", Fate::unsupported},
                                            {"require_auth", Fate::unsupported},
                                            {"sslcertmode", Fate::unsupported},
                                            {"sslkeylogfile", Fate::unsupported},
                                            {"gssdelegation", Fate::unsupported},
                                            {"min_protocol_version", Fate::unsupported},
                                            {"max_protocol_version", Fate::unsupported},
                                            {"scram_client_key", Fate::unsupported},
                                            {"scram_server_key", Fate::unsupported},
                                            {"oauth_issuer", Fate::unsupported},
                                            {"oauth_client_id", Fate::unsupported}}};

template <std::size_t size>
const Rule* find_rule(const std::array<Rule, size>& rules, std::string_view name) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [name](const Rule& rule) { return rule.name == name; });
  return found == rules.end() ? nullptr : &*found;
}

Driver driver_named(std::string_view name) {
  if (name == "asyncpg") return Driver::asyncpg;
  if (name == "psycopg" || name == "psycopg_async") return Driver::psycopg;
  if (name == "psycopg2" || name == "psycopg2cffi") return Driver::psycopg2;
  return Driver::other;
}

Rule rule_of(Driver driver, std::string_view name) {
  const Rule refused{name, Fate::refused};
  if (driver == Driver::asyncpg) {
    const Rule* own = find_rule(asyncpg_rules, name);
    return own == nullptr ? refused : *own;
  }
  if (is_libpq_keyword(name)) return {name, Fate::keyword};
  const Rule* own = driver == Driver::psycopg    ? find_rule(psycopg_rules, name)
                    : driver == Driver::psycopg2 ? find_rule(psycopg2_rules, name)
                                                 : nullptr;
  if (own == nullptr) own = find_rule(newer_rules, name);
  if (own == nullptr && driver == Driver::other && name == "ssl") return {name, Fate::ssl_mode};
  return own == nullptr ? refused : *own;
}

std::string libpq() { return "libpq " + std::to_string(PQlibVersion() / 10000); }

// The words for a parameter of a known name begin with "is ": nothing of them is the URL's own, so
// they may be shown of a secret URL as well. Any other name may be a part of its password.
std::string in_words(std::string_view name, Driver driver) {
  const bool is_known = driver != Driver::other &&
                        (is_libpq_keyword(name) || find_rule(asyncpg_rules, name) != nullptr ||
                         find_rule(newer_rules, name) != nullptr);
  const std::string parameter = "the parameter `" + std::string(name) + "`";
  return (is_known ? "is a URL with " : "has ") + parameter;
}

std::string why_refused(Driver driver, std::string_view driver_name, std::string_view name) {
  std::string text = in_words(name, driver) + ", which ";
  if (driver == Driver::other) {
    return text + "neither " + libpq() + " nor this daemon knows of " + std::string(driver_name) +
           " (remove it, or give a `database` without it)";
  }
  text += std::string(driver_name) + " refuses";
  if (driver == Driver::asyncpg && name == "sslmode") return text + " (its name there is `ssl`)";
  if (driver == Driver::asyncpg && name == "dbname")
    return text + " (its name there is `database`)";
  if (driver != Driver::asyncpg && name == "ssl") return text + " (its name there is `sslmode`)";
  if (driver != Driver::asyncpg && find_rule(asyncpg_rules, name) != nullptr)
    return text + " (it is one of asyncpg)";
  return text + " (remove it: the application cannot connect either)";
}

bool is_ssl_mode(std::string_view value) {
  constexpr std::array<std::string_view, 6> modes{"disable", "allow",     "prefer",
                                                  "require", "verify-ca", "verify-full"};
  return std::find(modes.begin(), modes.end(), value) != modes.end();
}

template <typename Number>
bool is_a(std::string_view value) {
  Number number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc{} && end == value.data() + value.size();
}

// The problem with the parameter's value; empty: none.
std::string judge(Fate fate, Driver known, std::string_view driver, const std::string& name,
                  std::string_view value) {
  const std::string subject = in_words(name, known) + ", ";
  if (fate == Fate::ssl_mode && !is_ssl_mode(value))
    return subject + "whose value " + std::string(driver) +
           " does not know (one of disable, allow, prefer, require, verify-ca, verify-full)";
  if (fate == Fate::whole && !is_a<long>(value)) return subject + "which is no whole number";
  if (fate == Fate::number && !is_a<double>(value)) return subject + "which is no number";
  if (fate == Fate::no_text)
    return subject + "which " + std::string(driver) +
           " does not take from a URL (give it in the code, by connect_args)";
  if (fate == Fate::unsupported)
    return subject + "which this daemon's " + libpq() + " does not know";
  return {};
}

// The query of a URL as Python's parse_qsl() reads it: a plus is a blank, and what is empty is not
// there.
Parameters parse_query_list(std::string_view query) {
  Parameters found;
  while (!query.empty()) {
    const std::size_t size = std::min(query.find('&'), query.size());
    std::string pair(query.substr(0, size));
    query.remove_prefix(std::min(size + 1, query.size()));
    std::replace(pair.begin(), pair.end(), '+', ' ');
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals + 1 == pair.size()) continue;
    found.emplace_back(percent_decoded(std::string_view(pair).substr(0, equals)),
                       percent_decoded(std::string_view(pair).substr(equals + 1)));
  }
  return found;
}

void set(Parameters& parameters, std::string_view keyword, std::string value) {
  for (auto& [known, old] : parameters) {
    if (known != keyword) continue;
    old = std::move(value);
    return;
  }
  parameters.emplace_back(keyword, std::move(value));
}

void set_if_any(Parameters& parameters, std::string_view keyword, std::string value) {
  if (!value.empty()) set(parameters, keyword, std::move(value));
}

// "user:password@" at the beginning of `rest`, if it is there: neither has an "@", and a name no
// ":" and no "/".
void take_login(std::string_view& rest, Parameters& parameters) {
  const std::size_t end = rest.find_first_of(":/");
  std::size_t at = std::string_view::npos;
  if (end != std::string_view::npos && rest[end] == ':') {
    at = rest.find('@', end);
    if (at != std::string_view::npos)
      set_if_any(parameters, "password", percent_decoded(rest.substr(end + 1, at - end - 1)));
  }
  const bool has_password = at != std::string_view::npos;
  if (!has_password) at = rest.substr(0, end).rfind('@');
  if (at == std::string_view::npos) return;
  set_if_any(parameters, "user", percent_decoded(rest.substr(0, has_password ? end : at)));
  rest.remove_prefix(at + 1);
}

// "host:port", "[::1]:port" or nothing, before the "/" or "?" that ends it.
void take_host(std::string_view& rest, Parameters& parameters) {
  const std::size_t size = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view place = rest.substr(0, size);
  rest.remove_prefix(size);
  const std::size_t bracket = place.starts_with('[') ? place.rfind(']') : std::string_view::npos;
  if (bracket != std::string_view::npos && bracket > 1) {
    set_if_any(parameters, "host", std::string(place.substr(1, bracket - 1)));
    place.remove_prefix(bracket + 1);
  } else {
    const std::size_t colon = std::min(place.find(':'), place.size());
    set_if_any(parameters, "host", std::string(place.substr(0, colon)));
    place.remove_prefix(colon);
  }
  if (place.starts_with(':')) set_if_any(parameters, "port", std::string(place.substr(1)));
}

// `host=10.0.0.1:5433` names both.
void set_host(Parameters& parameters, const std::string& value) {
  const std::size_t colon = value.find(':');
  const bool has_port = colon != std::string::npos &&
                        value.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  set(parameters, "host", has_port ? value.substr(0, colon) : value);
  if (has_port) set_if_any(parameters, "port", value.substr(colon + 1));
}

std::string take_query(std::string_view query, std::string_view driver_name,
                       Parameters& parameters) {
  const Driver driver = driver_named(driver_name);
  std::set<std::string> seen;
  std::string hosts;
  for (auto& [name, value] : parse_query_list(query)) {
    if (name == "host" && seen.contains(name)) {
      hosts += "," + value;
      continue;
    }
    if (!seen.insert(name).second) return in_words(name, driver) + " twice";
    const Rule rule = rule_of(driver, name);
    if (rule.fate == Fate::refused) return why_refused(driver, driver_name, name);
    if (std::string problem = judge(rule.fate, driver, driver_name, name, value); !problem.empty())
      return problem;
    if (name == "host")
      set_host(parameters, value);
    else if (rule.fate == Fate::keyword)
      set(parameters, rule.keyword.empty() ? rule.name : rule.keyword, value);
    else if (rule.fate == Fate::ssl_mode)
      set(parameters, "sslmode", value);
  }
  for (auto& [keyword, value] : parameters) {
    if (keyword == "host") value += hosts;
    if (keyword == "port" && !is_a<unsigned short>(value))
      return "is a URL with a port that is no number";
  }
  return {};
}

}  // namespace

std::string_view driver_of(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const std::size_t plus = text.find('+');
  if (scheme == std::string_view::npos || plus > scheme) return {};
  const std::string_view dialect = text.substr(0, plus);
  if (dialect != "postgresql" && dialect != "postgres") return {};
  return text.substr(plus + 1, scheme - plus - 1);
}

std::optional<Parameters> parse_driver_url(std::string_view text, std::string& problem) {
  if (text.starts_with("postgres+")) {
    problem = "is a URL that SQLAlchemy refuses (it begins with postgresql+, not with postgres+)";
    return std::nullopt;
  }
  const std::string_view driver = driver_of(text);
  std::string_view rest = text.substr(text.find("://") + 3);
  Parameters parameters;
  take_login(rest, parameters);
  take_host(rest, parameters);
  const std::size_t question = std::min(rest.find('?'), rest.size());
  if (rest.starts_with('/'))
    set_if_any(parameters, "dbname", percent_decoded(rest.substr(1, question - 1)));
  rest.remove_prefix(std::min(question + 1, rest.size()));
  problem = take_query(rest, driver, parameters);
  // Then what reads as a parameter may be part of the password, and is not shown.
  if (!problem.empty() && rest.find('@') != std::string_view::npos)
    problem = "has a parameter that " + std::string(driver) +
              " refuses (in a password, @ is written %40, / %2F and ? %3F)";
  if (!problem.empty()) return std::nullopt;
  return parameters;
}

bool is_libpq_keyword(std::string_view name) {
  static const std::set<std::string, std::less<>> keywords = [] {
    std::set<std::string, std::less<>> all;
    PQconninfoOption* options = PQconndefaults();
    for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr;
         ++option)
      all.insert(option->keyword);
    PQconninfoFree(options);
    return all;
  }();
  return keywords.contains(name);
}

std::string unknown_to_libpq(std::string_view name) {
  std::string text =
      "has the parameter `" + std::string(name) + "`, which " + libpq() + " does not know";
  if (name == "ssl") return text + " (sslmode is its name, or asyncpg is: postgresql+asyncpg://)";
  if (find_rule(asyncpg_rules, name) != nullptr)
    return text + " (it is one of asyncpg: postgresql+asyncpg://)";
  if (find_rule(psycopg_rules, name) != nullptr)
    return text + " (it is one of psycopg: postgresql+psycopg://)";
  return text + " (remove it, or give a `database` without it)";
}

}  // namespace gonogo
