// What the options of all verbs are read into.
#pragma once

#include <string>

#include "daemon/cli/verbs.h"

namespace gonogo {

struct Parsed {
  CommonOptions common;
  DaemonOptions daemon;
  CheckOptions check;
  VerdictOptions verdict;
  WaitOptions wait;
  SignOptions sign;
  WaiveOptions waive;
  DeployOptions deploy;
  HistoryOptions history;
  AuditOptions audit;
  ListOptions list;
  ConfigOptions config;
  HelpOptions help;
  int exit_code = 0;
};

}  // namespace gonogo
