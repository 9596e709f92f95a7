// Stores what people decided in SQLite: the audit, and tables of the decisions in force, which
// others may read. Only the audit counts. Each write
// is one transaction, and it is on disk when the call returns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/deployment.h"
#include "daemon/core/signoff.h"
#include "daemon/store/audit_chain.h"
#include "daemon/store/decision_replay.h"
#include "daemon/store/sqlite.h"

namespace gonogo {

// A decision, or its end, to be written. `what` is one of "signoff", "signoff-withdrawn",
// "signoff-ended", "waiver", "waiver-ended", "release", "deployment", "deployment-ended",
// "configuration", "hook".
struct Deed {
  std::string what;
  std::string who;
  WallTime at{};
  std::string body;  // a JSON object
};

class Ledger {
 public:
  // Makes the tables, reads the key from the file next to the database and verifies the whole
  // audit. Throws SqliteError.
  Ledger(SqliteDatabase& database, const std::string& path);

  // Why the audit cannot be trusted; empty when it can. Until it is repaired, nothing can be
  // decided and no stored decision counts.
  const std::string& problem() const { return problem_; }
  // Nothing will be written by this process: there is a problem, and an audit.
  bool is_closed() const { return !problem_.empty() && !is_empty_; }
  const AuditHead& head() const { return head_; }

  // What the tables beside the audit said differently when they were opened, one line each. The
  // audit counts. repair() records that in the audit and puts the tables right; throws SqliteError.
  const std::vector<std::string>& differences() const { return differences_; }
  void repair(WallTime now);

  // What was decided, from the audit alone.
  Decisions load() const;

  // Throws SqliteError; nothing is written then. An audit that is still empty gets its key here if
  // the key could not be written before, for example on a full disk.
  AuditHead write(const Deed& deed);
  void save_progress(const Deployment& deployment);

  // Deletes audit entries from before `oldest`, but none from the first one on that a decision in
  // force needs: what is kept suffices to rebuild all of them. A signed checkpoint records where
  // the chain begins from then on.
  void prune(WallTime oldest);

  // Returns answers of the API as JSON.
  std::string page(std::int64_t after, std::int64_t limit) const;
  std::string deployments(std::int64_t limit) const;

 private:
  void open_key();
  std::string verify();
  DecisionReplay replay() const;
  void compare_tables();
  void remake_tables();

  SqliteDatabase& database_;
  std::string key_path_;
  bool is_empty_ = false;  // nothing has ever been written into the audit
  std::unique_ptr<AuditKey> key_;
  AuditHead head_;
  std::string problem_;
  std::vector<std::string> differences_;
};

// Returns at most `limit` entries after `after`, and where the audit begins and ends, as JSON.
// Works on any database and verifies nothing.
std::string audit_page(const SqliteDatabase& database, std::int64_t after, std::int64_t limit);

// Whether the tables of the database can be compared with its audit: those of an older version
// followed from it by other rules.
bool tables_follow_audit(const SqliteDatabase& database);

}  // namespace gonogo
