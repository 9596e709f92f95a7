// Whether a database is at the heads of its Alembic migrations.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/observation.h"
#include "daemon/formats/migrations.h"

namespace gonogo {

class Settings;

// Where the heads come from: one of folders, config and command.
struct MigrationRules {
  std::vector<std::string> folders;
  std::optional<bool> recursive;     // with folders: the folders below as well
  std::string config;                // an alembic.ini
  std::string section;               // of it
  std::vector<std::string> command;  // prints the heads
  std::string table;                 // with the current revisions
};

// Reads the section `migrations`; nothing without it. Problems go to `settings`.
std::optional<MigrationRules> read_migrations(Settings& settings);

struct ExpectedMigrations {
  AlembicHeads heads;
  std::string warning;  // which files Alembic does not load, though they are migrations
  std::string note;     // the same, where the configuration says that it is meant so
};

// Reads the files of folders or of a configuration; none of them is run. Blocks, so it is for the
// pool. Throws IoError, and RunEnded where the heads are not known.
ExpectedMigrations read_expected_migrations(const MigrationRules& rules);

// The heads in the output of the command. Throws RunEnded when it names none.
ExpectedMigrations to_expected_migrations(const std::string& output);

// The database passes when its revisions are the heads: Alembic then has nothing to run.
Finding judge_migrations(const ExpectedMigrations& expected, const std::set<std::string>& current);

}  // namespace gonogo
