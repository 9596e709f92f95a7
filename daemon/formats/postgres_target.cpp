#include "daemon/formats/postgres_target.h"

#include <libpq-fe.h>

#include <charconv>

#include "daemon/formats/postgres_driver.h"
#include "daemon/formats/settings.h"

namespace gonogo {

std::string value_of(const PostgresTarget& target, std::string_view keyword) {
  for (const auto& [key, value] : target.parameters) {
    if (key == keyword) return value;
  }
  return {};
}

namespace {

// The parameter that libpq complains of; empty where the name may be part of a password: an "@"
// behind the "?" is the sign of one whose "/" or "?" is not written as %2F or %3F.
std::string_view unknown_parameter(std::string_view text, std::string_view error) {
  const bool is_named = error.starts_with("invalid URI query parameter: \"") ||
                        error.starts_with("invalid connection option \"");
  const std::size_t question = text.find('?');
  const bool is_unclear =
      question != std::string_view::npos && text.find('@', question) != std::string_view::npos;
  if (!is_named || is_unclear) return {};
  const std::size_t begin = error.find('"') + 1;
  return error.substr(begin, error.find('"', begin) - begin);
}

std::optional<PostgresTarget> parse_for_libpq(const std::string& text, std::string& problem) {
  char* error = nullptr;
  PQconninfoOption* options = PQconninfoParse(text.c_str(), &error);
  if (options == nullptr) {
    const std::string said = error == nullptr ? "" : error;
    PQfreemem(error);  // it may quote the password
    const std::string_view unknown = unknown_parameter(text, said);
    problem = unknown.empty() ? "is no PostgreSQL connection string (such as "
                                "postgresql://user:password@host:5432/database)"
                              : unknown_to_libpq(unknown);
    return std::nullopt;
  }
  PostgresTarget target;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) target.parameters.emplace_back(option->keyword, option->val);
  }
  PQconninfoFree(options);
  return target;
}

}  // namespace

std::optional<PostgresTarget> parse_postgres_target(const std::string& text, std::string& problem) {
  std::optional<PostgresTarget> target;
  if (driver_of(text).empty()) {
    target = parse_for_libpq(text, problem);
  } else if (auto parameters = parse_driver_url(text, problem)) {
    target = PostgresTarget{};
    target->parameters = std::move(*parameters);
  }
  if (!target) return std::nullopt;
  const std::string host = value_of(*target, "host") + value_of(*target, "port");
  if (host.find(',') != std::string::npos) {
    problem = "names several hosts (a check connects to one)";
    return std::nullopt;
  }
  return target;
}

PostgresTarget read_postgres_target(Settings& settings) {
  PostgresTarget target;
  std::string problem;
  const std::string url = settings.secret("database").value_or("");
  if (auto parsed = parse_postgres_target(url, problem)) {
    target = std::move(*parsed);
    for (const auto& [key, value] : target.parameters) {
      if (key == "password") settings.reading().redactor.hide(value);
    }
  } else {
    settings.complain_at("database", problem);
  }
  std::uint16_t port = 5432;
  const std::string own_port = value_of(target, "port");
  std::from_chars(own_port.data(), own_port.data() + own_port.size(), port);
  if (const std::string host = value_of(target, "host"); !host.empty() && !host.starts_with('/'))
    settings.reading().targets.push_back(to_text(HostPort{host, port}));
  target.connect_to = read_target(settings, "connect_to", port, "docker://PROJECT/db:5432");
  if (target.connect_to && target.connect_to->via == HostPort::Via::unix_socket)
    settings.complain_at("connect_to", "is a UNIX socket (give its folder as `host` in database)");
  target.may_see_part =
      settings.one_of("row_security", {"refuse", "accept"}).value_or("refuse") == "accept";
  target.variables = settings.text_map("set");
  return target;
}

}  // namespace gonogo
