#include "probes/git.h"

#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/git_listing.h"
#include "daemon/formats/pattern.h"
#include "daemon/formats/tracked_secrets.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/git_changes.h"
#include "daemon/io/git_repository.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_shown = 5;

// As many files are named to git grep again; with more of them it reads all.
constexpr std::size_t most_named = 100;

struct GitSettings {
  std::string path;
  Pattern origin;
  bool wants_origin = false;
  std::string reachable;  // origin has to have this ref; empty: not asked
  std::string head;
  std::string head_file;
  Pattern tag;
  bool clean = false;
  std::vector<std::string> not_tracked;
  std::vector<std::string> tracked;
  std::vector<std::string> secret_patterns;
  std::vector<std::string> secrets_except;
  std::vector<Pattern> secret_exceptions;
};

std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_shown); ++i)
    text += (i == 0 ? "" : ", ") + on_one_line(names[i], 80);
  if (names.size() > most_shown)
    text += " and " + std::to_string(names.size() - most_shown) + " more";
  return text;
}

class GitProbe : public Probe {
 public:
  GitProbe(GitSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    auto opening = GitRepository::open(settings_.path, resources_, attempt);
    const std::unique_ptr<GitRepository> repository = co_await std::move(opening);
    GitRepository& tree = *repository;
    const std::string head = co_await ask_head(tree, attempt);
    if (!settings_.head.empty() || !settings_.head_file.empty())
      co_await compare_head(tree, head, attempt);
    if (settings_.wants_origin) co_await inspect_origin(tree, attempt);
    if (settings_.tag) co_await inspect_tag(tree, attempt);
    if (settings_.clean) co_await find_changes(tree, attempt);
    if (!settings_.not_tracked.empty() || !settings_.tracked.empty())
      co_await inspect_tracked(tree, attempt);
    std::size_t excepted = 0;
    if (!settings_.secret_patterns.empty()) excepted = co_await find_secrets(tree, attempt);
    // This comes last because it is slow.
    if (!settings_.reachable.empty()) co_await reach_origin(tree, attempt);
    attempt.enter(Stage::judge);
    Finding finding = Finding::pass("HEAD is " + head.substr(0, 12));
    finding.note("head", head);
    if (excepted > 0)
      finding.note("excepted", "text in the form of a secret, in " + counted(excepted, "file"));
    co_return finding;
  }

 private:
  [[noreturn]] static void fail(Reason reason, const std::string& text) {
    throw RunEnded(Finding::fail(reason, text));
  }

  asio::awaitable<std::string> ask_head(GitRepository& tree, Attempt& attempt) {
    std::vector<std::string> arguments{"rev-parse", "--verify", "HEAD^{commit}"};
    auto asking = tree.git(std::move(arguments), attempt);
    const ProgramEnd end = co_await std::move(asking);
    const std::string head(trimmed(end.output));
    if (end.exit_status != 0)
      fail(Reason::missing, settings_.path + " has no HEAD: " + tree.why(end));
    co_return head;
  }

  asio::awaitable<void> compare_head(GitRepository& tree, const std::string& head,
                                     Attempt& attempt) {
    std::string wanted = settings_.head;
    if (wanted.empty()) {
      auto read = [path = settings_.head_file] { return read_bounded_file(path, 4096); };
      auto reading = offload(resources_.pool, std::move(read));
      const std::string text = co_await std::move(reading);
      wanted = std::string(trimmed(text));
    }
    constexpr std::size_t shortest = 7;
    if (wanted.size() >= shortest && head.starts_with(wanted)) co_return;
    // Otherwise it is the name of a branch or a tag.
    std::vector<std::string> arguments{"rev-parse", "--verify", "--quiet", "--end-of-options",
                                       wanted + "^{commit}"};
    auto asking = tree.git(std::move(arguments), attempt);
    const ProgramEnd end = co_await std::move(asking);
    if (end.exit_status != 0) fail(Reason::missing, "no commit " + in_quotes(wanted));
    if (trimmed(end.output) != head) {
      fail(Reason::content,
           "HEAD is " + head.substr(0, 12) + ", wanted " + on_one_line(wanted, 64));
    }
  }

