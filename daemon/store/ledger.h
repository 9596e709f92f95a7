// What people decided, in SQLite: the audit, and beside it the tables in which each decision can be
// found. Each write is one transaction and on disk when it returns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/deployment.h"
#include "daemon/core/signoff.h"
#include "daemon/store/audit_chain.h"
#include "daemon/store/sqlite.h"

namespace gonogo {

// A decision to be written. `what` is one of "signoff", "signoff-withdrawn", "signoff-ended",
// "waiver", "waiver-ended", "release", "deployment", "deployment-ended", "configuration", "hook".
struct Deed {
  std::string what;
  std::string who;
  WallTime at{};
  std::string body;  // a JSON object
};

struct Decisions {
  std::vector<Signoff> signoffs;
  std::vector<Waiver> waivers;
  std::string release;
  std::optional<Deployment> deployment;  // the last
  std::string configuration;             // digest of the last that was in force
};

class Ledger {
 public:
  // Makes the tables, reads the key beside the database and holds the whole audit against itself.
  // Throws SqliteError.
  Ledger(SqliteDatabase& database, const std::string& path);

  // Why nothing can be decided, and nothing that is stored counts: the audit does not hold.
  const std::string& problem() const { return problem_; }

  // Only decisions that the audit confirms word for word.
  Decisions load() const;

  // Throws SqliteError; then nothing of it is written.
  AuditHead write(const Deed& deed);
  void save_progress(const Deployment& deployment);

  // Deletes audit entries from before `oldest`, down to the first that a stored decision still
  // rests on, and signs where the chain begins from then on.
  void prune(WallTime oldest);

  // JSON for who asks.
  std::string page(std::int64_t after, std::int64_t limit) const;
  std::string deployments(std::int64_t limit) const;

 private:
  std::string verify();

  SqliteDatabase& database_;
  std::unique_ptr<AuditKey> key_;
  AuditHead head_;
  std::string problem_;
};

// Entries after `after`, at most `limit`, with where the audit begins and ends, as JSON: of any
// database, without judging it.
std::string audit_page(const SqliteDatabase& database, std::int64_t after, std::int64_t limit);

// A deployment as JSON, and back; nothing when the text is no such record.
std::string to_json(const Deployment& deployment);
std::optional<Deployment> deployment_from_json(const std::string& text);

}  // namespace gonogo
