// The revisions of Alembic (alembic.sqlalchemy.org), as its files state them, and the heads among
// them: what the database is at when every migration has run.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace gonogo {

struct Revision {
  std::string id;
  std::vector<std::string> down;        // the revisions that it builds on
  std::vector<std::string> depends_on;  // others that run before it, by id or branch label
  std::vector<std::string> branch_labels;
  std::string file;
};

// True for the names of files that Alembic loads from a folder of versions.
bool is_migration_file(std::string_view name);

// The revision in the text of `file`, whose name may be its id in the oldest form. The problem
// names the file and the line. What is assigned is read, never run: a file that computes these
// names is a problem.
tl::expected<Revision, std::string> read_revision(const std::string& file, std::string_view text);

// The heads as `alembic heads` prints them.
struct AlembicHeads {
  std::set<std::string> heads;      // "(head)": what the table has once all migrations have run
  std::set<std::string> effective;  // "(effective head)": another one depends on it
};

// The heads among revisions. A problem when Alembic would refuse them, or would not know which of
// them to run: one that is missing, there twice, or builds on itself.
tl::expected<AlembicHeads, std::string> heads_of(const std::vector<Revision>& revisions);

// The heads in what `alembic heads` prints. Where Alembic marks heads, lines without a mark belong
// to another program; else each line is one revision. A problem when a line is neither.
tl::expected<AlembicHeads, std::string> parse_alembic_heads(std::string_view output);

}  // namespace gonogo
