// Asks a running daemon over its listener.
#pragma once

#include <optional>
#include <string>

#include "daemon/cli/verbs.h"

namespace gonogo {

struct DaemonAnswer {
  int status = 0;
  std::string body;
  // The detail of a problem document, else the body without its last line end.
  std::string detail() const;
  // A problem document, as the daemon gives it (RFC 9457).
  bool is_problem() const;
};

// `body` is JSON. Nothing, and why in `problem`, when there is no answer in time.
std::optional<DaemonAnswer> ask_daemon(const CommonOptions& common, const DaemonOptions& daemon,
                                       const std::string& method, const std::string& target,
                                       std::string& problem, const std::string& body = {});

// Sends a decision, prints what was decided and its place in the audit, and returns the exit code.
int send_to_daemon(const CommonOptions& common, const DaemonOptions& daemon,
                   const std::string& method, const std::string& target, const std::string& body);

}  // namespace gonogo
