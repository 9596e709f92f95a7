// Why a check is not good: the bounded set of codes that documents, metrics and scripts rely on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gonogo {

enum class Reason : std::uint8_t {
  none,
  dns,      // the name has no address, or no name server answered
  connect,  // refused, unreachable, reset before anything was said
  tls,      // the handshake failed for another cause than the certificate
  cert_expired,
  cert_not_yet_valid,
  cert_name,       // the certificate is for other names
  cert_untrusted,  // the chain ends at a root that is not trusted
  cert_self_signed,
  cert_incomplete,  // the issuer of the only certificate sent is neither sent nor trusted
  timeout,          // no answer by the deadline
  status,           // the answer's status code (HTTP, SMTP, ...)
  header,
  body,
  json,
  redirect,
  protocol,   // the other side spoke something else
  threshold,  // a number is out of its bounds
  missing,
  type,     // a thing of another type than wanted (a FIFO where a file belongs)
  content,  // a file or row holds something else than wanted
  permission,
  stale_data,  // what was found is too old (a marker, a heartbeat, a file)
  future,      // what was found is dated in the future
  reported,    // the job itself reported its failure
  failures,    // too many failures in a row, counted by the job itself
  database,    // the database refused or failed the statement
  auth,        // credentials were refused
  secret,      // a secret that the check needs is not there, or cannot be used
  error,       // anything else, see the summary
  never_run,
  stale,  // the last result is too old to trust
  unsigned_off,
  signoff_expired,
  blocked_by,
  composite,  // the members do not add up
  flapping,
  frozen,
  prober,  // this daemon could not find out
};

inline constexpr std::array<std::string_view, 39> reason_names{"none",
                                                               "dns",
                                                               "connect",
                                                               "tls",
                                                               "cert_expired",
                                                               "cert_not_yet_valid",
                                                               "cert_name",
                                                               "cert_untrusted",
                                                               "cert_self_signed",
                                                               "cert_incomplete",
                                                               "timeout",
                                                               "status",
                                                               "header",
                                                               "body",
                                                               "json",
                                                               "redirect",
                                                               "protocol",
                                                               "threshold",
                                                               "missing",
                                                               "type",
                                                               "content",
                                                               "permission",
                                                               "stale_data",
                                                               "future",
                                                               "reported",
                                                               "failures",
                                                               "database",
                                                               "auth",
                                                               "secret",
                                                               "error",
                                                               "never_run",
                                                               "stale",
                                                               "unsigned",
                                                               "signoff_expired",
                                                               "blocked_by",
                                                               "composite",
                                                               "flapping",
                                                               "frozen",
                                                               "prober"};
static_assert(reason_names.size() == static_cast<std::size_t>(Reason::prober) + 1);

constexpr std::string_view name_of(Reason reason) {
  return reason_names.at(static_cast<std::size_t>(reason));
}

constexpr std::optional<Reason> reason_named(std::string_view name) {
  for (std::size_t i = 0; i < reason_names.size(); ++i) {
    if (reason_names.at(i) == name) return static_cast<Reason>(i);
  }
  return std::nullopt;
}

}  // namespace gonogo
