#include "probes/shared/row_times.h"

#include <algorithm>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

enum Column : std::size_t { whose, name, value };

bool is_utc(const std::string& zone) {
  static constexpr std::string_view names[] = {
      "UTC", "Etc/UTC", "GMT",       "Etc/GMT",       "Zulu",      "Etc/Zulu",
      "UCT", "Etc/UCT", "Universal", "Etc/Universal", "Greenwich", "Etc/Greenwich"};
  return std::any_of(std::begin(names), std::end(names),
                     [&zone](std::string_view utc) { return equal_ignoring_case(zone, utc); });
}

}  // namespace

const char* const times_statement = R"(
WITH stored AS (
  SELECT setdatabase, setrole, substring(entry FROM '=(.*)$') AS zone
  FROM pg_catalog.pg_db_role_setting, unnest(setconfig) AS entry
  WHERE lower(split_part(entry, '=', 1)) = 'timezone' AND setdatabase IN
    (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())))
SELECT CASE WHEN setdatabase = 0 THEN 'all' ELSE 'database' END, NULL, zone
FROM stored WHERE setrole = 0
UNION ALL
SELECT 'role', rolname::text, zone
FROM stored JOIN pg_catalog.pg_roles ON pg_roles.oid = setrole
WHERE rolcanlogin AND has_table_privilege(setrole, to_regclass($1)::oid, 'INSERT, UPDATE')
UNION ALL
SELECT 'column', attname::text, format_type(atttypid, atttypmod)
FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_type ON pg_type.oid = atttypid
WHERE attrelid = to_regclass($1)::oid AND attname IN ($2, $3) AND attnum > 0
  AND (typcategory <> 'D' OR atttypid IN ('time'::regtype, 'timetz'::regtype)
       OR typbasetype IN ('time'::regtype, 'timetz'::regtype))
UNION ALL
SELECT 'session', source, setting FROM pg_catalog.pg_settings WHERE name = 'TimeZone'
ORDER BY 1, 2)";

RowTimes times_of_rows(const std::vector<PostgresRow>& settings) {
  RowTimes times;
  const auto find = [&settings](std::string_view which) -> const PostgresRow* {
    const auto found = std::find_if(settings.begin(), settings.end(), [which](const auto& row) {
      return row.at(whose).value_or("") == which;
    });
    return found == settings.end() ? nullptr : &*found;
  };
  if (const PostgresRow* column = find("column"); column != nullptr) {
    const std::string type = on_one_line(column->at(value).value_or(""), 64);
    times.objection = "column " + in_quotes(column->at(name).value_or(""), 64) + " is " +
                      (type.starts_with("i") ? "an " : "a ") + type +
                      ", wanted a timestamptz (a view of the table may have one)";
  }
  const PostgresRow* own = find("database");
  if (own == nullptr) own = find("all");
  const PostgresRow* session = find("session");
  if (own == nullptr && session != nullptr) {
    // Where the session has the server's own zone.
    for (const char* source :
         {"default", "configuration file", "command line", "environment variable"}) {
      if (session->at(name).value_or("") == source) own = session;
    }
  }
  if (own == nullptr) {
    const std::string seen = session == nullptr ? "" : session->at(value).value_or("");
    times.doubt = "the database's zone is hidden by the one that this role or client sets, " +
                  on_one_line(seen, 64);
    return times;
  }
  times.zone = own->at(value).value_or("");
  if (!is_utc(times.zone)) {
    times.doubt = "the database's zone is " + on_one_line(times.zone, 64);
    return times;
  }
  for (const PostgresRow& row : settings) {
    const std::string of_role = row.at(value).value_or("");
    if (row.at(whose).value_or("") != "role" || is_utc(of_role)) continue;
    times.doubt = "the role " + in_quotes(row.at(name).value_or(""), 64) +
                  ", which may write it, has the zone " + on_one_line(of_role, 64);
    break;
  }
  return times;
}

}  // namespace gonogo
