// The tracked files of a work tree that differ from HEAD.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

namespace gonogo {

class GitRepository;
struct Io;
class Attempt;

struct GitChanges {
  std::vector<std::string> changes;  // "M path", with the letters of git-status(1)
  bool has_filtered = false;         // one of them has a filter, so its content was not compared
};

// Those of its submodules too. A file with a filter of the repository's own counts as changed when
// its size or its times differ from those at its checkout: its filter is a program, and is not run.
// Throws IoError (error, threshold).
boost::asio::awaitable<GitChanges> find_git_changes(GitRepository& repository, Io& io,
                                                    Attempt& attempt);

}  // namespace gonogo
