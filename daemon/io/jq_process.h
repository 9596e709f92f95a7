// Runs jq in a process of its own, whose memory and time are bounded: what an expression does there
// harms nobody else.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/formats/jq_messages.h"

namespace gonogo {

struct Io;
class Attempt;

// Texts in `texts`; each of them is shared, because it may be large.
struct JqJob {
  std::vector<std::string> expressions;
  std::vector<std::string> texts;
  bool asks_truth = false;
};

// Runs the job in a new process, which is killed shortly before the deadline of `attempt`. A few
// run at once, others wait in line. Throws IoError: timeout or json when an expression needs more
// time or memory than it may have, crashes jq or gives too much; prober (it cannot judge) when the
// process could not be started, was killed by another, or waited too long in line.
boost::asio::awaitable<JqReply> run_in_jq_process(JqJob job, Io& io, Attempt& attempt);

// Why `expression` is no jq expression; empty when it is one. Blocks, for ten seconds at most: only
// for loading.
std::string jq_compile_problem(const std::string& expression);

}  // namespace gonogo
