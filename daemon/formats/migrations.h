// The heads of Alembic migrations (alembic.sqlalchemy.org): the revisions that no other revision
// builds on.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// The heads among the texts of migration files. Reads `revision` and `down_revision` as Alembic
// writes them; a file without a revision is skipped.
std::set<std::string> alembic_heads(const std::vector<std::string>& files);

// The heads in what `alembic heads` prints: the first word of each line.
std::set<std::string> parse_alembic_heads(std::string_view output);

}  // namespace gonogo
