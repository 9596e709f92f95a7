#include "probes/shared/migration_rules.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/formats/alembic_config.h"
#include "daemon/formats/settings.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_files = 5000;
constexpr std::size_t most_folders = 2000;
constexpr int deepest = 16;
constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t most_bytes = 64 << 20;

[[noreturn]] void end_run(Reason reason, std::string text) {
  throw RunEnded(Finding::fail(reason, std::move(text)));
}

// The files that Alembic would load from places, and those below that it would not.
class Listing {
 public:
  // Takes the files of `folder`; those of the folders below count as read when `is_recursive`.
  void take(const std::string& folder, bool is_recursive) {
    if (const mode_t mode = stat_file(folder).st_mode; !S_ISDIR(mode))
      throw IoError(Reason::type, folder + " is " + type_in_words(mode) + ", wanted a directory");
    walk(folder, is_recursive, true, 0);
  }

  std::vector<Revision> revisions() {
    std::vector<Revision> all;
    std::sort(files_.begin(), files_.end());
    for (const std::string& path : files_) {
      auto revision = read_revision(path, text_of(path));
      if (!revision) end_run(Reason::content, revision.error());
      all.push_back(std::move(*revision));
    }
    return all;
  }

  // What is said of revisions in folders that are not loaded; empty when there are none.
  std::string unread() {
    std::size_t count = 0;
    std::string first;
    for (const std::string& path : below_) {
      const auto revision = read_revision(path, text_of(path));
      if (!revision) continue;
      if (count == 0 || path < first) first = path;
      ++count;
    }
    if (count == 0) return {};
    return counted(count, "revision") + " below the folder (" + on_one_line(first, 160) +
           (count == 1 ? ") is" : ", ...) are") +
           " not loaded: Alembic reads sub-folders only with recursive_version_locations = true";
  }

 private:
  void walk(const fs::path& folder, bool is_recursive, bool is_loaded, int depth) {
    if (++folders_ > most_folders || depth > deepest) {
      end_run(Reason::threshold, folder.string() + ": more than " + std::to_string(most_folders) +
                                     " folders, or nested deeper than " + std::to_string(deepest));
    }
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      std::error_code ignored;
      // Alembic does not follow links to folders.
      if (entry->is_directory(ignored)) {
        if (entry->is_symlink(ignored) || entry->path().filename() == "__pycache__") continue;
        walk(entry->path(), is_recursive, is_loaded && is_recursive, depth + 1);
      } else if (is_migration_file(entry->path().filename().string())) {
        take_file(entry->path(), is_loaded);
      }
    }
    if (error && is_loaded) {
      throw IoError::of(error.value(), Reason::permission,
                        folder.string() + " could not be listed: " + error.message());
    }
  }

  void take_file(const fs::path& path, bool is_loaded) {
    std::error_code error;
    // The same file in two places is loaded once.
    const fs::path real = fs::canonical(path, error);
    if (!seen_.insert(error ? path.string() : real.string()).second) return;
    if (seen_.size() > most_files) {
      end_run(Reason::threshold, "there are more than " + std::to_string(most_files) +
                                     " migrations below " + path.parent_path().string());
    }
    (is_loaded ? files_ : below_).push_back(path.string());
  }

  std::string text_of(const std::string& path) {
    std::string text = read_bounded_file(path, largest_file);
    bytes_ += text.size();
    if (bytes_ > most_bytes) end_run(Reason::threshold, "the migrations are larger than 64MiB");
    return text;
  }

  std::vector<std::string> files_;
  std::vector<std::string> below_;
  std::set<std::string> seen_;
  std::size_t folders_ = 0;
  std::size_t bytes_ = 0;
};

void add(std::string& text, const std::string& more) {
  if (more.empty()) return;
  text += (text.empty() ? "" : "; ") + more;
}

std::string in_words(const std::set<std::string>& names) {
  constexpr std::size_t most = 8;
  std::vector<std::string> words;
  for (const std::string& name : names) {
    if (words.size() < most) words.push_back(on_one_line(name, 64));
  }
  if (names.empty()) return "none";
  const std::string more =
      names.size() > most ? " and " + std::to_string(names.size() - most) + " more" : "";
  return joined(words) + more;
}

