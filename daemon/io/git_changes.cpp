#include "daemon/io/git_changes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/git_listing.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/git_repository.h"
#include "daemon/io/io.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_submodules = 200;
constexpr int most_depth = 5;
constexpr std::size_t largest_index = 64 << 20;
constexpr std::size_t most_arguments = 500;

using Marks = std::vector<std::pair<std::string, GitFileMark>>;

GitFileMark mark_of(const struct stat& info) {
  const auto cut = [](auto number) { return static_cast<std::uint32_t>(number); };
  return {cut(info.st_ctim.tv_sec), cut(info.st_ctim.tv_nsec), cut(info.st_mtim.tv_sec),
          cut(info.st_mtim.tv_nsec), cut(info.st_size)};
}

// The paths of files that are as they were at their checkout. Blocks.
std::set<std::string> untouched_of(const std::string& top, const Marks& marks) {
  std::set<std::string> untouched;
  for (const auto& [path, mark] : marks) {
    struct stat info {};
    if (::lstat((top + "/" + path).c_str(), &info) == 0 && mark_of(info) == mark)
      untouched.insert(path);
  }
  return untouched;
}

// Those of the folders that have a repository of their own. Blocks.
std::vector<std::string> repositories_of(const std::string& top, std::vector<std::string> paths) {
  std::erase_if(paths, [&top](const std::string& path) {
    return ::access((top + "/" + path + "/.git").c_str(), F_OK) != 0;
  });
  return paths;
}

// "M " of " M path", "MM " of "MM path".
std::string letters_of(const std::string& entry) {
  return std::string(trimmed(std::string_view(entry).substr(0, 2))) + " ";
}

class ChangeSearch {
 public:
  ChangeSearch(Io& io, Attempt& attempt) : io_(io), attempt_(attempt) {}

  asio::awaitable<void> search(GitRepository& repository, std::string prefix, int depth) {
    std::vector<std::string> arguments{"status",       "--porcelain=v1",
                                       "-z",           "--untracked-files=no",
                                       "--no-renames", "--ignore-submodules=dirty"};
    const std::string output = co_await ask(repository, std::move(arguments), 4 << 20);
    std::vector<std::string> maybe;  // changed in the work tree alone
    for (const std::string& entry : split_at_nul(output)) {
      constexpr std::size_t letters = 3;  // "MM path"
      if (entry.size() <= letters) continue;
      if (entry.starts_with(" M")) {
        maybe.push_back(entry.substr(letters));
      } else {
        found.changes.push_back(letters_of(entry) + prefix + entry.substr(letters));
      }
    }
    if (!repository.filters().empty() && !maybe.empty()) co_await drop_untouched(repository, maybe);
    for (const std::string& path : maybe) found.changes.push_back("M " + prefix + path);
    co_await search_submodules(repository, prefix, depth);
  }

  GitChanges found;

 private:
  asio::awaitable<std::string> ask(GitRepository& repository, std::vector<std::string> arguments,
                                   std::size_t most) {
    const std::string name = "git " + arguments.front();
    auto asking = repository.git(std::move(arguments), attempt_, most);
    ProgramEnd end = co_await std::move(asking);
    if (end.exit_status != 0) throw IoError(Reason::error, name + ": " + repository.why(end));
    co_return std::move(end.output);
  }

  // Removes the files that have a filter and are as they were at their checkout. Without the filter
  // git finds their content changed: it compares what the filter made with what it was made of.
  asio::awaitable<void> drop_untouched(GitRepository& repository, std::vector<std::string>& paths) {
    std::vector<std::string> filtered;
    for (std::size_t i = 0; i < paths.size(); i += most_arguments) {
      const std::vector<std::string> part = slice(paths, i);
      std::vector<std::string> arguments{"check-attr", "-z", "filter", "--"};
      for (const std::string& path : part) arguments.push_back(repository.top() + "/" + path);
      const std::string output = co_await ask(repository, std::move(arguments), 4 << 20);
      const std::vector<std::string> words = split_at_nul(output);
      for (std::size_t word = 0; word + 2 < words.size(); word += 3) {
        if (repository.filters().contains(words[word + 2]))
          filtered.push_back(words[word].substr(repository.top().size() + 1));
      }
    }
    const std::size_t all = filtered.size();
    std::set<std::string> untouched;
    for (std::size_t i = 0; i < all; i += most_arguments) {
      std::vector<std::string> part = slice(filtered, i);
      auto comparing = find_untouched(repository, std::move(part));
      std::set<std::string> found_here = co_await std::move(comparing);
      untouched.merge(found_here);
    }
    std::erase_if(paths, [&untouched](const auto& path) { return untouched.contains(path); });
    found.has_filtered = found.has_filtered || untouched.size() < all;
  }

  asio::awaitable<std::set<std::string>> find_untouched(GitRepository& repository,
                                                        std::vector<std::string> paths) {
    std::vector<std::string> arguments{"ls-files", "--debug", "-z", "--full-name", "--"};
    for (const std::string& path : paths) arguments.push_back(":(top,literal)" + path);
    const std::string output = co_await ask(repository, std::move(arguments), 4 << 20);
    auto compare = [top = repository.top(), marks = parse_git_marks(output)] {
      return untouched_of(top, marks);
    };
    auto comparing = offload(io_.pool, std::move(compare));
    co_return co_await std::move(comparing);
  }

  static std::vector<std::string> slice(const std::vector<std::string>& all, std::size_t from) {
    const std::size_t to = std::min(all.size(), from + most_arguments);
    return {all.begin() + static_cast<std::ptrdiff_t>(from),
            all.begin() + static_cast<std::ptrdiff_t>(to)};
  }

  // git would run itself in each of them, with that one's own configuration.
  asio::awaitable<void> search_submodules(GitRepository& repository, std::string prefix,
                                          int depth) {
    std::vector<std::string> arguments{"ls-files", "--stage", "-z", "--full-name", "--", ":/"};
    const std::string output = co_await ask(repository, std::move(arguments), largest_index);
    std::vector<std::string> paths = submodules_of(output);
    if (paths.empty()) co_return;
    auto pick = [top = repository.top(), paths = std::move(paths)] {
      return repositories_of(top, paths);
    };
    auto picking = offload(io_.pool, std::move(pick));
    const std::vector<std::string> submodules = co_await std::move(picking);
    for (const std::string& path : submodules) {
      if (++searched_ > most_submodules || depth >= most_depth)
        throw IoError(Reason::threshold,
                      "more submodules than the 200, or deeper than the 5 levels, "
                      "that are searched for changes");
      auto opening = GitRepository::open(repository.top() + "/" + path, io_, attempt_);
      const std::unique_ptr<GitRepository> submodule = co_await std::move(opening);
      auto searching = search(*submodule, prefix + path + "/", depth + 1);
      co_await std::move(searching);
    }
  }

  Io& io_;
  Attempt& attempt_;
  std::size_t searched_ = 0;
};

}  // namespace

asio::awaitable<GitChanges> find_git_changes(GitRepository& repository, Io& io, Attempt& attempt) {
  ChangeSearch search(io, attempt);
  std::string nothing;
  auto searching = search.search(repository, std::move(nothing), 0);
  co_await std::move(searching);
  co_return std::move(search.found);
}

}  // namespace gonogo
