// What each verb of the command line does, and with which options. Each returns its exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace gonogo {

inline constexpr int exit_go = 0;
inline constexpr int exit_no_go = 1;
inline constexpr int exit_no_answer = 2;
inline constexpr int exit_unproven = 3;
inline constexpr int exit_usage = 64;
inline constexpr int exit_bad_config = 78;

struct CommonOptions {
  std::string config = "/etc/gonogo/gonogo.yaml";
  Overrides overrides;
};

// How to reach a running daemon.
struct DaemonOptions {
  std::string url;  // empty: GONOGO_URL, else the configured listener
  std::string token_file;
  std::string ca;           // whom to trust; empty: see daemon_address.h
  std::string certificate;  // of the client, and its key
  std::string key;
  Duration timeout = std::chrono::seconds{10};
};

struct CheckOptions {
  std::vector<std::string> only;  // ids of checks or gates; none: all
  bool json = false;
  std::string junit;  // file to write
  bool at_daemon = false;
  bool no_retry = false;                       // each runs once, whatever `failures` says
  Duration timeout = std::chrono::minutes{2};  // for all results of the daemon
};

struct VerdictOptions {
  std::string gate;
  bool json = false;
  bool explain = false;
};

struct SignOptions {
  std::string check;
  std::string note;
  std::string release;
  std::string role;
  bool withdraw = false;
};

struct WaiveOptions {
  std::string check;
  std::string why;
  std::string lasts;
  std::string until;
  bool this_release = false;
  bool end = false;
};

struct DeployOptions {
  std::string version;
  std::string watch;
  std::string reason;
  bool force = false;
  bool wait = false;
  bool no_run = false;
};

struct HistoryOptions {
  std::string check;
  std::string since;  // a time, a duration ago, or "go"
  int limit = 200;
  bool json = false;
};

struct AuditOptions {
  std::string store;  // a database file; empty: the daemon's
  std::string key;    // the public key it must be signed with; empty: the one that is there
  std::string head;   // "SEQ:HASH" that the audit must still hold
  bool json = false;
};

struct ListOptions {
  std::string list;    // the Markdown checklist
  std::string output;  // empty: standard output
  bool html = false;
};

struct WaitOptions {
  std::string wanted = "go";  // or "no-go"
  Duration hold{};
  Duration timeout = std::chrono::minutes{10};
  Duration poll = std::chrono::seconds{1};
  std::string gate;
};

struct ConfigOptions {
  bool strict = false;  // a warning is an error
};

struct HelpOptions {
  std::vector<std::string> verb;  // its words; none: all verbs
  bool man = false;
  std::string completion;  // the shell; empty: none
};

int serve(const CommonOptions& common);
int check(const CommonOptions& common, const CheckOptions& options);
int check_at_daemon(const CommonOptions& common, const DaemonOptions& daemon,
                    const CheckOptions& options);
int verdict(const CommonOptions& common, const DaemonOptions& daemon,
            const VerdictOptions& options);
int wait(const CommonOptions& common, const DaemonOptions& daemon, const WaitOptions& options);
int sign(const CommonOptions& common, const DaemonOptions& daemon, const SignOptions& options);
int waive(const CommonOptions& common, const DaemonOptions& daemon, const WaiveOptions& options);
int deploy_announce(const CommonOptions& common, const DaemonOptions& daemon,
                    const DeployOptions& options);
int deploy_start(const CommonOptions& common, const DaemonOptions& daemon,
                 const DeployOptions& options);
int deploy_status(const CommonOptions& common, const DaemonOptions& daemon);
int history(const CommonOptions& common, const DaemonOptions& daemon,
            const HistoryOptions& options);
int audit_verify(const CommonOptions& common, const DaemonOptions& daemon,
                 const AuditOptions& options);
int audit_show(const CommonOptions& common, const DaemonOptions& daemon,
               const AuditOptions& options);
int report(const CommonOptions& common, const DaemonOptions& daemon, const ListOptions& options);
int config_import(const ListOptions& options);
int config_coverage(const CommonOptions& common, const ListOptions& options);
int config_check(const CommonOptions& common, const ConfigOptions& options);
int config_show(const CommonOptions& common);
int config_reload(const CommonOptions& common, const DaemonOptions& daemon);
int help(const HelpOptions& options);

}  // namespace gonogo
