// Runs programs, without a shell and without trust.
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/time.h"

namespace gonogo {

struct Io;
class Attempt;

struct UserIdentity {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;  // all of them, `group` too
  std::string home;
};

// By name or number; nothing when this host does not know it. It blocks: only for reading the
// configuration.
std::optional<UserIdentity> find_user(const std::string& name);

struct Program {
  std::vector<std::string> argv;  // the first is searched in PATH of `environment` when it has no /
  std::vector<std::pair<std::string, std::string>> environment;  // all of it: nothing is inherited
  std::string folder = "/";
  std::optional<UserIdentity> user;          // this daemon's own when not set
  std::optional<Duration> cpu_limit;         // whole seconds count
  std::optional<std::int64_t> memory_limit;  // address space, bytes
  std::size_t most_output = 65'536;          // bytes, for each of its two outputs
  std::string input;
};

struct ProgramEnd {
  int exit_status = -1;  // -1: ended by `signal`
  int signal = 0;
  std::string output;
  std::string errors;
};

// PATH, LANG and HOME, which every program may expect.
std::vector<std::pair<std::string, std::string>> plain_environment();

// Runs it in a session of its own. Its whole process group is killed when it ends,
// when it writes more than `most_output` and when the run is abandoned. Throws IoError: threshold
// for too much output; missing, permission or another reason when it cannot be started.
boost::asio::awaitable<ProgramEnd> run_program(Program program, Io& io, Attempt& attempt);

// As run_program(), on the calling thread. Nothing when it has not ended within `longest`.
std::optional<ProgramEnd> run_program_and_block(Program program, Duration longest);

// "exit status 2", "ended by signal 9 (Killed)".
std::string in_words(const ProgramEnd& end);

}  // namespace gonogo
