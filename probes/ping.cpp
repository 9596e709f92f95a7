#include "probes/ping.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/settings.h"
#include "daemon/io/conn.h"
#include "daemon/io/each_address.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using Descriptor = asio::posix::stream_descriptor;

constexpr std::size_t header_size = 8;  // an echo's header, RFC 792 and RFC 4443
constexpr std::size_t largest_packet = 2048;

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

// The checksum of RFC 1071. The kernel fills it in for IPv6.
std::uint16_t checksum(std::string_view data) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < data.size(); i += 2) {
    const auto high = static_cast<unsigned char>(data[i]);
    const auto low = i + 1 < data.size() ? static_cast<unsigned char>(data[i + 1]) : 0;
    sum += static_cast<std::uint32_t>(high << 8 | low);
  }
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put16(std::string& packet, std::size_t at, std::uint16_t value) {
  packet[at] = static_cast<char>(value >> 8);
  packet[at + 1] = static_cast<char>(value & 0xFF);
}
std::uint16_t get16(std::string_view packet, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(packet[at]) << 8 |
                                    static_cast<unsigned char>(packet[at + 1]));
}

// A socket for echoes to one address: an unprivileged one where the kernel lets us
// (net.ipv4.ping_group_range, icmp(7)), else a raw one (CAP_NET_RAW).
class EchoSocket {
 public:
  EchoSocket(asio::io_context& loop, const asio::ip::address& address)
      : descriptor_(loop), is_v6_(address.is_v6()) {
    const int family = is_v6_ ? AF_INET6 : AF_INET;
    const int protocol = is_v6_ ? static_cast<int>(IPPROTO_ICMPV6) : static_cast<int>(IPPROTO_ICMP);
    constexpr int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    int handle = ::socket(family, SOCK_DGRAM | flags, protocol);
    if (handle < 0 && (errno == EACCES || errno == EPERM)) {
      handle = ::socket(family, SOCK_RAW | flags, protocol);
      is_raw_ = true;
    }
    if (handle < 0) {
      const int error = errno;
      const bool is_forbidden = error == EACCES || error == EPERM;
      throw IoError::cannot_judge(
          Reason::prober,
          std::string("no socket for ICMP: ") + std::strerror(error) +
              (is_forbidden
                   ? " (put this group into net.ipv4.ping_group_range, or grant CAP_NET_RAW)"
                   : ""));
    }
    descriptor_.assign(handle);
    static std::uint16_t next_id = 0;
    id_ = static_cast<std::uint16_t>(::getpid() * 31 + ++next_id);
    connect(handle, address);
  }

  void send(std::uint16_t sequence, std::size_t payload) {
    std::string packet(header_size + payload, 'g');
    packet[0] = static_cast<char>(is_v6_ ? ICMP6_ECHO_REQUEST : ICMP_ECHO);
    packet[1] = 0;
    put16(packet, 2, 0);
    put16(packet, 4, id_);
    put16(packet, 6, sequence);
    if (!is_v6_) put16(packet, 2, checksum(packet));
    if (::send(descriptor_.native_handle(), packet.data(), packet.size(), 0) < 0)
      throw boost::system::system_error(errno, boost::system::system_category());
  }

  // The sequence number of an answer that has arrived, or nothing.
  std::optional<std::uint16_t> receive() {
    std::array<char, largest_packet> memory;
    // A raw socket also receives packets for others; many of them must not block the loop.
    constexpr int most_at_once = 64;
    for (int i = 0; i < most_at_once; ++i) {
      const ssize_t size = ::recv(descriptor_.native_handle(), memory.data(), memory.size(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
      if (size < 0) throw boost::system::system_error(errno, boost::system::system_category());
      std::string_view packet(memory.data(), static_cast<std::size_t>(size));
      // A raw IPv4 socket returns the IP header too.
      if (is_raw_ && !is_v6_) {
        const std::size_t header =
            packet.empty() ? 0 : (static_cast<unsigned char>(packet[0]) & 15U) * 4U;
        packet.remove_prefix(std::min(header, packet.size()));
      }
      if (packet.size() < header_size) continue;
      const auto type = static_cast<unsigned char>(packet[0]);
      if (type != (is_v6_ ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY)) continue;
      // An unprivileged socket receives only its own answers, with an id that the kernel chose.
      if (is_raw_ && get16(packet, 4) != id_) continue;
      return get16(packet, 6);
    }
    return std::nullopt;
  }

  Descriptor& descriptor() { return descriptor_; }

 private:
  static void connect(int handle, const asio::ip::address& address) {
    sockaddr_storage target{};
    socklen_t size = 0;
    if (address.is_v6()) {
      auto* in = reinterpret_cast<sockaddr_in6*>(&target);
      in->sin6_family = AF_INET6;
      const auto bytes = address.to_v6().to_bytes();
      std::memcpy(&in->sin6_addr, bytes.data(), bytes.size());
      in->sin6_scope_id = static_cast<std::uint32_t>(address.to_v6().scope_id());
      size = sizeof(sockaddr_in6);
    } else {
      auto* in = reinterpret_cast<sockaddr_in*>(&target);
      in->sin_family = AF_INET;
      const auto bytes = address.to_v4().to_bytes();
      std::memcpy(&in->sin_addr, bytes.data(), bytes.size());
      size = sizeof(sockaddr_in);
    }
    if (::connect(handle, reinterpret_cast<const sockaddr*>(&target), size) != 0)
      throw boost::system::system_error(errno, boost::system::system_category());
  }

  Descriptor descriptor_;
  bool is_v6_;
  bool is_raw_ = false;
  std::uint16_t id_ = 0;
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
      const std::optional<Duration> took = co_await answer_to(socket, sequence, sent, latest);
      if (took) echoes.round_trips.push_back(*took);
      const SteadyTime next = std::min(sent + settings_.interval, latest);
      if (i + 1 < settings_.count) co_await wait_until(socket, next);
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

  // True when there may be something to read, false at `latest`.
  asio::awaitable<bool> is_readable(EchoSocket& socket, SteadyTime latest) {
    bool is_late = false;
    const Timer limit = resources_.clock.call_at(latest, [&socket, &is_late] {
      is_late = true;
      boost::system::error_code ignored;
      socket.descriptor().cancel(ignored);
    });
    boost::system::error_code error;
    co_await socket.descriptor().async_wait(Descriptor::wait_read,
                                            asio::redirect_error(asio::use_awaitable, error));
    if (error && !is_late) throw boost::system::system_error(error);
    co_return !error;
  }

  asio::awaitable<std::optional<Duration>> answer_to(EchoSocket& socket, std::uint16_t sequence,
                                                     SteadyTime sent, SteadyTime latest) {
    while (true) {
      const std::optional<std::uint16_t> seen = socket.receive();
      if (seen == sequence) {
        const std::optional<Duration> took = resources_.clock.now() - sent;
        co_return took;
      }
      if (seen) continue;  // a late answer to an echo that already counts as lost
      const bool goes_on = co_await is_readable(socket, latest);
      if (!goes_on) {
        const std::optional<Duration> lost;
        co_return lost;
      }
    }
  }

  asio::awaitable<void> wait_until(EchoSocket& socket, SteadyTime when) {
    while (resources_.clock.now() < when) {
      co_await is_readable(socket, when);
      socket.receive();  // discards late answers
    }
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
