#include "probes/prober.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "daemon/io/dns_channel.h"
#include "daemon/io/echo_socket.h"
#include "daemon/io/parts.h"
#include "daemon/io/resolve.h"
#include "daemon/io/waiter.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

// Two tries have to be over within two seconds: a failure waits no longer for its sentinel.
constexpr Duration longest_try = 700ms;
constexpr int tries = 2;
// A write takes this long on a slow disk, too.
constexpr Duration longest_write = 10s;
constexpr Duration pool_impaired_for = 30s;

SentinelReading reading(Sentinel sentinel, Health health = Health::good, std::string words = {}) {
  return {sentinel, health, std::move(words)};
}

asio::awaitable<void> pause_until(SteadyTime when, Io& io) {
  auto waiter = std::make_shared<Waiter>();
  const Timer end = io.clock.call_at(when, [waiter] { waiter->resume({}); });
  auto begin = [] {};
  auto cancelled = [waiter, &io] {
    asio::post(io.loop, [waiter] { waiter->resume(asio::error::operation_aborted); });
  };
  auto waiting = wait_for(waiter, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
}

SentinelReading scheduler(const SentinelRules& rules, const ProberHealth& health) {
  if (health.lateness <= rules.max_lateness) return reading(Sentinel::scheduler);
  return reading(Sentinel::scheduler, Health::fail,
                 "runs begin up to " + to_words(health.lateness) + " late, wanted at most " +
                     to_words(rules.max_lateness));
}

SentinelReading descriptors(const ProberHealth& health) {
  const bool has_few =
      health.descriptors_most > 0 && health.descriptors_open * 10 >= health.descriptors_most * 9;
  if (!has_few) return reading(Sentinel::descriptors);
  return reading(Sentinel::descriptors, Health::fail,
                 std::to_string(health.descriptors_open) + " of " +
                     std::to_string(health.descriptors_most) +
                     " descriptors in use, wanted at most 90%");
}

SentinelReading pool(const ProberHealth& health) {
  if (health.job_expired && *health.job_expired < pool_impaired_for)
    return reading(Sentinel::pool, Health::fail,
                   "a run found no free worker within its timeout, " +
                       to_words(*health.job_expired) + " ago; " +
                       counted(health.workers_stuck, "worker") + " of " +
                       std::to_string(health.workers_most) + " hang in earlier runs");
  if (health.workers_most > 0 && health.workers_stuck >= health.workers_most)
    return reading(Sentinel::pool, Health::fail,
                   "all " + counted(health.workers_most, "worker") + " hang in earlier runs");
  if (health.workers_stuck == 0) return reading(Sentinel::pool);
  return reading(Sentinel::pool, Health::warn,
                 counted(health.workers_stuck, "worker") +
                     (health.workers_stuck == 1 ? " hangs" : " hang") + " in earlier runs");
}

SentinelReading store(const ProberHealth& health) {
  if (!health.store_was_lost.empty())
    return reading(Sentinel::store, Health::fail,
                   "it is not known what was decided and why checks were held before: " +
                       health.store_was_lost);
  std::string words;
  if (!health.store_problem.empty()) {
    words = "results are not saved: " + health.store_problem;
  } else if (health.unsaved_for > longest_write) {
    words = "results are not saved: the disk has not answered";
  }
  if (words.empty() && health.store_was_changed)
    return reading(Sentinel::store, Health::warn,
                   "somebody changed the store beside its audit, which counts (gonogo audit verify "
                   "says what)");
  if (words.empty()) return reading(Sentinel::store);
  words += ", for " + to_words(health.unsaved_for);
  if (health.unsaved_for < health.max_unsaved) return reading(Sentinel::store, Health::warn, words);
  return reading(Sentinel::store, Health::fail,
                 words + ", wanted at most " + to_words(health.max_unsaved));
}

class ProberProbe : public Probe {
 public:
  ProberProbe(SentinelRules rules, Resources& resources)
      : rules_(std::move(rules)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::request);
    std::vector<Part<SentinelReading>> parts;
    std::vector<Sentinel> asked;
    if (rules_.resolver && resources_.health().names_needed_by != NeededBy::none) {
      asked.push_back(Sentinel::resolver);
      parts.emplace_back([this](Attempt& part) { return ask_name_servers(part); });
    }
    if (!rules_.gateway.empty()) {
      asked.push_back(Sentinel::route);
      parts.emplace_back([this](Attempt& part) { return ask_gateway(part); });
    }
    auto asking = run_parts<SentinelReading>(resources_, attempt.deadline(), std::move(parts));
    const std::vector<PartResult<SentinelReading>> answers = co_await std::move(asking);

    attempt.enter(Stage::judge);
    const ProberHealth health = resources_.health();
    std::vector<SentinelReading> readings = readings_of(rules_, health);
    for (std::size_t i = 0; i < answers.size(); ++i)
      readings.push_back(reading_of(asked[i], answers[i]));
    co_return prober_finding(readings, health);
  }

 private:
  // A sentinel that could not be asked, because this daemon lacks something, is only a warning.
  static SentinelReading reading_of(Sentinel sentinel, const PartResult<SentinelReading>& part) {
    if (part.answer) return *part.answer;
    const Finding why = finding_of(part.error, part.stage);
    const bool could_ask = why.outcome != Outcome::unknown;
    return reading(sentinel, could_ask ? Health::fail : Health::warn,
                   std::string(name_of(sentinel)) + ": " + why.summary);
  }

  // Any answer counts, also that the server refuses to answer.
  asio::awaitable<bool> has_answer(std::string server) {
    DnsOptions options;
    options.servers.push_back(std::move(server));
    options.as_it_is = true;
    DnsChannel channel(resources_.loop.get_executor(), options);
    constexpr int name_servers = 2;  // the type NS
    const std::string root = ".";
    auto asking = channel.reply_to(root, name_servers);
    const std::string reply = co_await std::move(asking);
    co_return !reply.empty();
  }

  asio::awaitable<SentinelReading> ask_name_servers(Attempt&) {
    const std::vector<std::string> servers = resources_.resolver.asked_servers();
    for (int i = 0; i < tries; ++i) {
      std::vector<Part<bool>> parts;
      for (const std::string& server : servers)
        parts.emplace_back([this, server](Attempt&) { return has_answer(server); });
      const SteadyTime latest = resources_.clock.now() + longest_try;
      auto asking = run_parts<bool>(resources_, latest, std::move(parts));
      const std::vector<PartResult<bool>> answers = co_await std::move(asking);
      const bool is_any = std::any_of(answers.begin(), answers.end(),
                                      [](const auto& part) { return part.answer.value_or(false); });
      if (is_any) co_return reading(Sentinel::resolver);
      // A server that is restarted refuses at once.
      if (i + 1 == tries) break;
      auto pausing = pause_until(latest, resources_);
      co_await std::move(pausing);
    }
    const std::string which =
        servers.empty() ? "there is no name server"
                        : "no name server answers (asked " + joined(servers) + ", twice within 2s)";
    co_return reading(Sentinel::resolver, Health::fail, which);
  }

  asio::awaitable<SentinelReading> ask_gateway(Attempt&) {
    EchoSocket socket(resources_.loop, asio::ip::make_address(rules_.gateway));
    for (std::uint16_t i = 1; i <= tries; ++i) {
      constexpr std::size_t payload = 8;
      socket.send(i, payload);
      const SteadyTime latest = resources_.clock.now() + longest_try;
      auto waiting = socket.is_answered(i, resources_.clock, latest);
      const bool is_answered = co_await std::move(waiting);
      if (is_answered) co_return reading(Sentinel::route);
    }
    const std::string words = "the gateway " + rules_.gateway + " answers no echo (asked twice)";
    co_return reading(Sentinel::route, Health::fail, words);
  }

  SentinelRules rules_;
  Resources& resources_;
};

}  // namespace

