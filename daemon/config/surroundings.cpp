#include "daemon/config/surroundings.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <string_view>

#include "daemon/config/secret_options.h"
#include "daemon/formats/address.h"

namespace gonogo {
namespace {

constexpr std::string_view docker_prefix = "docker://";
constexpr std::string_view usual_socket = "/var/run/docker.sock";

// The kinds that reach hosts, by whatever of their options.
constexpr std::array<std::string_view, 10> network_kinds{
    "dns", "heartbeat", "http", "ping", "postgres", "promql", "scenario", "tcp", "tls", "version"};

// With these, an answer decides which host is asked next, or another host than the target is asked.
constexpr std::array<std::string_view, 3> keys_that_lead_on{"follow", "hops", "proxy"};

template <typename All>
bool is_among(std::string_view text, const All& all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

template <typename Test>
bool is_any_text(const Node& node, const Test& test) {
  if (node.is_scalar() && test(node.scalar)) return true;
  return std::any_of(node.items.begin(), node.items.end(),
                     [&test](const Node& item) { return is_any_text(item, test); }) ||
         std::any_of(node.entries.begin(), node.entries.end(),
                     [&test](const Node::Entry& entry) { return is_any_text(entry.value, test); });
}

bool leads_on(const Node& node) {
  return std::any_of(node.items.begin(), node.items.end(), leads_on) ||
         std::any_of(node.entries.begin(), node.entries.end(), [](const Node::Entry& entry) {
           return is_among(entry.key, keys_that_lead_on) || leads_on(entry.value);
         });
}

bool is_address(const std::string& text) {
  boost::system::error_code error;
  boost::asio::ip::make_address(text, error);
  return !error;
}

// Whether a name server has to be asked for it.
bool is_name(const std::string& target) {
  if (is_address(target)) return false;
  const auto parsed = parse_target(target, 1);
  return !parsed || (parsed->via == HostPort::Via::network && !is_address(parsed->host));
}

bool is_any_name_at(const Node& options, std::string_view key) {
  return std::any_of(options.entries.begin(), options.entries.end(),
                     [key](const Node::Entry& entry) {
                       return entry.key == key && is_any_text(entry.value, is_name);
                     });
}

bool has(const Node& options, std::string_view key) {
  return std::any_of(options.entries.begin(), options.entries.end(),
                     [key](const Node::Entry& entry) { return entry.key == key; });
}

// A secret may be any address, also tomorrow.
bool asks_names(const Check& check, const Node& options) {
  if (!is_among(check.kind, network_kinds)) return false;
  if (check.kind == "scenario" || leads_on(options) || !secrets_in(options).empty()) return true;
  if (check.kind == "dns") return !has(options, "servers") || is_any_name_at(options, "servers");
  if (check.kind == "ping") return is_any_name_at(options, "host");
  return std::any_of(check.targets.begin(), check.targets.end(), is_name);
}

bool asks_docker(const Check& check, const Node& options) {
  if (check.kind == "docker") return true;
  if (!is_among(check.kind, network_kinds)) return false;
  return !secrets_in(options).empty() || is_any_text(options, [](const std::string& text) {
    return text.find(docker_prefix) != std::string::npos;
  });
}

std::string in_words(const std::vector<std::string>& name_servers) {
  std::string words;
  for (const std::string& server : name_servers) {
    const auto parsed = parse_host_port(server, 53);
    words += " resolver=" + (parsed ? to_text(*parsed) : server);
  }
  return words;
}

}  // namespace

std::string surroundings_of(const Check& check, const Node* options, const Surroundings& all) {
  std::string words = "timeout=" + std::to_string(check.timeout.count());
  if (options == nullptr) return words;
  if (asks_names(check, *options)) words += in_words(all.name_servers);
  if (all.docker_socket != usual_socket && asks_docker(check, *options))
    words += " docker=" + all.docker_socket;
  return words;
}

std::string surroundings_of_prober(bool asks_name_servers, const Surroundings& all) {
  return "max_unsaved=" + std::to_string(all.max_unsaved.count()) +
         (asks_name_servers ? in_words(all.name_servers) : "");
}

}  // namespace gonogo
