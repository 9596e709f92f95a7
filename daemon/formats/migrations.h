// The heads of a folder of Alembic migrations (alembic.sqlalchemy.org): revisions that no other one
// builds on.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// Of the texts of migration files. Reads `revision` and `down_revision` as Alembic writes them; a
// file without a revision is passed over.
std::set<std::string> alembic_heads(const std::vector<std::string>& files);

// Of a folder's *.py files. Blocks: for the pool. Throws RunEnded (missing, permission, content
// when there is no revision at all, threshold past 5,000 files).
std::set<std::string> read_alembic_heads(const std::string& folder);

// Of what `alembic heads` prints: the first word of each line.
std::set<std::string> parse_alembic_heads(std::string_view output);

}  // namespace gonogo
