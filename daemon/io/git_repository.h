// Runs the git program on a repository that nobody trusts.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/formats/redactor.h"
#include "daemon/io/subprocess.h"

namespace gonogo {

// A repository's configuration may name programs: filters, helpers, a file system monitor, the
// other side of a remote, and what the next version of git adds. So git is given another one, made
// of those settings alone that are known to be harmless: it never reads the repository's own while
// it does anything but list it. Hooks, remote helpers and the fetching of missing objects are off.
class GitRepository {
 public:
  // The one that `path` is in. Throws IoError (missing).
  static boost::asio::awaitable<std::unique_ptr<GitRepository>> open(std::string path, Io& io,
                                                                     Attempt& attempt);
  ~GitRepository();
  GitRepository(const GitRepository&) = delete;
  GitRepository& operator=(const GitRepository&) = delete;

  // Run in `path`.
  boost::asio::awaitable<ProgramEnd> git(std::vector<std::string> arguments, Attempt& attempt,
                                         std::size_t most_output = 4 << 20);

  const std::string& path() const { return path_; }
  // The folder that paths are relative to in what git prints; empty: there is no work tree.
  const std::string& top() const { return top_; }
  // Those filters of the repository's own configuration that are not run.
  const std::set<std::string>& filters() const { return filters_; }

  // "exit status 128, fatal: ...", without the passwords that the configuration holds.
  std::string why(const ProgramEnd& end) const;

 private:
  GitRepository(std::string path, Io& io);
  boost::asio::awaitable<std::string> list(std::vector<std::string> arguments, Attempt& attempt);
  Program program(std::vector<std::string> arguments) const;
  boost::asio::awaitable<void> find_places(Attempt& attempt);

  std::string path_;
  Io& io_;
  std::string own_folder_;     // the repository's, of this work tree alone
  std::string shared_folder_;  // of all its work trees
  std::string top_;
  std::string stand_in_;  // ours: shared_folder_ with another configuration
  std::set<std::string> filters_;
  // Not for other checks: a repository that nobody trusts must not choose which words they show.
  Redactor secrets_;
};

}  // namespace gonogo
