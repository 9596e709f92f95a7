// The files of a folder of revisions, an alembic.ini, or what `alembic heads` prints. Files are
// separated by "%%".
#include "daemon/formats/migrations.h"

#include <algorithm>

#include "daemon/formats/alembic_config.h"
#include "daemon/formats/python_module.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

void inspect_heads(std::vector<Revision> revisions) {
  const auto heads = heads_of(revisions);
  std::reverse(revisions.begin(), revisions.end());
  const auto others = heads_of(revisions);
  hold(heads.has_value() == others.has_value(), "the order of the files decides nothing");
  if (!heads) return;
  hold(heads->heads == others->heads && heads->effective == others->effective,
       "the heads do not depend on the order of the files");
  hold(heads->heads.empty() == revisions.empty(), "revisions have a head");
  for (const std::string& head : heads->heads) {
    const auto is_it = [&head](const Revision& revision) { return revision.id == head; };
    hold(std::any_of(revisions.begin(), revisions.end(), is_it), "a head is a revision");
    for (const Revision& revision : revisions)
      hold(std::find(revision.down.begin(), revision.down.end(), head) == revision.down.end(),
           "nothing builds on a head");
  }
}

// Heads are read as they are printed.
void inspect_printed(std::string_view text) {
  const auto heads = parse_alembic_heads(text);
  if (!heads) return;
  std::string printed;
  for (const std::string& head : heads->heads) printed += head + " (head)\n";
  for (const std::string& head : heads->effective) {
    if (!heads->heads.contains(head)) printed += head + " (effective head)\n";
  }
  const auto again = parse_alembic_heads(printed);
  hold(again && again->heads == heads->heads, "printed heads are read: " + printed);
}

void inspect_config(std::string_view text) {
  const auto config = parse_alembic_config("/srv/app/alembic.ini", "alembic", text);
  if (!config) return;
  for (const std::string& place : config->version_locations)
    hold(place.starts_with('/'), "a place of revisions is absolute");
}

}  // namespace

void fuzz(std::string_view input) {
  std::vector<Revision> revisions;
  bool are_read = true;
  for (const std::string& text : parts_of(input, 12)) {
    const auto revision = read_revision("a" + std::to_string(revisions.size()) + ".py", text);
    if (revision) {
      hold(!revision->id.empty(), "a revision has an id");
      revisions.push_back(*revision);
    }
    are_read = are_read && revision;
    inspect_config(text);
    const auto module = read_python_module(text);
    hold(module || module.error().line >= 1, "a problem has a line");
    hold(module || !revision, "what is no Python is no revision");
    inspect_printed(text);
  }
  if (are_read) inspect_heads(std::move(revisions));
}

}  // namespace gonogo
