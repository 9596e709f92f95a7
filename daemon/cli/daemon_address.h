// Where the verbs find the daemon, and whom they take for it.
#pragma once

#include <string>

#include "daemon/cli/verbs.h"

namespace gonogo {

struct DaemonAddress {
  std::string url;      // or "unix:/path"
  bool is_tls = false;  // also of a UNIX socket
  // The certificate that the daemon's own configuration names. Who shows it, and so has its key, is
  // the daemon, whatever address and name led there; any other is verified like that of a server:
  // by its name, and by `--ca` or the system's authorities.
  std::string certificate_file;
  std::string certificate;  // or the certificate itself, in PEM
  // What to do if nobody answers there.
  std::string hint;
};

// `--url`, else the first configured listener. Whether TLS is spoken on a UNIX socket says the
// configuration that listens on it. The rest of the configuration may be unreadable for
// the user who asks. Blocks on files.
DaemonAddress find_daemon(const CommonOptions& common, const DaemonOptions& daemon);

}  // namespace gonogo
