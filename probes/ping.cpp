#include "probes/ping.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/settings.h"
#include "daemon/io/conn.h"
#include "daemon/io/each_address.h"
#include "daemon/io/echo_socket.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct PingSettings {
  HostPort host;
  int family = 0;  // 4, 6, or 0: whatever the host has
  int count = 3;
  Duration interval{};
  double max_loss_percent = 0;
  std::optional<double> warn_loss_percent;
  std::optional<Duration> max_round_trip;
  std::optional<Duration> warn_round_trip;
  std::size_t payload = 56;
};

class PingProbe : public Probe {
 public:
  PingProbe(PingSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    auto finding = endpoints_of(settings_.host, resources_, attempt);
    std::vector<Endpoint> endpoints = co_await std::move(finding);
    keep_family(endpoints);
    attempt.enter(Stage::request);
    EachAddress<Echoes> each(std::move(endpoints), [this](Endpoint endpoint, SteadyTime deadline) {
      return send_echoes(address_of(endpoint), deadline);
    });
    each.good_enough = [](const Echoes& echoes) { return !echoes.round_trips.empty(); };
    auto sending = first_answer(std::move(each), resources_, attempt);
    const Echoes echoes = co_await std::move(sending);
    attempt.enter(Stage::judge);
    co_return judge(echoes.address, echoes.round_trips);
  }

 private:
  // What one address answered.
  struct Echoes {
    std::string address;
    std::vector<Duration> round_trips;
  };

  asio::awaitable<Echoes> send_echoes(asio::ip::address address, SteadyTime deadline) {
    EchoSocket socket(resources_.loop, address);
    Echoes echoes;
    echoes.address = address.to_string();
    // Each echo gets its share of the time; a tenth is left for the judgement.
    const SteadyTime began = resources_.clock.now();
    const Duration budget = (deadline - began) * 9 / 10;
    for (int i = 0; i < settings_.count; ++i) {
      const auto sequence = static_cast<std::uint16_t>(i + 1);
      const SteadyTime sent = resources_.clock.now();
      const SteadyTime latest = began + budget * (i + 1) / settings_.count;
      socket.send(sequence, settings_.payload);
      const bool is_answered = co_await socket.is_answered(sequence, resources_.clock, latest);
      if (is_answered) echoes.round_trips.push_back(resources_.clock.now() - sent);
      const SteadyTime next = std::min(sent + settings_.interval, latest);
      if (i + 1 < settings_.count) co_await socket.wait_until(resources_.clock, next);
    }
    co_return echoes;
  }

  void keep_family(std::vector<Endpoint>& endpoints) const {
    if (settings_.family == 0) return;
    std::erase_if(endpoints, [this](const Endpoint& endpoint) {
      return address_of(endpoint).is_v6() != (settings_.family == 6);
    });
    if (!endpoints.empty()) return;
    throw RunEnded(Finding::fail(Reason::dns, settings_.host.host + " has no IPv" +
                                                  std::to_string(settings_.family) + " address"));
  }

  Finding judge(const std::string& address, const std::vector<Duration>& round_trips) const {
    const double loss =
        100.0 * (settings_.count - static_cast<double>(round_trips.size())) / settings_.count;
    Duration worst{};
    Duration sum{};
    for (const Duration trip : round_trips) {
      worst = std::max(worst, trip);
      sum += trip;
    }
    const std::string lost = std::to_string(round_trips.size()) + " of " +
                             counted(settings_.count, "echo", "echoes") + " answered by " + address;
    const std::string slow = "echoes took up to " + to_words(worst);
    Finding finding = Finding::pass(lost + ", " + slow);
    if (loss > settings_.max_loss_percent) {
      finding = Finding::fail(
          round_trips.empty() ? Reason::timeout : Reason::threshold,
          lost + ", wanted at most " + number_in_words(settings_.max_loss_percent) + "% lost");
    } else if (settings_.max_round_trip && worst > *settings_.max_round_trip) {
      finding = Finding::fail(Reason::threshold,
                              slow + ", wanted at most " + to_words(*settings_.max_round_trip));
    } else if (settings_.warn_loss_percent && loss > *settings_.warn_loss_percent) {
      finding = Finding::warn(
          Reason::threshold,
          lost + ", a warning above " + number_in_words(*settings_.warn_loss_percent) + "% lost");
    } else if (settings_.warn_round_trip && worst > *settings_.warn_round_trip) {
      finding = Finding::warn(Reason::threshold,
                              slow + ", a warning above " + to_words(*settings_.warn_round_trip));
    }
    finding.measure("loss_percent", loss, "percent");
    if (!round_trips.empty()) {
      finding.measure("round_trip", in_seconds(sum) / static_cast<double>(round_trips.size()),
                      "seconds");
      finding.measure("round_trip_worst", in_seconds(worst), "seconds");
    }
    return finding;
  }

  PingSettings settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_ping(Settings& settings, Resources& resources) {
  PingSettings ping;
  const std::string host = settings.required_text("host", "192.0.2.1");
  // Echoes have no port; 1 is only given because the parser of addresses needs one.
  auto target = parse_target(host.find(':') != std::string::npos &&
                                     !host.starts_with("docker://") && !host.starts_with('[')
                                 ? "[" + host + "]"
                                 : host,
                             1);
  if (!target || target->via == HostPort::Via::unix_socket) {
    if (!host.empty())
      settings.complain_at(
          "host", in_quotes(host) +
                      " is no host (such as example.org, 192.0.2.1, docker://PROJECT/SERVICE)");
    target = HostPort{"127.0.0.1", 1};
  }
  ping.host = *target;
  ping.family = static_cast<int>(settings.integer("family", 4, 6).value_or(0));
  if (ping.family == 5) settings.complain_at("family", "is no IP version (4 or 6)");
  ping.count = static_cast<int>(settings.integer("count", 1, 100).value_or(3));
  ping.interval = settings.duration("interval").value_or(std::chrono::milliseconds{200});
  ping.max_loss_percent = settings.number("max_loss_percent", 0, 100).value_or(0);
  ping.warn_loss_percent = settings.number("warn_loss_percent", 0, 100);
  ping.max_round_trip = settings.duration("max_round_trip");
  ping.warn_round_trip = settings.duration("warn_round_trip");
  ping.payload = static_cast<std::size_t>(settings.integer("payload", 0, 1400).value_or(56));
  settings.finish();
  if (ping.max_loss_percent >= 100)
    settings.complain_at("max_loss_percent",
                         "accepts that every echo is lost (give less than 100)");
  return std::make_unique<PingProbe>(std::move(ping), resources);
}

}  // namespace gonogo
