// Where an alembic.ini says that the revisions are (alembic.sqlalchemy.org, "Tutorial"; the file is
// read as Python's configparser reads it).
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace gonogo {

struct AlembicConfig {
  // Absolute, in the order written; Alembic skips one that does not exist.
  std::vector<std::string> version_locations;
  bool recursive = false;         // Alembic 1.10 and later also load the folders below
  bool states_recursive = false;  // the file says so, or says the opposite
  std::string note;               // of what Alembic takes otherwise than it is written
};

// The section `section` of the text of the file at `path`, which is absolute. Alembic runs in the
// file's folder, so relative places are below it.
tl::expected<AlembicConfig, std::string> parse_alembic_config(const std::string& path,
                                                              const std::string& section,
                                                              std::string_view text);

}  // namespace gonogo