  asio::awaitable<void> inspect_origin(GitRepository& tree, Attempt& attempt) {
    std::vector<std::string> arguments{"remote", "get-url", "origin"};
    auto asking = tree.git(std::move(arguments), attempt);
    const ProgramEnd end = co_await std::move(asking);
    const std::string url(trimmed(end.output));
    if (end.exit_status != 0 || url.empty()) fail(Reason::missing, "no remote \"origin\"");
    if (settings_.origin && !settings_.origin->matches(url)) {
      fail(Reason::content, "origin is " + in_quotes(without_credentials(url)) +
                                ", wanted a match of " + in_quotes(settings_.origin->pattern()));
    }
  }

  asio::awaitable<void> inspect_tag(GitRepository& tree, Attempt& attempt) {
    std::vector<std::string> arguments{"tag", "--points-at", "HEAD"};
    auto asking = tree.git(std::move(arguments), attempt);
    const ProgramEnd end = co_await std::move(asking);
    std::string_view rest = end.output;
    while (!rest.empty()) {
      const std::size_t line = std::min(rest.find('\n'), rest.size());
      if (line > 0 && settings_.tag->matches_whole(rest.substr(0, line))) co_return;
      rest.remove_prefix(std::min(line + 1, rest.size()));
    }
    const std::string seen = end.output.empty() ? "none" : on_one_line(trimmed(end.output), 120);
    fail(Reason::content,
         "tags of HEAD: " + seen + ", wanted a match of " + in_quotes(settings_.tag->pattern()));
  }

  asio::awaitable<void> find_changes(GitRepository& tree, Attempt& attempt) {
    auto searching = find_git_changes(tree, resources_, attempt);
    const GitChanges changes = co_await std::move(searching);
    if (changes.changes.empty()) co_return;
    const std::string how =
        changes.has_filtered ? " (a file with a filter is judged by its size and times)" : "";
    fail(Reason::content, counted(changes.changes.size(), "local change") + ": " +
                              some_of(changes.changes) + ", wanted none" + how);
  }

  asio::awaitable<void> inspect_tracked(GitRepository& tree, Attempt& attempt) {
    if (!settings_.not_tracked.empty()) {
      std::vector<std::string> arguments{"ls-files", "-z", "--"};
      arguments.insert(arguments.end(), settings_.not_tracked.begin(), settings_.not_tracked.end());
      auto asking = tree.git(std::move(arguments), attempt);
      const ProgramEnd end = co_await std::move(asking);
      if (end.exit_status != 0) fail(Reason::error, "git ls-files: " + tree.why(end));
      const std::vector<std::string> found = split_at_nul(end.output);
      if (!found.empty())
        fail(Reason::content, "tracked: " + some_of(found) + ", wanted none of them");
    }
    for (const std::string& path : settings_.tracked) {
      std::vector<std::string> arguments{"ls-files", "-z", "--error-unmatch", "--", path};
      auto asking = tree.git(std::move(arguments), attempt);
      const ProgramEnd end = co_await std::move(asking);
      if (end.exit_status != 0)
        fail(Reason::missing, in_quotes(path) + " is not tracked, wanted it tracked");
    }
  }

  // "git grep" with all forms of secrets, in what git takes for binary as well: one NUL or an
  // attribute would hide a key. `what` is what it prints.
  std::vector<std::string> grep(const char* what, const std::vector<std::string>& files) const {
    std::vector<std::string> arguments{"grep", "--cached", "-a", what, "-z", "-E"};
    for (const std::string& pattern : settings_.secret_patterns) {
      arguments.emplace_back("-e");
      arguments.push_back(pattern);
    }
    arguments.emplace_back("--");
    for (const std::string& file : files) arguments.push_back(":(literal)" + file);
    if (!files.empty()) return arguments;
    arguments.emplace_back(":/");
    for (const std::string& path : settings_.secrets_except)
      arguments.push_back(":(top,exclude)" + path);
    return arguments;
  }

