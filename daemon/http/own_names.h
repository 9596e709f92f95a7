// The host names of this host, without asking a name server: one that is dead would hold up the
// start, and one that lies would decide who may ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// The host name, its canonical name in the hosts file (what `hostname -f` prints), and the host
// name below each search domain; all in lower case. `hosts` and `resolv_conf` are the texts of
// /etc/hosts and /etc/resolv.conf.
std::vector<std::string> own_names(std::string_view host_name, std::string_view hosts,
                                   std::string_view resolv_conf);

// Of this host. Blocks on files.
std::vector<std::string> names_of_this_host();

}  // namespace gonogo
