// Takes people's decisions: checks them, writes them down, and only then puts them in force.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>

#include "daemon/config/config.h"
#include "daemon/decisions/decision_writer.h"
#include "daemon/decisions/deploy_watch.h"
#include "daemon/http/authentication.h"
#include "daemon/scheduling/live_board.h"
#include "daemon/store/store.h"

namespace gonogo {

struct SignRequest {
  std::string check;
  std::string role;  // empty: the one that is asked for
  std::string note;
  std::string release;  // empty: the one in force; else it has to be that one
};

struct WaiveRequest {
  std::string check;
  std::string why;
  std::optional<Duration> lasts;
  std::optional<WallTime> until;
  bool this_release = false;  // only for the release in force
};

struct DeployRequest {
  std::string version;
  std::optional<Duration> watch;
  bool force = false;
  std::string reason;
  // Checks that run only when asked and have no fresh result are run first, unless it is forced.
  bool run = true;
  // While they run: whether the caller still waits for the answer.
  std::function<bool()> is_waited_for = [] { return true; };
};

// Why not, as HTTP says it: 400 asked wrongly, 403 may not, 404 no such thing, 409 not as things
// stand, 503 could not be written down.
struct Refusal {
  int status = 400;
  std::string text;
};
// A JSON document of what was decided, with its place in the audit.
using Decided = tl::expected<std::string, Refusal>;
std::string document_of(nlohmann::json document, const AuditHead& head);

class DecisionDesk {
 public:
  DecisionDesk(Clock& clock, LiveBoard& board, DecisionWriter& writer, DeployWatch& watch)
      : clock_(clock), board_(board), writer_(writer), watch_(watch) {}

  // Once: `decided` is what was decided before this process.
  void open(const Decisions& decided, const Redactor& redactor);
  // A configuration is in force.
  void apply(const Config& config);

  // Each of these is on disk and in force when it comes back with a document. When it comes back
  // because the disk does not answer, it is in force as soon as it is on disk.
  boost::asio::awaitable<Decided> sign(Caller who, SignRequest request);
  boost::asio::awaitable<Decided> withdraw(Caller who, std::string check);
  boost::asio::awaitable<Decided> waive(Caller who, WaiveRequest request);
  boost::asio::awaitable<Decided> end_waiver(Caller who, std::string check);
  boost::asio::awaitable<Decided> announce(Caller who, std::string release);
  boost::asio::awaitable<Decided> deploy(Caller who, DeployRequest request);

  // The release as its source has it. Takes effect at once: what was bound to another lapses.
  void release_seen(const std::string& release);
  // Writes down which sign-offs and waivers have ended by themselves, so that they stay ended in a
  // later process, even if the clock is set back.
  void note_ended();

 private:
  using Written = tl::expected<AuditHead, Refusal>;
  boost::asio::awaitable<Written> write(Deed deed, DecisionWriter::Effect effect);
  std::optional<Refusal> objection_to_signing(const Caller& who, const SignRequest& request,
                                              const Check& check) const;
  std::optional<Refusal> objection_to_deploying(const DeployRequest& request) const;
  // decision_desk_deploys.cpp: how a deploy begins.
  boost::asio::awaitable<std::optional<Refusal>> run_first(const DeployRequest& request,
                                                           std::vector<std::string>& ran);
  std::optional<Refusal> objection_to_beginning(const DeployRequest& request) const;
  Snapshot verdict_for(const DeployRequest& request) const;
  tl::expected<Deployment, Refusal> planned(const Caller& who, const DeployRequest& request) const;
  std::string cleaned(const std::string& text) const;

  Clock& clock_;
  LiveBoard& board_;
  DecisionWriter& writer_;
  DeployWatch& watch_;
  const Redactor* redactor_ = nullptr;
  DeployingConfig config_;
  bool has_release_source_ = false;
  std::string configuration_;  // the last one's digest that the audit knows
  SignoffEnds signoff_ends_;   // its rules for sign-offs
  // Shared with the coroutine that begins a deploy, which may be destroyed after this.
  std::shared_ptr<bool> is_deploying_ = std::make_shared<bool>(false);
  std::set<std::int64_t> noted_ended_;
};

}  // namespace gonogo