SentinelRules read_sentinels(Settings& settings) {
  SentinelRules rules;
  rules.max_lateness = settings.duration("max_lateness").value_or(rules.max_lateness);
  rules.gateway = settings.text_or("gateway", "");
  boost::system::error_code not_an_address;
  if (!rules.gateway.empty()) asio::ip::make_address(rules.gateway, not_an_address);
  if (not_an_address)
    settings.complain_at("gateway",
                         in_quotes(rules.gateway) + " is no IP address (such as 192.0.2.1)");
  Settings on = settings.section("sentinels");
  rules.pool = on.flag_or("pool", true);
  rules.clock = on.flag_or("clock", true);
  rules.resolver = on.flag_or("resolver", true);
  rules.store = on.flag_or("store", true);
  on.finish();
  settings.finish();
  return rules;
}

std::vector<SentinelReading> readings_of(const SentinelRules& rules, const ProberHealth& health) {
  std::vector<SentinelReading> readings{scheduler(rules, health), descriptors(health)};
  if (rules.pool) readings.push_back(pool(health));
  if (rules.clock)
    readings.push_back(reading(Sentinel::clock,
                               health.clock_words.empty() ? Health::good : Health::warn,
                               health.clock_words));
  if (rules.store) readings.push_back(store(health));
  return readings;
}

Finding prober_finding(const std::vector<SentinelReading>& readings, const ProberHealth& health) {
  Health worst = Health::good;
  std::string words;
  Finding finding = Finding::pass("on time, at most " + to_words(health.lateness) + " late");
  for (const SentinelReading& one : readings) {
    finding.measure(std::string(name_of(one.sentinel)), static_cast<double>(one.health), "count");
    if (one.health == Health::good) continue;
    words += (words.empty() ? "" : "; ") + one.words;
    // Where no blocker needs a name, that none can be resolved blocks nothing.
    const bool only_warns =
        one.sentinel == Sentinel::resolver && health.names_needed_by != NeededBy::blocker;
    worst = std::max(worst, only_warns ? Health::warn : one.health);
  }
  if (worst != Health::good) {
    finding.outcome = worst == Health::fail ? Outcome::fail : Outcome::warn;
    finding.reason = Reason::prober;
    finding.summary = words;
  }
  finding.measure("lateness", in_seconds(health.lateness), "seconds");
  finding.measure("workers_stuck", static_cast<double>(health.workers_stuck), "count");
  finding.measure("descriptors_open", static_cast<double>(health.descriptors_open), "count");
  return finding;
}

std::unique_ptr<Probe> make_prober(SentinelRules rules, Resources& resources) {
  return std::make_unique<ProberProbe>(std::move(rules), resources);
}

std::unique_ptr<Probe> make_prober(Settings& settings, Resources& resources) {
  return make_prober(read_sentinels(settings), resources);
}

}  // namespace gonogo
