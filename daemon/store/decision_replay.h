// What was decided, rebuilt from the audit alone: the tables beside it are only a convenience.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/board.h"
#include "daemon/core/deployment.h"
#include "daemon/core/signoff.h"
#include "daemon/store/audit_chain.h"
#include "daemon/store/sqlite.h"

namespace gonogo {

struct Decisions {
  std::vector<Signoff> signoffs;
  std::vector<Waiver> waivers;
  std::string release;
  std::optional<Deployment> deployment;  // the last one
  std::string configuration;             // digest of the configuration that was in force last
  SignoffEnds signoff_ends;              // its rules for sign-offs
  std::int64_t release_seq = 0;          // of the entry that says which release it is
};

// Takes the entries of an audit one after the other. Entries of a kind it does not know, and bodies
// that say nothing, decide nothing.
class DecisionReplay {
 public:
  void take(const AuditEntry& entry);

  const std::vector<Signoff>& signoffs() const { return signoffs_; }
  const std::vector<Waiver>& waivers() const { return waivers_; }
  // With the last deployment as the audit has it: how far its watch is, only the table says.
  Decisions decisions() const;

  // The first entry that what is in force still needs; `oldest`: a waiver that ended before it is
  // not needed. Nothing when no entry is.
  std::optional<std::int64_t> first_needed(WallTime oldest) const;

  // The records that deployments have to have, of those that have another or none.
  std::map<std::int64_t, std::string> wrong_deployments(const SqliteDatabase& database) const;

  // What the tables beside the audit say differently, one line each; at most a few lines.
  std::vector<std::string> differences(const SqliteDatabase& database) const;

 private:
  struct Deploy {
    std::string begun;  // the body of its entry
    std::string ended;  // that of its end; empty while it is watched
  };

  using Deploys = std::map<std::int64_t, Deploy>;  // by the number of their entry

  Deploys::const_iterator last_deploy() const;
  void take_signoff(const AuditEntry& entry);
  void take_waiver(const AuditEntry& entry);
  std::vector<std::string> expected_rows() const;

  std::vector<Signoff> signoffs_;
  std::vector<Waiver> waivers_;
  Deploys deploys_;
  std::string release_;
  std::int64_t release_seq_ = 0;
  std::string configuration_;
  std::int64_t configuration_seq_ = 0;
  SignoffEnds signoff_ends_;
};

// The body of the entry of a sign-off, of a release, and of a configuration that comes into force.
std::string to_json(const Signoff& signoff);
std::string release_body(const std::string& release);
std::string configuration_to_json(const std::string& digest, const SignoffEnds& ends);

// Converts a deployment to JSON and back; the result is empty when the text is no such record.
std::string to_json(const Deployment& deployment);
std::optional<Deployment> deployment_from_json(const std::string& text);

}  // namespace gonogo
