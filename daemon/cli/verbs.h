// The verbs of the command line, one file each. Every one returns its exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace gonogo {

inline constexpr int exit_go = 0;
inline constexpr int exit_no_go = 1;
inline constexpr int exit_no_answer = 2;
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
  Duration timeout = std::chrono::seconds{10};
};

struct CheckOptions {
  std::vector<std::string> only;  // ids of checks or gates; none: all
  bool json = false;
  std::string junit;  // file to write
  bool at_daemon = false;
};

struct VerdictOptions {
  std::string gate;
  bool json = false;
};

struct WaitOptions {
  bool for_go = true;
  Duration hold{};
  Duration timeout = std::chrono::minutes{10};
  Duration poll = std::chrono::seconds{1};
  std::string gate;
};

int serve(const CommonOptions& common);
int check(const CommonOptions& common, const CheckOptions& options);
int check_at_daemon(const CommonOptions& common, const DaemonOptions& daemon,
                    const CheckOptions& options);
int verdict(const CommonOptions& common, const DaemonOptions& daemon,
            const VerdictOptions& options);
int wait(const CommonOptions& common, const DaemonOptions& daemon, const WaitOptions& options);
int config_check(const CommonOptions& common);
int config_show(const CommonOptions& common);
int config_reload(const CommonOptions& common, const DaemonOptions& daemon);

}  // namespace gonogo
