// What the options of all verbs are read into.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "daemon/cli/verbs.h"
#include "daemon/core/units.h"

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
  std::string daemon_timeout = "10s";
  std::string wait_for = "go";
  std::string hold = "0";
  std::string wait_timeout = "10m";
  std::string check_timeout = "2m";
  int exit_code = 0;
};

inline Duration duration_of(const std::string& text) {
  return parse_duration(text).value_or(Duration::zero());
}

// Refuses what is no duration.
const CLI::Validator& is_duration();

void add_config(CLI::App& verb, Parsed& parsed);  // --config
void add_daemon(CLI::App& verb, Parsed& parsed);  // --config, --url, --token-file
void add_list(CLI::App& verb, Parsed& parsed);    // --list, --output

// sign, waive, deploy, history, audit, report.
void add_decisions(CLI::App& app, Parsed& parsed);

}  // namespace gonogo