  asio::awaitable<std::string> search(GitRepository& tree, std::vector<std::string> arguments,
                                      Attempt& attempt) {
    auto asking = tree.git(std::move(arguments), attempt);
    const ProgramEnd end = co_await std::move(asking);
    // 1: nothing found (git-grep(1)).
    const bool is_found = end.exit_status == 0;
    if (!is_found && (end.exit_status != 1 || !end.errors.empty()))
      fail(Reason::error, "git grep: " + tree.why(end));
    co_return is_found ? end.output : std::string();
  }

  // Reports only the names of files, never their content.
  // Returns how many files hold what is excepted.
  asio::awaitable<std::size_t> find_secrets(GitRepository& tree, Attempt& attempt) {
    const std::vector<std::string> all;
    auto listing = search(tree, grep("-l", all), attempt);
    const std::string names = co_await std::move(listing);
    const std::vector<std::string> files = split_at_nul(names);
    if (files.empty()) co_return 0;
    auto reading = search(tree, grep("-H", files.size() > most_named ? all : files), attempt);
    const std::string lines = co_await std::move(reading);
    auto judge = [lines, forms = settings_.secret_patterns,
                  exceptions = settings_.secret_exceptions] {
      return files_with_secrets(lines, TrackedSecrets(forms, exceptions));
    };
    auto judging = offload(resources_.pool, std::move(judge));
    const std::vector<std::string> found = co_await std::move(judging);
    if (!found.empty())
      fail(Reason::content, "text in the form of a secret is tracked in " + some_of(found));
    co_return files.size();
  }

  asio::awaitable<void> reach_origin(GitRepository& tree, Attempt& attempt) {
    std::vector<std::string> arguments{"ls-remote", "--exit-code", "origin", settings_.reachable};
    auto asking = tree.git(std::move(arguments), attempt);
    const ProgramEnd end = co_await std::move(asking);
    if (end.exit_status == 2)
      fail(Reason::missing, "origin has no " + in_quotes(settings_.reachable));
    if (end.exit_status != 0) fail(Reason::connect, "origin does not answer: " + tree.why(end));
  }

  GitSettings settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_git(Settings& settings, Resources& resources) {
  GitSettings git;
  git.path = settings.required_text("path", "/opt/app");
  if (const auto text = settings.text("origin"))
    git.origin = compile_pattern(settings, "origin", *text);
  git.reachable = settings.text_or("reachable", "");
  if (git.reachable.starts_with('-'))
    settings.complain_at("reachable", "is no ref (such as refs/heads/main)");
  git.wants_origin = settings.has("origin") || !git.reachable.empty();
  git.head = settings.text_or("head", "");
  git.head_file = settings.text_or("head_file", "");
  if (!git.head.empty() && !git.head_file.empty())
    settings.complain_at("head_file", "cannot be combined with head (give one of the two)");
  if (const auto text = settings.text("tag")) git.tag = compile_pattern(settings, "tag", *text);
  git.clean = settings.flag_or("clean", false);
  git.not_tracked = settings.texts("not_tracked");
  git.tracked = settings.texts("tracked");
  if (settings.flag_or("no_secrets", false)) git.secret_patterns = usual_secrets();
  for (std::string& pattern : settings.texts("secret_patterns"))
    git.secret_patterns.push_back(std::move(pattern));
  git.secrets_except = settings.texts("secrets_except");
  git.secret_exceptions = read_secret_exceptions(settings, "secret_patterns_except");
  settings.finish();
  return std::make_unique<GitProbe>(std::move(git), resources);
}

}  // namespace gonogo
