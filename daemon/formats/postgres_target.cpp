#include "daemon/formats/postgres_target.h"

#include <libpq-fe.h>

#include <charconv>

#include "daemon/formats/settings.h"

namespace gonogo {

std::string value_of(const PostgresTarget& target, std::string_view keyword) {
  for (const auto& [key, value] : target.parameters) {
    if (key == keyword) return value;
  }
  return {};
}

std::optional<PostgresTarget> parse_postgres_target(std::string text, std::string& problem) {
  const std::size_t scheme = text.find("://");
  const std::size_t plus = text.find('+');
  // SQLAlchemy names its driver in the scheme; libpq would refuse it.
  if (scheme != std::string::npos && plus < scheme) text.erase(plus, scheme - plus);
  char* error = nullptr;
  PQconninfoOption* options = PQconninfoParse(text.c_str(), &error);
  if (options == nullptr) {
    PQfreemem(error);  // it may quote the password
    problem =
        "is no PostgreSQL connection string (such as "
        "postgresql://user:password@host:5432/database)";
    return std::nullopt;
  }
  PostgresTarget target;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) target.parameters.emplace_back(option->keyword, option->val);
  }
  PQconninfoFree(options);
  const std::string host = value_of(target, "host") + value_of(target, "port");
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