AlembicHeads heads_in(Listing& listing, const std::string& where) {
  const std::vector<Revision> revisions = listing.revisions();
  if (revisions.empty()) end_run(Reason::content, where + " holds no Alembic revision");
  auto heads = heads_of(revisions);
  if (!heads) end_run(Reason::content, heads.error());
  return std::move(*heads);
}

ExpectedMigrations read_folders(const MigrationRules& rules) {
  Listing listing;
  for (const std::string& folder : rules.folders)
    listing.take(folder, rules.recursive.value_or(false));
  ExpectedMigrations expected;
  expected.heads = heads_in(listing, joined(rules.folders));
  (rules.recursive ? expected.note : expected.warning) = listing.unread();
  return expected;
}

ExpectedMigrations read_config(const MigrationRules& rules) {
  const std::string path = fs::absolute(rules.config).lexically_normal().string();
  const auto config =
      parse_alembic_config(path, rules.section, read_bounded_file(path, largest_file));
  if (!config) end_run(Reason::content, config.error());
  ExpectedMigrations expected;
  Listing listing;
  std::vector<std::string> gone;
  for (const std::string& place : config->version_locations) {
    std::error_code error;
    if (fs::exists(place, error) || error) {
      listing.take(place, config->recursive);
    } else {
      gone.push_back(place);
    }
  }
  if (!gone.empty())
    expected.warning = path + " names " + joined(gone) + ", which does not exist: Alembic skips it";
  expected.heads = heads_in(listing, "what " + path + " names");
  add(config->states_recursive ? expected.note : expected.warning, listing.unread());
  add(expected.warning, config->note);
  return expected;
}

}  // namespace

std::optional<MigrationRules> read_migrations(Settings& settings) {
  if (!settings.has("migrations")) return std::nullopt;
  Settings section = settings.section("migrations");
  MigrationRules rules;
  rules.folders = section.texts("folder");
  rules.recursive = section.flag("recursive");
  rules.config = section.text_or("config", "");
  rules.section = section.text_or("name", "alembic");
  rules.command = section.texts("command");
  rules.table = section.text_or("table", "alembic_version");
  const int sources = (rules.folders.empty() ? 0 : 1) + (rules.config.empty() ? 0 : 1) +
                      (rules.command.empty() ? 0 : 1);
  if (sources != 1)
    section.complain(
        "needs one of `folder`, `config` and `command` (such as folder: "
        "/opt/app/alembic/versions, or config: /opt/app/alembic.ini)");
  if (rules.recursive && rules.folders.empty())
    section.complain_at("recursive", "has no effect without `folder` (the alembic.ini says it)");
  if (section.has("name") && rules.config.empty())
    section.complain_at("name", "has no effect without `config` (it is a section of that file)");
  section.finish();
  return rules;
}

ExpectedMigrations read_expected_migrations(const MigrationRules& rules) {
  return rules.config.empty() ? read_folders(rules) : read_config(rules);
}

ExpectedMigrations to_expected_migrations(const std::string& output) {
  auto heads = parse_alembic_heads(output);
  if (!heads) end_run(Reason::error, "the command of migrations: " + heads.error());
  if (heads->heads.empty()) end_run(Reason::error, "the command of migrations prints no head");
  return {.heads = std::move(*heads), .warning = {}, .note = {}};
}

Finding judge_migrations(const ExpectedMigrations& expected, const std::set<std::string>& current) {
  const AlembicHeads& heads = expected.heads;
  Finding finding = Finding::pass();
  if (current != heads.heads) {
    std::string text = "database is at " + in_words(current) + ", wanted " + in_words(heads.heads);
    std::set<std::string> inner;
    std::set_intersection(current.begin(), current.end(), heads.effective.begin(),
                          heads.effective.end(), std::inserter(inner, inner.end()));
    if (!inner.empty()) text += " (another revision depends on " + in_words(inner) + ")";
    add(text, expected.warning);
    finding = Finding::fail(Reason::content, std::move(text));
  } else if (!expected.warning.empty()) {
    finding = Finding::warn(Reason::content, expected.warning);
  }
  finding.note("migrations", in_words(current));
  if (!expected.note.empty()) finding.note("not_loaded", expected.note);
  return finding;
}

}  // namespace gonogo
